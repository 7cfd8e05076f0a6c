"""Whether the other parts of the system answer: a connection that is accepted, no more is asked."""

from __future__ import annotations

import socket
from collections.abc import Mapping

_SECONDS = 0.5

Address = tuple[str, int]


def answering(parts: Mapping[str, Address]) -> dict[str, bool]:
    """Name of each part → whether somebody accepts a connection at its address now. The broker itself is asking."""
    return {"broker": True} | {name: _answers(address) for name, address in parts.items()}


def _answers(address: Address) -> bool:
    try:
        with socket.create_connection(address, _SECONDS):
            return True
    except OSError:
        return False
