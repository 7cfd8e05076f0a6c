"""The guard as the process that the supervisor starts."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.support.system import free_ports

ROOT = Path(__file__).parents[3]


def environment(base: int, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AMANAT_BROKER": f"http://127.0.0.1:{base + 1}/api/v1",
        "AMANAT_STATE": "/nowhere",
        "AMANAT_PORT_BASE": str(base),
        "AMANAT_PUBLIC_URL": f"http://127.0.0.1:{base + 3}",
        "AMANAT_SANDBOXES": "off",
        "AMANAT_GUARD_SECRET": "s3cret",
        **more,
    }


@contextmanager
def running(base: int, **more: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "hub.guard"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(base, **more), stderr=subprocess.PIPE, text=True) as guard:
        try:
            wait_for(base + 3, guard)
            yield guard
        finally:
            guard.kill()


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        if is_open(port):
            return
        time.sleep(0.02)
    raise AssertionError("the guard did not open its port")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_it_serves_without_rights_and_stops_when_told() -> None:
    base = free_ports()
    with running(base) as guard:
        with pytest.raises(HTTPError) as away:
            urlopen(f"http://127.0.0.1:{base + 3}/hub/home", timeout=10)
        with away.value as answer:
            assert answer.code == 502  # there is no proxy in this test
        status = status_of(guard.pid)
        assert status["NoNewPrivs"] == "1"
        if os.geteuid() == 0:
            assert status["Uid"].split() == status["Gid"].split() == ["699991"] * 4
            assert status["Groups"] == ""
            assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
            # Not even another process of the same user reads its memory and secret.
            assert Path(f"/proc/{guard.pid}/environ").stat().st_uid == 0
        guard.send_signal(signal.SIGTERM)
        assert guard.wait(10) == 0
        assert guard.stderr is not None
        assert "s3cret" not in guard.stderr.read()


def test_it_does_not_outlive_its_supervisor() -> None:
    """The kernel forgets what a process asked for at its parent's death when that process changes its user."""
    base = free_ports()
    parent = (
        "import ctypes, signal, subprocess, sys, time\n"
        "dying = lambda: ctypes.CDLL(None).prctl(1, signal.SIGTERM)\n"
        "subprocess.Popen([sys.executable, '-m', 'hub.guard'], preexec_fn=dying)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, env=environment(base), stderr=subprocess.PIPE, text=True
    ) as supervisor:
        wait_for(base + 3, supervisor)
        supervisor.kill()
        supervisor.wait(5)
        until = time.monotonic() + 10
        while time.monotonic() < until and is_open(base + 3):
            time.sleep(0.05)
        assert not is_open(base + 3)


def test_a_missing_setting_is_told_and_nothing_is_opened() -> None:
    settings = environment(free_ports())
    del settings["AMANAT_GUARD_SECRET"]
    done = subprocess.run(
        [sys.executable, "-m", "hub.guard"], cwd=ROOT, env=settings, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert "AMANAT_GUARD_SECRET is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told() -> None:
    base = free_ports()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", base + 3))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "hub.guard"],
            cwd=ROOT,
            env=environment(base),
            capture_output=True,
            text=True,
            timeout=20,
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{base + 3}" in done.stderr
    assert "--port-base" in done.stderr
    assert "Traceback" not in done.stderr


def test_over_tls(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    base = free_ports()
    trusting = ssl.create_default_context(cafile=str(certificate))
    more = {"AMANAT_TLS_CERT": str(certificate), "AMANAT_TLS_KEY": str(key)}
    with running(base, AMANAT_PUBLIC_URL=f"https://localhost:{base + 3}", **more):
        with pytest.raises(HTTPError) as refused:
            urlopen(f"https://localhost:{base + 3}/hub/admin", timeout=10, context=trusting)
        with refused.value as answer:
            assert answer.code == 404
            assert answer.headers["Strict-Transport-Security"]


def self_signed(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"
