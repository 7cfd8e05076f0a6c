"""`python -m hub.guard`: binds the doors, gives up all rights, and serves until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys

from hub.guard.confine import give_up_rights
from hub.guard.options import Options
from hub.guard.running import Sockets, run
from hub.settings import SettingsFaulty


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="guard: %(message)s", stream=sys.stderr)
    logging.getLogger("aiohttp").setLevel(logging.ERROR)
    try:
        options = Options.from_environment()
        tls = options.tls()
        ports, sandboxes = options.settings.system.ports, options.settings.system.sandboxes
        public = bind(options.address, ports.guard)
        inner = bind(sandboxes.inner, ports.inner) if sandboxes else None
        give_up_rights()
    except (SettingsFaulty, OSError) as error:
        print(f"guard: {error}", file=sys.stderr)
        return 1
    asyncio.run(run(options, Sockets(public, inner, tls)))
    return 0


def bind(address: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError with a sentence that names the address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        listener.close()
        raise OSError(
            f"cannot listen on {address}:{port} ({error.strerror}): "
            "stop what uses this port, or choose another --port-base."
        ) from error
    listener.setblocking(False)
    return listener


if __name__ == "__main__":
    sys.exit(main())
