"""What the warden and the sweep ask of the Docker engine about the sandboxes of one system.

A sandbox is known by its name, `amanat-TAG-ID`, and by its labels; nothing with another TAG is ever looked at.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from hub.freezer import Group, group_of

_SECONDS = 20
_PATIENCE = 10.0


class EngineAway(Exception):  # noqa: N818 - a state of affairs
    """The Docker engine gave no answer, or one that nothing can be done with."""


class Absent(EngineAway):
    """The engine knows no such container or network."""


class Conflict(EngineAway):
    """The engine cannot do this in the container's or network's present state."""


class Frozen(StrEnum):
    """What came of a pause. `STOPPED`: there is a container, and nothing runs in it. `ABSENT`: there is none."""

    FROZEN = "frozen"
    STOPPED = "stopped"
    ABSENT = "absent"


@dataclass(frozen=True)
class Found:
    """A container of this system. `status` in Docker's words: created, running, paused, exited, …"""

    sandbox: str
    person: str
    contract: str
    status: str


class Engine:
    """Raises EngineAway from every method. May be used from several threads."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._client: docker.DockerClient | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """The connections to the engine; the next question opens them anew."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def name(self, sandbox: str) -> str:
        """Of the sandbox's container, and of its network."""
        return f"amanat-{self._tag}-{sandbox}"

    def containers(self) -> list[Found]:
        """Every container of this system, whatever its state."""
        with self._api() as api:
            listed = api.containers(all=True, filters={"label": f"amanat.system={self._tag}"})
        found = ((entry["Labels"], entry["State"]) for entry in listed)
        return [
            Found(
                labels.get("amanat.sandbox", ""), labels.get("amanat.person", ""), labels.get("amanat.contract", ""), s
            )
            for labels, s in found
        ]

    def networks(self) -> list[str]:
        """The sandboxes that have a network of this system."""
        prefix = self.name("")
        with self._api() as api:
            names = [str(network["Name"]) for network in api.networks(names=[prefix])]
        return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]

    def inspect(self, sandbox: str) -> dict[str, Any] | None:
        """All that the engine knows of the container; None when there is none."""
        try:
            with self._api() as api:
                return dict(api.inspect_container(self.name(sandbox)))
        except Absent:
            return None

    def freeze(self, sandbox: str) -> Frozen:
        """Returns when nothing in the sandbox runs any more. The processes stay, with all they hold, until `doom`."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            known = self.inspect(sandbox)
            if known is None:
                return Frozen.ABSENT
            if not known["State"]["Running"]:
                return Frozen.STOPPED
            if _is_frozen(known):
                return Frozen.FROZEN
            group = _group(known)
            if group is not None:
                group.freeze(deadline - time.monotonic())
            else:
                with suppress(EngineAway), self._api() as api:
                    api.pause(self.name(sandbox))
        raise EngineAway("A container does not come to rest.")

    def is_frozen(self, sandbox: str) -> bool:
        known = self.inspect(sandbox)
        return known is not None and _is_frozen(known)

    def doom(self, sandbox: str) -> int:
        """Sends SIGKILL to every process of a frozen sandbox; they die when it thaws. How many there were.

        `docker stop`, `kill` and `rm -f` thaw a frozen container and kill its first process only: the others run on
        for some milliseconds, until the kernel ends them too. With a SIGKILL pending none reaches its own code again.
        """
        known = self.inspect(sandbox)
        group = _group(known) if known is not None and _is_frozen(known) else None
        return group.kill(int(known["State"]["Pid"])) if known and group else 0

    def thaw(self, sandbox: str) -> None:
        """Lets a frozen sandbox run on, or, after `doom`, die. One that is not there is left."""
        known = self.inspect(sandbox)
        group = _group(known) if known is not None and _is_frozen(known) else None
        if known is not None and known["State"]["Paused"]:
            with suppress(Conflict, Absent), self._api() as api:
                api.unpause(self.name(sandbox))
        elif group is not None:
            group.thaw()

    def processes(self, sandbox: str) -> dict[str, Any]:
        """What runs (or is frozen) in the sandbox, as Docker tells it. Raises Absent."""
        with self._api() as api:
            return dict(api.top(self.name(sandbox)))

    def log(self, sandbox: str, lines: int | None = None) -> bytes:
        """What the container has written to its log, with times; the log's own limit bounds it. Raises Absent.

        `lines`: only so many of the last ones.
        """
        with self._api() as api:
            return bytes(api.logs(self.name(sandbox), timestamps=True, tail="all" if lines is None else lines))

    def remove(self, sandbox: str) -> None:
        """The container, so that nothing in it runs once more, and then its network. Neither need be there."""
        if self.freeze(sandbox) is Frozen.FROZEN:
            self.doom(sandbox)
            self.thaw(sandbox)
        self._until_gone(lambda api: api.remove_container(self.name(sandbox), force=True, v=True))
        self._until_gone(lambda api: api.remove_network(self.name(sandbox)))

    def _until_gone(self, remove: Callable[[docker.APIClient], None]) -> None:
        """`remove` again until the engine knows no such thing: someone else may be in the middle of removing it."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                with self._api() as api:
                    remove(api)
            except Absent:
                return
            except Conflict:
                time.sleep(0.05)
        raise EngineAway("Docker does not remove what it was told to remove.")

    @contextmanager
    def _api(self) -> Iterator[docker.APIClient]:
        """The engine's API, connected when first needed: an engine that starts later is found then."""
        try:
            with self._lock:
                if self._client is None:
                    self._client = docker.from_env(timeout=_SECONDS)
                api = self._client.api
            yield api
        except NotFound as error:
            raise Absent("Docker knows no such container or network.") from error
        except APIError as error:
            raise (Conflict if _is_conflict(error) else EngineAway)(error.explanation or str(error)) from error
        except (DockerException, RequestException, OSError) as error:
            raise EngineAway(f"Docker does not answer ({type(error).__name__}).") from error


def _is_conflict(error: APIError) -> bool:
    """20.10 answers 409, 403 (a network still in use) or 500 (paused while it was going down) for the same thing."""
    return (
        error.status_code in (403, 409) or "not running" in str(error.explanation) or "paused" in str(error.explanation)
    )


def _group(known: dict[str, Any]) -> Group | None:
    """Of a container that runs, as `inspect` tells of it."""
    return group_of(str(known["Id"]), int(known["State"]["Pid"])) if known["State"]["Running"] else None


def _is_frozen(known: dict[str, Any]) -> bool:
    group = _group(known)
    return bool(known["State"]["Paused"]) or (group is not None and group.is_frozen())
