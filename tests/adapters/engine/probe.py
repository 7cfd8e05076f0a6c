"""Run as a program: raise the walls named on the command line, then try what they are there to stop; prints JSON.

`python probe.py WALLS FILE OTHER PORT UNIX_SOCKET`, WALLS being comma-separated, `none` for the positive control.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from access_broker.adapters.engine import kernel, landlock, sandbox, seccomp
from access_broker.adapters.engine.limits import Limits


def raise_named(walls: list[str], published: int) -> None:
    network = sandbox.isolate_network() if {"network", "all"} & set(walls) else False
    kernel.forbid_new_privileges()
    if "landlock" in walls:
        landlock.restrict_to_file(published)
    if "system_calls" in walls:
        seccomp.restrict_syscalls()
    if "all" in walls:
        uid = 65534 if os.geteuid() == 0 else None
        sandbox.raise_walls(sandbox.WallPlan(published, uid, Limits()), network)


def connect(family: int, address: object) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.connect(address)


def listen() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))


def fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def tries(file: str, other: str, port: int, unix: str) -> dict[str, Callable[[], object]]:
    beside = Path(file).parent / "written"
    return {
        "read_published": lambda: Path(file).read_bytes(),
        "read_other": lambda: Path(other).read_bytes(),
        "read_proc": lambda: Path("/proc/self/status").read_bytes(),
        "read_sys": lambda: Path("/sys/devices/system/cpu/online").read_bytes(),
        "list_folder": lambda: os.listdir(Path(file).parent),
        "write_published": lambda: os.close(os.open(file, os.O_WRONLY)),
        "write_beside": lambda: beside.write_bytes(b"x"),
        "chmod_published": lambda: os.chmod(file, 0o444),
        "truncate_published": lambda: os.truncate(file, Path(file).stat().st_size),
        "connect_tcp": lambda: connect(socket.AF_INET, ("127.0.0.1", port)),
        "connect_unix": lambda: connect(socket.AF_UNIX, unix),
        "listen_tcp": listen,
        "fork": fork,
        "signal_parent": lambda: os.kill(os.getppid(), 0),
    }


def outcome(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def main(walls: str, file: str, other: str, port: str, unix: str) -> None:
    attempts = tries(file, other, int(port), unix)
    raise_named(walls.split(","), os.open(file, os.O_PATH))
    print(json.dumps({name: outcome(attempt) for name, attempt in attempts.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
