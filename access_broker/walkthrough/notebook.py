"""A person's browser as far as the walkthrough needs one: signing in at the hub, starting a sandbox, running code in
its kernel over the websocket. All through the one public port.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets import Origin
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from access_broker.walkthrough.telling import Differs

_XSRF_FIELD = re.compile(r'name="_xsrf"\s+value="([^"]+)"')
SPAWN_SECONDS = 60


@dataclass
class Visitor:
    """One browser. `hub`: the public address."""

    hub: str
    client: httpx.Client = field(init=False)
    person: str = ""

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.hub, trust_env=False, timeout=60, follow_redirects=True, headers={"Accept-Language": "en"}
        )

    def sign_in(self, person: str, password: str) -> httpx.Response:
        """The page that follows. Raises Differs when it is the sign-in page again."""
        page = self.client.get("/hub/login")
        token = _XSRF_FIELD.search(page.text)
        form = {"username": person, "password": password, "_xsrf": token.group(1) if token else ""}
        after = self.client.post("/hub/login?next=%2Fhub%2Fhome", data=form)
        if after.status_code != 200 or "/login" in after.url.path:
            raise Differs(f"not signed in: {after.status_code} {after.url.path}")
        self.person = person
        return after

    def start(self, contract: str) -> httpx.Response:
        """Ask for a sandbox; 201 started, 202 on its way, 403 refused."""
        path = f"/hub/api/users/{self.person}/servers/{contract}"
        return self.client.post(path, headers=self._headers("/hub/"), json={})

    def stop(self, contract: str) -> None:
        """Stop the sandbox, as the button on the page does; returns when the hub says that it is gone."""
        path, deadline = f"/hub/api/users/{self.person}/servers/{contract}", time.monotonic() + SPAWN_SECONDS
        while time.monotonic() < deadline:
            answer = self.client.delete(path, headers=self._headers("/hub/"))
            if answer.status_code in (204, 404):
                return
            time.sleep(0.1)
        raise Differs(f"not stopped: {answer.status_code}")

    def await_sandbox(self, contract: str) -> None:
        """Returns once the sandbox serves this person; raises Differs when it does not come."""
        deadline = time.monotonic() + SPAWN_SECONDS
        path = f"/user/{self.person}/{contract}/api/status"
        while time.monotonic() < deadline:
            answer = self.client.get(f"/user/{self.person}/{contract}/lab")
            if answer.status_code == 200 and self.client.get(path).status_code == 200:
                return
            time.sleep(0.1)
        raise Differs(f"no sandbox within {SPAWN_SECONDS} s: {answer.status_code} {answer.url.path}")

    def kernel(self, contract: str) -> Kernel:
        """A new kernel in the sandbox. Its socket is to be used in a `with`."""
        base = f"/user/{self.person}/{contract}"
        made = self.client.post(f"{base}/api/kernels", headers=self._headers(base + "/"), json={"name": "python3"})
        if made.status_code != 201:
            raise Differs(f"no kernel: {made.status_code} {made.text[:200]}")
        path = f"{base}/api/kernels/{made.json()['id']}/channels"
        address = urlsplit(self.hub)
        socket = connect(
            f"ws://{address.netloc}{path}",
            additional_headers={"Cookie": self._cookies(path)},
            origin=Origin(f"{address.scheme}://{address.netloc}"),
            max_size=None,
            proxy=None,
            open_timeout=20,
        )
        return Kernel(socket)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def _headers(self, path: str) -> dict[str, str]:
        token = next((c.value for c in self._jar(path) if c.name == "_xsrf"), "") or ""
        return {"X-XSRFToken": token, "Referer": self.hub + path, "Origin": self.hub}

    def _cookies(self, path: str) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar(path))

    def _jar(self, path: str) -> list[Any]:
        """The cookies a browser would send to `path`, the most specific first."""
        fitting = [cookie for cookie in self.client.cookies.jar if path.startswith(cookie.path)]
        return sorted(fitting, key=lambda cookie: -len(cookie.path))


@dataclass
class Kernel:
    """A running kernel behind its websocket."""

    socket: ClientConnection

    def begin(self, code: str) -> str:
        """Send code; returns the id under which its output comes."""
        id = uuid.uuid4().hex
        header = {"msg_id": id, "msg_type": "execute_request", "username": "", "session": "walk", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.socket.send(json.dumps(message))
        return id

    def run(self, code: str, seconds: float = 60) -> str:
        """What the code printed. Raises Differs with the kernel's error."""
        id, deadline, text = self.begin(code), time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            kind, content = self.message(id, deadline - time.monotonic())
            if kind == "stream":
                text += content["text"]
            elif kind == "error":
                raise Differs(f"{content['ename']}: {content['evalue']}"[:400])
            elif kind == "status" and content["execution_state"] == "idle":
                return text.strip()
        raise Differs(f"the kernel did not finish in {seconds:g} s")

    def message(self, id: str, seconds: float) -> tuple[str, dict[str, Any]]:
        """The next message that belongs to `id`. Raises TimeoutError, ConnectionClosed."""
        deadline = time.monotonic() + seconds
        while True:
            raw = self.socket.recv(timeout=max(0.01, deadline - time.monotonic()))
            message = json.loads(raw)
            if message.get("parent_header", {}).get("msg_id") == id:
                return message["header"]["msg_type"], message["content"]

    def last_output(self, id: str, seconds: float) -> datetime | None:
        """When the last output of `id` arrived, watching until the socket ends or nothing has come for `seconds`."""
        last = None
        try:
            while True:
                self.message(id, seconds)
                last = datetime.now(UTC)
        except (ConnectionClosed, TimeoutError):
            return last
