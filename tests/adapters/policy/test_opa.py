from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from access_broker.adapters.policy import OpaPolicy, OpaServer
from access_broker.use_cases.ports import Unavailable
from tests.adapters.policy.conftest import write_policy


def refused(policy: OpaPolicy, entrypoint: str = "login", facts: Any = None) -> str:
    with pytest.raises(Unavailable) as raised:
        policy.decide(entrypoint, {} if facts is None else facts)
    assert raised.value.code == "POLICY_UNAVAILABLE"
    return raised.value.cause


def test_it_decides(server: OpaServer) -> None:
    with OpaPolicy(server.host, server.port, timeout=5) as policy:
        assert policy.name == "opa"
        assert policy.decide("acts", {})["reasons"] == [{"code": "MALFORMED_FACTS", "rule": ""}]


def test_what_is_not_asked_for_decisions_denies(server: OpaServer) -> None:
    with OpaPolicy(server.host, server.port, timeout=5) as policy:
        refused(policy, "keys")
        refused(policy, "nowhere")
        refused(policy, "acts/decision")


def test_undefined_denies(tmp_path: Path) -> None:
    write_policy(tmp_path, "allow if input.method in {`GET`, `POST`}", "authz")
    path = tmp_path / "authz" / "authz.rego"
    path.write_text(path.read_text().replace("package authz", "package system.authz"))
    write_policy(tmp_path, 'decision := {"allow": true, "reasons": []} if input.good')
    with OpaServer(directory=tmp_path) as server, OpaPolicy(server.host, server.port, timeout=5) as policy:
        assert policy.decide("login", {"good": True})["allow"] is True
        assert refused(policy, facts={}) == "the decision is undefined"


def test_facts_that_are_not_json_deny(server: OpaServer) -> None:
    with OpaPolicy(server.host, server.port, timeout=5) as policy:
        refused(policy, facts={"x": float("nan")})
        refused(policy, facts={"x": object()})
        assert policy.decide("acts", {})["allow"] is False


def test_a_killed_server_denies_within_a_second() -> None:
    with OpaServer() as server, OpaPolicy(server.host, server.port) as policy:
        policy.decide("acts", {})
        server.stop()
        for _ in range(2):
            began = time.monotonic()
            refused(policy)
            assert time.monotonic() - began < 1


def test_a_restarted_server_is_found_again() -> None:
    with OpaServer() as first, OpaPolicy(first.host, first.port, timeout=5) as policy:
        policy.decide("acts", {})
        first.stop()
        refused(policy)
        with OpaServer(first.port):
            assert policy.decide("acts", {})["allow"] is False


def test_nobody_listening_denies_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with OpaPolicy("127.0.0.1", port) as policy:
        began = time.monotonic()
        refused(policy)
        assert time.monotonic() - began < 1


def test_a_server_that_says_nothing_denies_within_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, OpaPolicy("127.0.0.1", silent.getsockname()[1]) as policy:
        began = time.monotonic()
        refused(policy)
        assert time.monotonic() - began < 1


def test_many_threads_share_few_connections(server: OpaServer) -> None:
    with OpaPolicy(server.host, server.port, timeout=10) as policy, ThreadPoolExecutor(6) as threads:
        answers = threads.map(lambda number: policy.decide("acts", {"now": number})["allow"], range(120))
        assert set(answers) == {False}
        assert 1 <= len(policy._idle) <= 6


def test_one_caller_keeps_one_connection_across_threads(server: OpaServer) -> None:
    with OpaPolicy(server.host, server.port, timeout=10) as policy:
        for _ in range(5):
            caller = threading.Thread(target=policy.decide, args=("acts", {}))
            caller.start()
            caller.join()
        assert len(policy._idle) == 1


@contextmanager
def answering(status: int, body: bytes) -> Iterator[int]:
    """A server that is not OPA and answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as stranger:
        thread = threading.Thread(target=stranger.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield stranger.server_address[1]
        finally:
            stranger.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"not json"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"result": true}'),
        (200, b'{"result": {"allow": true}}'),
        (200, b'{"result": {"allow": true, "reasons": [{"code": "X", "rule": ""}]}}'),
        (404, b'{"result": {"allow": true, "reasons": []}}'),
        (500, b'{"result": {"allow": true, "reasons": []}}'),
    ],
)
def test_anything_but_a_decision_denies(status: int, body: bytes) -> None:
    with answering(status, body) as port, OpaPolicy("127.0.0.1", port, timeout=5) as policy:
        refused(policy)


def test_a_proxy_of_the_environment_is_not_asked(server: OpaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would see the facts, and could answer in OPA's place."""
    with answering(200, b'{"result": {"allow": true, "reasons": []}}') as port:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with OpaPolicy(server.host, server.port, timeout=5) as policy:
            assert policy.decide("acts", {})["allow"] is False
