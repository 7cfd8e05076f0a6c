"""The real proxy and the real hub as processes, before a scripted broker; and a browser of few abilities."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from hub.proxy import proxy_command
from hub.settings import Ports
from tests.hub.fake_broker import PASSWORD, SECRET, FakeBroker, fake_broker

ROOT = Path(__file__).resolve().parents[2]
_XSRF = re.compile(r'name="_xsrf" value="([^"]+)"')


@dataclass
class RunningHub:
    broker: FakeBroker
    ports: Ports
    state: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    browsers: list[Browser] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The proxy's: the guard before it is tested by itself."""
        return f"http://127.0.0.1:{self.ports.proxy}"

    def start(self) -> None:
        log = (self.state / "hub.log").open("ab")
        command = [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "jupyterhub_config.py")]
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        log.close()
        _await(f"{self.url}/hub/health", self.process, self.state / "hub.log")

    def stop(self, *, kill: bool = False) -> None:
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(20)
            self.process = None

    def browser(self, language: str = "en") -> Browser:
        """Closed when the hub ends, if nobody closes it before."""
        made = Browser(httpx.Client(base_url=self.url, headers={"Accept-Language": language}, timeout=30))
        self.browsers.append(made)
        return made

    def log(self) -> str:
        return (self.state / "hub.log").read_text()


@dataclass
class Browser:
    client: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, follow_redirects=True)

    def sign_in(self, person: str, password: str = PASSWORD) -> httpx.Response:
        page = self.client.get("/hub/login")
        form = {"_xsrf": _XSRF.findall(page.text)[0], "username": person, "password": password}
        return self.client.post("/hub/login", data=form, follow_redirects=True)

    def start(self, person: str, contract: str) -> httpx.Response:
        """Presses the button on the home page, and reads the page until there is nothing more to wait for."""
        path = f"/hub/spawn/{person}/{contract}"
        answer = self.client.post(path, data={"_xsrf": self.xsrf()}, follow_redirects=True)
        deadline = time.monotonic() + 60
        while 'id="progress"' in answer.text and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = self.client.get(answer.url, follow_redirects=True)
        return answer

    def delete(self, path: str) -> httpx.Response:
        return self.client.delete(path, headers={"X-XSRFToken": self.xsrf()})

    def xsrf(self) -> str:
        return re.findall(r'data-xsrf="([^"]+)"', self.get("/hub/home").text)[0]


@contextmanager
def running_hub(state: Path, more: Mapping[str, str]) -> Iterator[RunningHub]:
    """Broker, proxy and hub on free ports. `more` says what differs from a system without sandboxes."""
    ports = Ports(_free_base())
    command = proxy_command(ports.base)
    assert command, "there is no proxy: run scripts/node.sh"
    with fake_broker(ports.api) as broker:
        hub = RunningHub(broker, ports, state, _environment(broker, ports, state) | more)
        with subprocess.Popen(
            command, env=hub.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as proxy:
            try:
                _await(f"http://127.0.0.1:{ports.proxy_api}/api/routes", proxy, state / "hub.log")
                hub.start()
                yield hub
            finally:
                for browser in hub.browsers:
                    browser.client.close()
                hub.stop()
                proxy.terminate()


def _environment(broker: FakeBroker, ports: Ports, state: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONUNBUFFERED": "1",
        "AMANAT_BROKER": broker.url,
        "AMANAT_HUB_SECRET": SECRET,
        "AMANAT_CONSOLE_SECRET": "1" * 64,
        "AMANAT_WARDEN_SECRET": "2" * 64,
        "CONFIGPROXY_AUTH_TOKEN": "7" * 64,
        "AMANAT_STATE": str(state),
        "AMANAT_PORT_BASE": str(ports.base),
        "AMANAT_PUBLIC_URL": f"http://127.0.0.1:{ports.guard}",
        "AMANAT_SANDBOXES": "off",
    }


def _free_base() -> int:
    for base in range(25200 + os.getpid() % 300 * 16, 32000, 16):
        try:
            for offset in range(8):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text() if log.exists() else url
        try:
            if httpx.get(url, timeout=2).status_code in (200, 403):  # 403: the proxy's own door, without its token
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
