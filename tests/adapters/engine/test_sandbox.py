"""Each wall is tried from inside, alone and with the others; the same attempts succeed where no wall stands."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from access_broker.adapters.engine import landlock, sandbox, seccomp
from access_broker.adapters.engine.limits import Limits

PROBE = Path(__file__).with_name("probe.py")

FILES = {"read_other", "read_proc", "read_sys", "list_folder", "write_published", "write_beside", "truncate_published"}
TCP = {"connect_tcp", "listen_tcp"}
SOCKETS = {"connect_tcp", "connect_unix", "listen_tcp"}
OTHERS = {"fork", "signal_parent"}


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    """A published file, another file, and listeners on loopback and on a unix socket."""
    folder = tmp_path_factory.mktemp("probe")
    (folder / "published").write_bytes(b"rows")
    (folder / "other").write_bytes(b"secret")
    unix = str(folder / "socket")
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as local:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(16)
        local.bind(unix)
        local.listen(16)
        yield [str(folder / "published"), str(folder / "other"), str(tcp.getsockname()[1]), unix]


def possible(walls: str, targets: list[str]) -> set[str]:
    child = subprocess.run(
        [sys.executable, str(PROBE), walls, *targets], capture_output=True, text=True, check=True, timeout=20
    )
    return {name for name, succeeded in json.loads(child.stdout).items() if succeeded}


@pytest.fixture(scope="module")
def everything(targets):
    return possible("none", targets)


def test_without_walls_everything_succeeds(everything):
    assert everything >= {"read_published", *FILES, *SOCKETS, *OTHERS, "chmod_published"}


def test_behind_all_walls_nothing_succeeds_but_reading_an_open_descriptor(targets):
    assert possible("all", targets) <= {"read_published"}


def test_landlock_alone_leaves_the_one_file(targets, everything):
    left = possible("landlock", targets)
    assert "read_published" in left
    stopped = FILES | (TCP if landlock.abi() >= 4 else set())
    assert everything - left >= stopped - ({"truncate_published"} if landlock.abi() < 3 else set())


def test_an_empty_network_alone_stops_tcp(targets, everything):
    left = possible("network", targets)
    assert "connect_tcp" not in left
    assert left >= FILES - {"read_sys"}


def test_the_call_filter_alone_stops_sockets_forks_signals_and_changes(targets, everything):
    left = possible("system_calls", targets)
    assert everything - left >= SOCKETS | OTHERS | {"chmod_published", "truncate_published"}
    assert left >= {"read_published", "read_other"}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (1, ((1 << 13) - 1, 0, 0)),
        (2, ((1 << 14) - 1, 0, 0)),
        (3, ((1 << 15) - 1, 0, 0)),
        (4, ((1 << 15) - 1, 3, 0)),
        (5, ((1 << 16) - 1, 3, 0)),
        (6, ((1 << 16) - 1, 3, 3)),
        (7, ((1 << 16) - 1, 3, 3)),
    ],
)
def test_every_right_a_kernel_knows_is_taken_away(version, expected):
    assert landlock.handled(version) == expected


def test_both_machines_refuse_the_same_calls_but_for_those_one_does_not_have():
    x86, arm = seccomp.refused_calls("x86_64"), seccomp.refused_calls("aarch64")
    assert set(arm) < set(x86)
    assert {"socket", "connect", "execve", "ptrace", "io_uring_setup"} <= set(arm)
    assert len(set(x86.values())) == len(x86)
    assert len(set(arm.values())) == len(arm)
    assert len(seccomp.program("x86_64")) % 8 == 0


def test_walls_are_not_raised_beside_a_running_thread():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="another one is running"):
            sandbox.raise_walls(sandbox.WallPlan(0, None, Limits()), network=False)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    ("standing", "missing"),
    [
        ([sandbox.LANDLOCK, sandbox.NETWORK], ()),
        ([sandbox.LANDLOCK, sandbox.SYSCALLS], ()),
        ([sandbox.LANDLOCK], (sandbox.NETWORK,)),
        ([sandbox.NETWORK, sandbox.SYSCALLS], (sandbox.LANDLOCK,)),
        ([], (sandbox.LANDLOCK, sandbox.NETWORK)),
    ],
)
def test_landlock_and_one_of_two_network_walls_are_essential(standing, missing):
    assert sandbox.missing_walls(standing) == missing


def test_a_missing_essential_wall_stops_the_worker():
    code = (
        "import os, sys; from access_broker.adapters.engine import landlock, sandbox; from access_broker.adapters."
        "engine.limits import Limits; landlock.abi = lambda: 0; plan = sandbox.WallPlan(0, None, Limits());"
        "allow = sys.argv[1] == 'allow'; print(sandbox.raise_walls(plan, False, allow))"
    )
    refused = subprocess.run([sys.executable, "-c", code, "no"], capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "WallMissing: essential walls missing: landlock" in refused.stderr
    allowed = subprocess.run([sys.executable, "-c", code, "allow"], capture_output=True, text=True, check=True)
    assert "landlock" not in allowed.stdout
    assert "system_calls" in allowed.stdout


def test_the_doctor_sees_every_wall_by_name():
    available = sandbox.walls_available()
    assert set(available) == set(sandbox.WALLS)
    assert available[sandbox.LANDLOCK] == (landlock.abi() > 0)
    assert available[sandbox.IDENTITY] == (os.geteuid() == 0)
