"""A machine of our own for firewall tests: a network namespace, with others attached to it by cables."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_LISTEN = """
import socket, sys, threading
def serve(address, port):
    with socket.create_server((address, port)) as server:
        while True:
            peer, (source, _) = server.accept()
            peer.sendall(source.encode())
            peer.close()
for place in sys.argv[1:]:
    address, port = place.rsplit(":", 1)
    threading.Thread(target=serve, args=(address, int(port))).start()
print("listening", flush=True)
"""
_CONNECT = """
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1) as peer:
        print("reached as", peer.recv(100).decode())
except OSError as error:
    print("no way:", type(error).__name__, error.errno)
"""


@dataclass(frozen=True)
class Namespace:
    name: str

    def run(self, *command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        line = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(line, cwd=ROOT, env=os.environ | (env or {}), capture_output=True, text=True, timeout=30)

    def must(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def connect(self, address: str, port: int) -> str:
        """`reached as ADDRESS`, or `no way: …`."""
        return self.must(sys.executable, "-c", _CONNECT, address, str(port)).strip()

    def cable(self, here: str, address: str, other: Namespace, there: str, other_address: str) -> None:
        """A cable between us and `other`; addresses with their prefix."""
        self.must("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", other.name)
        for namespace, device, own in ((self, here, address), (other, there, other_address)):
            namespace.must("ip", "address", "add", own, "dev", device)
            namespace.must("ip", "link", "set", device, "up")

    @contextmanager
    def listening(self, *places: str) -> Iterator[None]:
        """At each `ADDRESS:PORT`, answers every caller with the address it comes from."""
        line = ["ip", "netns", "exec", self.name, sys.executable, "-c", _LISTEN, *places]
        with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                assert process.stdout.readline() == "listening\n"
                yield
            finally:
                process.kill()


@contextmanager
def namespace(suffix: str) -> Iterator[Namespace]:
    """Skips, with the reason, where nobody may make one."""
    made = Namespace(f"amc-{os.getpid()}-{suffix}")
    done = subprocess.run(["ip", "netns", "add", made.name], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"not run: network namespaces need root ({done.stderr.strip()})")
    try:
        made.must("ip", "link", "set", "lo", "up")
        yield made
    finally:
        subprocess.run(["ip", "netns", "del", made.name], check=True)
