"""A whole system with its web half and its sandboxes, and the people who sit before it: for tests of their faults."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from websockets import Origin
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from access_broker.walkthrough.notebook import Kernel, Visitor
from access_broker.walkthrough.telling import Differs
from hub.homes import Homes, is_mounted
from tests.support.docker import docker_client
from tests.support.system import AMANAT, ROOT, System

Found = TypeVar("Found")
PASSWORD = "a-password-of-the-tests"
PATIENCE = 120.0
"""Seconds for what takes one or two: a busy machine is no fault of the system; every wait ends with its condition."""

_PARTS = {
    "hub": "jupyterhub_config.py\0",
    "proxy": "configurable-http-proxy",
    "guard": "\0hub.guard\0",
    "warden": "\0hub.warden\0",
    "broker": "access_broker.main\0broker\0",
    "gateway": "access_broker.main\0gateway\0",
    "publisher": "access_broker.main\0publisher\0",
}
_AWAY = (Differs, httpx.HTTPError, WebSocketException, OSError, AssertionError)


def until(found: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """The first true answer. Fails when there is none within `seconds`, with the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s; the last answer was {answer!r}"
        time.sleep(0.05)
    return answer


def at_last(act: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """What `act` answers once it no longer fails, because what it needs is there again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except _AWAY:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@dataclass
class WebSystem(System):
    """`wrapper`: a program that starts `amanat up` in its own place, with rights or resources taken from it."""

    options: tuple[str, ...] = ()
    wrapper: tuple[str, ...] = ()

    def start(self) -> WebSystem:
        command = [*self.wrapper, *AMANAT, "up", "--state", str(self.state), *self.options]
        command += ["--port-base", str(self.port_base), "--ready-file", str(self.ready_file)]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, text=True, stderr=log, env=os.environ | self.environment
            )
        until(lambda: self.ready_file.exists() or self._process is None or self._process.poll() is not None, 240)
        assert self.ready_file.exists(), f"amanat up ended: {self.said}"
        return self

    @property
    def said(self) -> str:
        """What `amanat up` has told the operator since it was started."""
        return self._log.read_text()

    @property
    def tag(self) -> str:
        """The mark of everything this system makes on the machine."""
        return hashlib.sha256(str(self.state.resolve()).encode()).hexdigest()[:4]

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.wait(PATIENCE) == 0, self.said
            self._process = None

    def kill(self, part: str = "", *, wait: bool = True) -> None:
        """SIGKILL. A part: returns when the supervisor has started it again. Empty: the supervisor, with no return."""
        assert self._process is not None
        if not part:
            self._process.kill()
            self._process.wait()
            self._process = None
            self.ready_file.unlink()
            return
        killed = self.pid_of(part)
        os.kill(killed, signal.SIGKILL)
        if wait:
            until(lambda: self._parts().get(part, killed) != killed)

    def pid_of(self, part: str) -> int:
        return self._parts()[part]

    def processes(self) -> list[int]:
        """Every process that was told this state folder or, as the proxy, one of its ports."""
        marks = (str(self.state).encode(), f"--api-port\0{self.port_base + 5}\0".encode())
        return [pid for pid, told in _told() if any(mark in told for mark in marks)]

    def set_password(self, *people: str) -> None:
        for person in people:
            command = [*AMANAT, "passwd", person, "--state", str(self.state)]
            subprocess.run(command, cwd=ROOT, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)

    def rest(self, token: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.request(method, self.addresses["api"] + path, headers=headers, json=body)

    # --- what there is of it on the machine ---------------------------------------------------------------------------

    def left(self) -> list[str]:
        """Processes, containers, networks, mounts, loop devices, firewall rules and addresses of this system."""
        found = [f"process {pid}" for pid in self.processes()] + self.made()
        found += [f"mount {line}" for line in _lines("cat", "/proc/mounts") if str(self.state) in line]
        found += [f"loop device {line}" for line in _lines("losetup", "--all") if str(self.state) in line]
        for program in ("iptables-save", "ip6tables-save"):
            marks = (f"AMANAT-{self.tag}", f"amt{self.tag}")
            found += [f"{program} {line}" for line in _lines(program) if any(mark in line for mark in marks)]
        return found + [f"address {line}" for line in _lines("ip", "-o", "addr") if f"amt{self.tag}" in line]

    def made(self, contract: str = "") -> list[str]:
        """Containers and networks of this system, or of its sandboxes for one contract; whatever their state."""
        marks = [f"amanat.system={self.tag}", *([f"amanat.contract={contract}"] if contract else [])]
        with docker_client() as client:
            containers = client.api.containers(all=True, filters={"label": marks})
            networks = client.api.networks(filters={"label": marks})
        return [f"container {c['Id'][:12]}" for c in containers] + [f"network {n['Name']}" for n in networks]

    def of(self, person: str, contract: str) -> list[str]:
        """The same for one sandbox, and its home when that is mounted."""
        home = Homes(self.state / "homes").place(person, contract)
        return self.made(contract) + ([f"mount {home}"] if is_mounted(home) else [])

    def address(self, contract: str) -> str:
        """Of the sandbox for this contract, in its own network."""
        with docker_client() as client:
            (found,) = client.api.containers(filters={"label": [f"amanat.contract={contract}"], "name": self.tag})
        (network,) = found["NetworkSettings"]["Networks"].values()
        return str(network["IPAddress"])

    @property
    def _log(self) -> Path:
        return self.state.parent / f"{self.state.name}.up.log"

    def _parts(self) -> dict[str, int]:
        assert self._process is not None
        children = {
            int(pid)
            for file in Path(f"/proc/{self._process.pid}/task").glob("*/children")
            for pid in file.read_text().split()
        }
        lines = {pid: _read(pid, "cmdline").decode(errors="replace") for pid in children}
        return {part: pid for part, words in _PARTS.items() for pid, line in lines.items() if words in f"{line}\0"}


class Browser(Visitor):
    """A person at the hub, who comes back after something went wrong."""

    def ready(self, contract: str) -> None:
        """Starts a sandbox, unless it runs; returns when it serves."""
        answer = self.start(contract)
        assert answer.status_code in (201, 202, 400), answer.text  # 400: it runs already
        at_last(lambda: self.await_sandbox(contract))

    def open(self, contract: str) -> Kernel:
        """Starts a sandbox and a kernel in it. Its socket is to be used in a `with`."""
        self.ready(contract)
        return at_last(lambda: self.kernel(contract))

    def join(self, contract: str) -> Kernel:
        """The kernel that runs in the sandbox, on a new websocket. Raises what a browser would complain of."""
        base = f"/user/{self.person}/{contract}"
        listed = self.get(f"{base}/api/kernels")
        assert listed.status_code == 200, f"{listed.status_code} {listed.text[:200]}"
        path = f"{base}/api/kernels/{listed.json()[0]['id']}/channels"
        address = urlsplit(self.hub)
        return Kernel(
            connect(
                f"ws://{address.netloc}{path}",
                additional_headers={"Cookie": self._cookies(path)},
                origin=Origin(f"http://{address.netloc}"),
                proxy=None,
                open_timeout=20,
            )
        )

    def sign_in_as(self, person: str) -> None:
        self.client.cookies.clear()
        at_last(lambda: self.sign_in(person, PASSWORD))


def browser(system: WebSystem, person: str) -> Iterator[Browser]:
    """For a fixture: signed in; its connections are closed at the end."""
    opened = Browser(system.addresses["hub"])
    with closing(opened.client):
        opened.sign_in_as(person)
        yield opened


def _told() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield int(entry.name), _read(int(entry.name), "cmdline") + _read(int(entry.name), "environ")


def _read(pid: int, name: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_bytes() + b"\0"
    return b""


def _lines(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
