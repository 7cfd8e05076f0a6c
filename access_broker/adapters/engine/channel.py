"""Frames over the private socket pair between the pool and one worker: kind, length, payload.

The worker's side of the wire is not trusted: the pool bounds every length before it makes room for it.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from typing import Any

import pyarrow as pa

_HEADER = struct.Struct("<BI")
_BUFFER_BYTES = 1 << 20
_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
TICK_MS = 50
"""How often a reader that waits looks up."""


class Kind(IntEnum):
    """Pool to worker: BIND, PLAN, RUN, CANCEL. Worker to pool: the rest."""

    BIND = 1
    PLAN = 2
    RUN = 3
    CANCEL = 4
    READY = 16
    BOUND = 17
    PLANNED = 18
    SCHEMA = 19
    BATCH = 20
    END = 21
    ERROR = 22


class Hangup(Exception):  # noqa: N818 - the ordinary end of a peer
    """The other side is gone, or sent something that is not a frame."""


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """A connected pair with buffers of 1 MB where the kernel lets us: a third more throughput than with its default."""
    pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in pair:
        for option, forced in ((socket.SO_SNDBUF, _SO_SNDBUFFORCE), (socket.SO_RCVBUF, _SO_RCVBUFFORCE)):
            end.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
            with suppress(OSError):  # beyond the system-wide maximum: needs a privilege
                end.setsockopt(socket.SOL_SOCKET, forced, _BUFFER_BYTES)
    return pair


class Channel:
    """One end. `receive` belongs to one thread at a time, and so does `send`."""

    def __init__(self, sock: socket.socket, largest: int, send_seconds: float | None = None) -> None:
        """`largest`: bytes of the longest payload accepted. `send_seconds`: None waits for ever."""
        sock.settimeout(send_seconds)
        self._socket = sock
        self._largest = largest
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def send(self, kind: Kind, payload: Any = b"") -> None:
        """`payload` is bytes or an Arrow buffer; neither is copied. Raises Hangup."""
        view = memoryview(payload).cast("B")
        header = _HEADER.pack(kind, view.nbytes)
        try:
            sent = self._socket.sendmsg([header, view])
            # sending nothing is sending too: a peer that has answered and gone already would make it an error
            for rest in (header[sent:], view[max(0, sent - len(header)) :]):
                if len(rest):
                    self._socket.sendall(rest)
        except OSError as error:
            raise Hangup from error

    def receive(self, on_tick: Callable[[], None] | None = None) -> tuple[Kind, pa.Buffer]:
        """The next frame. `on_tick` is called every 50 ms while nothing arrives; what it raises ends the wait.

        Raises Hangup at the end of the stream and on an unknown kind or an oversized length.
        """
        header = bytearray(_HEADER.size)
        self._fill(memoryview(header), on_tick)
        kind, length = _HEADER.unpack(header)
        if length > self._largest or kind not in Kind._value2member_map_:
            raise Hangup
        buffer = pa.allocate_buffer(length)
        if length:
            self._fill(memoryview(buffer), on_tick)
        return Kind(kind), buffer

    def _fill(self, view: memoryview, on_tick: Callable[[], None] | None) -> None:
        while view.nbytes:
            if on_tick is not None and not self._poll.poll(TICK_MS):
                on_tick()
                continue
            try:
                count = self._socket.recv_into(view)
            except OSError as error:
                raise Hangup from error
            if count == 0:
                raise Hangup
            view = view[count:]

    def quiet(self) -> bool:
        """True when nothing waits to be read: an idle peer that is alive and well."""
        return not self._poll.poll(0)

    def close(self) -> None:
        self._socket.close()
