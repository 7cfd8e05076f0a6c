"""A broker and a hub that are played, over HTTP, for the parts that speak to them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import docker
from docker.errors import NotFound

from hub.engine import Engine

WHY = {"code": "CONTRACT_CUT", "rule": "F-13", "since": "2026-01-01T00:00:00Z", "generation": 4}


class Served:
    """An HTTP server on a free port, in threads of its own."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                status, content = outer.answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(BrokenPipeError):  # whoever asked may have lost patience, or been killed
                    self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._handler = Handler
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        """On the port it had before, if any."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class PlayedBroker(Served):
    """Keeps the list of sandboxes, and everything it is told. `hear` is called with every acknowledgement."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: dict[str, dict[str, Any]] = {}
        self.told: list[dict[str, Any]] = []
        self.ended: dict[str, str] = {}
        self.silent = False
        self.hear: Callable[[dict[str, Any]], None] = lambda told: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def admit(self, sandbox: str, person: str, contract: str, state: str) -> None:
        place = {"slot": 1, "subnet": "198.18.0.8/29", "gateway": "198.18.0.9", "address": "198.18.0.10"}
        about = {"sandbox": sandbox, "person": person, "contract": contract, "generation": 3, "state": state}
        with self.lock:
            self.listed[sandbox] = about | place | {"must_end": None}

    def cut(self, *sandboxes: str) -> float:
        """Returns when it was done, on the monotonic clock."""
        with self.lock:
            for sandbox in sandboxes:
                self.listed[sandbox]["must_end"] = WHY
        return time.monotonic()

    def steps(self, sandbox: str) -> list[str]:
        return [f"{told['component']}: {told['step']}" for told in self.told if told.get("sandbox") == sandbox]

    def detail(self, sandbox: str, step: str) -> dict[str, Any]:
        return next(told["detail"] for told in self.told if (told.get("sandbox"), told["step"]) == (sandbox, step))

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        parts = path.removeprefix("/api/v1/hub/").split("/")
        if self.silent:
            return 503, b""
        if parts == ["acknowledgements"]:
            self.told.append(body | {"received": time.monotonic()})
            self.hear(body)
            return 204, b""
        if parts[0] == "extract":
            lines = [{"position": n, "hash": f"{n:064x}", "subject": parts[1]} for n in (4, 9)]
            return 200, "".join(json.dumps(line) + "\n" for line in lines).encode()
        with self.lock:
            if parts == ["sandboxes"]:
                return 200, json.dumps(list(self.listed.values())).encode()
            self.ended[parts[1]] = body["why"]
            self.listed.pop(parts[1], None)
            return 204, b""


class PlayedHub(Served):
    """Removes container and network like the real one. `mood`: willing, stuck (never done) or refusing."""

    api: docker.APIClient
    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        self.mood, self.asked = "willing", list[str]()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path}")
        if self.mood != "willing":
            return (202 if self.mood == "stuck" else 500), b""
        if "/servers/" not in path:  # it plays the proxy as well
            return 204, b""
        person, _, contract = path.split("/")[-3:]
        for found in self.engine.containers():
            if (found.person, found.contract) == (person, contract):
                self._stop(self.engine.name(found.sandbox))
        return 204, b""

    def _stop(self, name: str) -> None:
        try:
            self.api.stop(name, timeout=0)
            self.api.remove_container(name, force=True)
            self.api.remove_network(name)
        except NotFound:
            pass
