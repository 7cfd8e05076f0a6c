"""A host of our own outside of everything: a listener in a network namespace, made and removed by the walkthrough."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from access_broker.walkthrough.telling import NotRun

HOST, NEAR = "198.19.255.2", "198.19.255.1"  # of the range for tests of network equipment, routed nowhere
PORT = 8099
_LISTEN = (
    "import socketserver,sys\n"
    "class H(socketserver.BaseRequestHandler):\n"
    "    def handle(self): self.request.sendall(b'outside')\n"
    "socketserver.ThreadingTCPServer.allow_reuse_address=True\n"
    f"socketserver.ThreadingTCPServer(('{HOST}',{PORT}),H).serve_forever()\n"
)
PROBE = """
import socket
def probe(host, port):
    try:
        with socket.create_connection((host, port), 2) as door:
            return 'reached ' + door.recv(9).decode(errors='replace')
    except OSError:
        return 'no way'
"""
"""Defines `probe(host, port)`; runs in a kernel as well as in a bare container."""


@contextmanager
def listener() -> Iterator[tuple[str, int]]:
    """(host, port) of a listener that any unguarded container of this machine can reach."""
    if os.geteuid() != 0:
        raise NotRun("a network namespace needs root")
    name = f"amw{os.getpid()}"
    serving = None
    try:
        _ip("netns", "add", name)
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("addr", "add", f"{NEAR}/30", "dev", name)
        _ip("link", "set", name, "up")
        _ip("-n", name, "addr", "add", f"{HOST}/30", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        _ip("-n", name, "route", "add", "default", "via", NEAR)
        serving = subprocess.Popen(["ip", "netns", "exec", name, sys.executable, "-c", _LISTEN])
        time.sleep(0.5)
        yield HOST, PORT
    finally:
        if serving is not None:
            serving.kill()
            serving.wait()
        subprocess.run(["ip", "link", "del", name], capture_output=True)
        subprocess.run(["ip", "netns", "del", name], capture_output=True)


def unguarded(image: str, host: str, port: int) -> str:
    """What a container without our walls sees: the positive control."""
    code = PROBE + f"print(probe('{host}', {port}))"
    command = ["docker", "run", "--rm", "--entrypoint", "/opt/venv/bin/python", image, "-c", code]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60)
    return done.stdout.strip() or done.stderr.strip()[-200:]


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
