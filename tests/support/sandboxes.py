"""Real containers with real homes, beside a broker and a hub that are played: what the warden and the sweep work on."""

from __future__ import annotations

import io
import re
import secrets
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import docker

from hub.engine import Engine
from hub.homes import Homes, unmount_all
from tests.support.played import PlayedBroker, PlayedHub

_PROGRAMS = ("/bin/sh", "/bin/sleep")
BUSY = """trap '' TERM INT; (trap '' TERM; while :; do echo x >> /home/sandbox/count; done) &
while :; do echo y >> /home/sandbox/count; done"""
"""Two processes that write to the home as fast as they can, and do not listen to signals."""


def small_image(client: docker.DockerClient, name: str) -> None:
    """An image of this machine's shell and `sleep` with their libraries; nothing is fetched."""
    files = set(_PROGRAMS)
    for program in _PROGRAMS:
        listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        files |= set(re.findall(r"(/\S+)", listed))
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", dereference=True) as archive:
        for file in sorted(files):
            archive.add(file, arcname=file.lstrip("/"))
        for folder in ("tmp", "home/sandbox", "proc", "dev", "sys", "etc"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
    repository, tag = name.split(":")
    client.api.import_image_from_data(content.getvalue(), repository=repository, tag=tag)


@dataclass
class World:
    """One system's sandboxes under a TAG of their own, and the two that are played."""

    client: docker.DockerClient
    image: str
    state: Path
    broker: PlayedBroker
    hub: PlayedHub
    tag: str = field(default_factory=lambda: secrets.token_hex(2))

    def __post_init__(self) -> None:
        self.engine, self.homes = Engine(self.tag), Homes(self.state / "homes", size_mb=8)

    def sandbox(
        self, contract: str = "c-1", script: str = BUSY, *, state: str = "running", person: str = "sara"
    ) -> str:
        """On the broker's list and, unless `script` is empty, running. Its id."""
        name = secrets.token_hex(6)
        self.broker.admit(name, person, contract, state)
        if script:
            self.contain(name, person, contract, script)
        return name

    def contain(self, sandbox: str, person: str, contract: str, script: str) -> None:
        name = self.engine.name(sandbox)
        labels = {"amanat.system": self.tag, "amanat.sandbox": sandbox}
        labels |= {"amanat.person": person, "amanat.contract": contract}
        self.client.networks.create(name, internal=True, labels=labels)
        self.client.containers.run(
            self.image,
            ["/bin/sh", "-c", script],
            name=name,
            detach=True,
            user="1000:1000",
            labels=labels,
            network=name,
            nano_cpus=400_000_000,
            volumes={str(self.homes.mount(person, contract)): {"bind": "/home/sandbox", "mode": "rw"}},
            environment={"AMANAT_TOKEN": "amt_very-secret-1", "JUPYTERHUB_API_TOKEN": "very-secret-2", "LANG": "C"},
            log_config={"Type": "json-file", "Config": {"max-size": "1m"}},
        )

    def status(self, sandbox: str) -> str:
        """In Docker's words, and frozen; empty when there is no container."""
        known = self.engine.inspect(sandbox)
        return "frozen" if self.engine.is_frozen(sandbox) else str(known["State"]["Status"]) if known else ""

    def count(self, contract: str = "c-1", person: str = "sara") -> int:
        """How much has been written into the home, in bytes."""
        counted = self.homes.mount(person, contract) / "count"
        return counted.stat().st_size if counted.exists() else 0

    def left(self) -> list[str]:
        """What there is of this system on the machine."""
        mounts = [line for line in Path("/proc/mounts").read_text().splitlines() if str(self.state) in line]
        return [found.sandbox for found in self.engine.containers()] + self.engine.networks() + mounts

    def clear(self) -> None:
        try:
            for name in {found.sandbox for found in self.engine.containers()} | set(self.engine.networks()):
                self.engine.remove(name)
        finally:
            unmount_all(self.homes.folder)


@contextmanager
def world(client: docker.DockerClient, image: str, state: Path) -> Iterator[World]:
    with PlayedBroker() as broker, PlayedHub() as hub:
        made = World(client, image, state, broker, hub)
        hub.api, hub.engine = client.api, made.engine
        try:
            yield made
        finally:
            made.clear()
            made.engine.close()


def eventually(holds: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.01)
