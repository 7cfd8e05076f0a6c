"""The running hub with all that it makes on this machine: sandboxes in real containers, before a scripted broker."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from hub.engine import Engine
from hub.homes import is_mounted, unmount_all
from hub.walls import Walls, choose_pool, remove
from tests.hub.inner_door import inner_door
from tests.hub.running_hub import RunningHub, running_hub

TAG = f"c{os.getpid() & 0xFFF:03x}"
OURS = {"label": f"amanat.system={TAG}"}


@dataclass
class Yard:
    """The running hub and what it has made on this machine."""

    hub: RunningHub
    docker: docker.DockerClient
    walls: Walls
    callers: set[str]

    def containers(self) -> list[Any]:
        return list(self.docker.containers.list(all=True, ignore_removed=True, filters=OURS))

    def networks(self) -> list[Any]:
        return list(self.docker.networks.list(filters=OURS))

    def mounts(self) -> list[Path]:
        homes = self.hub.state / "homes"
        return [place for place in homes.iterdir() if is_mounted(place)] if homes.exists() else []

    def is_empty(self) -> bool:
        return not (self.containers() or self.networks() or self.mounts() or self.hub.broker.sandboxes)

    def clear(self) -> None:
        engine = Engine(TAG)
        for sandbox in {found.sandbox for found in engine.containers()} | set(engine.networks()):
            engine.remove(sandbox)
        unmount_all(self.hub.state / "homes")
        self.hub.broker.sandboxes.clear()
        self.hub.broker.refusals.clear()
        self.hub.broker.told.clear()


@contextmanager
def running_yard(engine: docker.DockerClient, image: str, state: Path) -> Iterator[Yard]:
    """Hub, proxy, walls, networks and homes are the real ones. Skips where sandboxes cannot be."""
    if os.geteuid() != 0 or not shutil.which("iptables"):
        pytest.skip("not run: sandboxes need root and iptables")
    pool = choose_pool()
    known = {"AMANAT_SANDBOXES": "on", "AMANAT_TAG": TAG, "AMANAT_POOL": str(pool), "AMANAT_SANDBOX_IMAGE": image}
    try:
        with running_hub(state, known | {"AMANAT_HOME_MB": "64"}) as hub:
            hub.broker.pool = pool
            walls = Walls(TAG, pool, hub.ports.base)
            walls.install()
            with inner_door(walls.inner, hub.ports.inner, hub.ports.hub) as callers:
                made = Yard(hub, engine, walls, callers)
                yield made
                made.clear()
    finally:
        remove(TAG)


def within(seconds: float, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it has not come about in time"
        time.sleep(0.1)
