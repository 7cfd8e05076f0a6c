"""A stand-in for the guard's inner door: carries what comes from sandboxes to the hub, and remembers from where."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class _Door(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, here: tuple[str, int], hub: int) -> None:
        super().__init__(here, _Carry)
        self.hub = hub
        self.seen: set[str] = set()


class _Carry(socketserver.BaseRequestHandler):
    server: _Door

    def handle(self) -> None:
        self.server.seen.add(self.client_address[0])
        with socket.create_connection(("127.0.0.1", self.server.hub)) as hub:
            back = threading.Thread(target=_pour, args=(hub, self.request), daemon=True)
            back.start()
            _pour(self.request, hub)
            back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def inner_door(address: str, port: int, hub: int) -> Iterator[set[str]]:
    """Yields the addresses that have called."""
    with _Door((address, port), hub) as door:
        thread = threading.Thread(target=door.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield door.seen
        finally:
            door.shutdown()
            thread.join()
