"""As much of the hub as a single-user server asks for: its version, and whose a token is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PERSON = "sara"
CONTRACT = "support-1"
PREFIX = f"/user/{PERSON}/{CONTRACT}/"
TOKEN = "token-of-sara"
STRANGER = "token-of-somebody-else"
SERVER_TOKEN = "token-of-the-server"
_ACCESS = f"access:servers!server={PERSON}/{CONTRACT}"
_SCOPES = {TOKEN: (PERSON, [_ACCESS]), STRANGER: ("babak", ["access:servers!user=babak"])}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.rstrip("/") == "/hub/api":
            self._answer(200, {"version": "6.1.1"})
            return
        token = (self.headers.get("Authorization") or "").split(" ")[-1]
        name, scopes = _SCOPES.get(token, ("", []))
        if name and self.path == "/hub/api/user":
            user = {"kind": "user", "name": name, "groups": [], "admin": False, "scopes": scopes}
            self._answer(200, user)
        else:
            self._answer(403, {"status": 403, "message": "Missing or invalid credentials."})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(200, {})

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing: the tests' own output is enough."""

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def fake_hub(address: str) -> Iterator[int]:
    """Answers on a free port of `address`, which it yields."""
    server = ThreadingHTTPServer((address, 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
