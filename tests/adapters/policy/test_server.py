from __future__ import annotations

import os
import socket
from pathlib import Path

import httpx
import pytest

from access_broker.adapters.policy import OpaError, OpaServer, find_opa, opa_command, server
from tests.adapters.policy.conftest import write_policy


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without OPA; returns an empty folder."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.delenv("AMANAT_OPA", raising=False)
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setattr(server, "tools_dir", lambda: empty)
    return empty


def program(folder: Path) -> Path:
    path = folder / "opa"
    path.write_text("#!/bin/sh\nexit 3\n")
    path.chmod(0o755)
    return path


def test_a_machine_without_opa_gets_the_remedy(nowhere: Path) -> None:
    with pytest.raises(OpaError, match="AMANAT_OPA"):
        find_opa()
    with pytest.raises(OpaError, match="go install"):
        OpaServer().start()


def test_opa_is_looked_for_in_order(nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [tmp_path / name for name in ("tools", "path", "named", "argument")]
    for place in places:
        place.mkdir()
    tools, on_path, named, argument = map(program, places)
    monkeypatch.setattr(server, "tools_dir", lambda: tools.parent)
    assert find_opa() == tools
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_opa() == on_path
    monkeypatch.setenv("AMANAT_OPA", str(named))
    assert find_opa() == named
    assert find_opa(argument) == argument


def test_a_named_place_without_a_program_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMANAT_OPA", str(tmp_path / "gone"))
    with pytest.raises(OpaError, match="gone"):
        find_opa()


def test_it_starts_answers_and_stops() -> None:
    running = OpaServer()
    running.start()
    pid = running.pid
    assert pid is not None
    try:
        assert httpx.get(f"http://{running.host}:{running.port}/health", trust_env=False).status_code == 200
    finally:
        running.stop()
    running.stop()
    assert running.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_taken_port_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OpaError, match="taken"):
        OpaServer(taken.getsockname()[1]).start()


def test_a_broken_policy_is_told(tmp_path: Path) -> None:
    broken = OpaServer(directory=write_policy(tmp_path, "decision := {"))
    with pytest.raises(OpaError, match=r"login\.rego"):
        broken.start()
    assert broken.pid is None


def test_one_that_does_not_come_up_is_given_up(nowhere: Path, tmp_path: Path) -> None:
    path = program(tmp_path)
    path.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    slow = OpaServer(executable=path, patience=0.2)
    with pytest.raises(OpaError, match="did not start"):
        slow.start()
    assert slow.pid is None


def test_the_command_names_the_deciding_files_only() -> None:
    command = opa_command(8181)
    assert "--addr=127.0.0.1:8181" in command
    rego = [part for part in command if part.endswith(".rego")]
    assert any(part.endswith("access/access.rego") for part in rego)
    assert not [part for part in rego if "_test" in part or "testing" in part]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/policies"),
        ("PUT", "/v1/policies/access"),
        ("GET", "/v1/data"),
        ("PUT", "/v1/data/access"),
        ("POST", "/v1/data/access/reasons"),
        ("POST", "/v1/query"),
        ("POST", "/"),
        ("GET", "/v1/config"),
        ("GET", "/metrics"),
        ("DELETE", "/v1/policies/access"),
    ],
)
def test_it_answers_decisions_and_nothing_else(server: OpaServer, method: str, path: str) -> None:
    answer = httpx.request(method, f"http://{server.host}:{server.port}{path}", content="{}", trust_env=False)
    assert answer.status_code == 401
