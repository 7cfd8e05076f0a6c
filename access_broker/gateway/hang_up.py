"""Breaking connections from below, for clients that keep one open and neither read nor leave.

gRPC's own way, a shutdown with a deadline, is not to be had through pyarrow: without it the server, and with it the end
of the process, waits for such a client for ever.
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress


def hang_up(port: int) -> int:
    """Break every connection of this process that came in at `port`; returns how many. Linux only."""
    broken = 0
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # a descriptor may be closed, or turn out to be no connection, while we look at it
            broken += _break_if_at(int(name), port)
    return broken


def _break_if_at(descriptor: int, port: int) -> bool:
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return False
    with socket.socket(fileno=os.dup(descriptor)) as connection:
        if connection.family not in (socket.AF_INET, socket.AF_INET6) or connection.getsockname()[1] != port:
            return False
        connection.getpeername()  # raises for the listening socket
        connection.shutdown(socket.SHUT_RDWR)
    return True
