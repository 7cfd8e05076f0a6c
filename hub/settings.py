"""What the parts of the web half are told at their start: one frozen value per part, read from the environment.

Everything is read at once, so that a wrong start says all that is missing and nothing runs half-configured.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_TAG = re.compile(r"[0-9a-f]{4}", re.ASCII)
_POOLS = ipaddress.IPv4Network("198.18.0.0/15")
_POOL_PREFIX = 20
_NO_POOL = ipaddress.IPv4Network("198.18.0.0/20")


class SettingsFaulty(Exception):  # noqa: N818 - shown to the operator as it stands
    """Something is missing or wrong; the text names every such variable and what it should be."""


def oauth_client(person: str, contract: str) -> str:
    """The name under which a sandbox asks the hub who its visitor is. JupyterHub itself joins the two with "-", so that
    `a-b` on `c` and `a` on `b-c` would share one login; no id holds a dot."""
    return f"jupyterhub-user-{person}.{contract}"


@dataclass(frozen=True)
class Ports:
    """The neighbouring ports of one system, from `base` on. `guard` is the one public port."""

    base: int

    @classmethod
    def of_hub(cls, port: int) -> Self:
        """The ports of the system whose hub listens at `port`."""
        return cls(port - cls(0).hub)

    @property
    def gateway(self) -> int:
        """Flight SQL, on 127.0.0.1 and on the inner address."""
        return self.base

    @property
    def api(self) -> int:
        return self.base + 1

    @property
    def opa(self) -> int:
        return self.base + 2

    @property
    def guard(self) -> int:
        return self.base + 3

    @property
    def proxy(self) -> int:
        return self.base + 4

    @property
    def proxy_api(self) -> int:
        return self.base + 5

    @property
    def hub(self) -> int:
        return self.base + 6

    @property
    def inner(self) -> int:
        """The guard's door for sandboxes, on the inner address only."""
        return self.base + 7


@dataclass(frozen=True)
class Sandboxes:
    """What a system with sandboxes has beside the others.

    `tag`: its mark, 4 hex characters, in the names of everything it makes. `pool`: the /20 its sandboxes live in.
    """

    tag: str
    pool: ipaddress.IPv4Network
    image: str

    @property
    def inner(self) -> str:
        """The address on `lo` where gateway and guard listen for sandboxes: the first host of the pool."""
        return str(self.pool[1])

    @property
    def bridges(self) -> str:
        """What the names of this system's bridges begin with."""
        return f"amt{self.tag}"


@dataclass(frozen=True)
class System:
    """What every part is told. `sandboxes` is None where the system runs without them."""

    broker: str
    state: Path
    ports: Ports
    public_url: str
    sandboxes: Sandboxes | None

    @property
    def homes(self) -> Path:
        return self.state / "homes"

    @property
    def evidence(self) -> Path:
        return self.state / "evidence"

    @property
    def hub(self) -> Path:
        """The hub's own database and cookie secret."""
        return self.state / "hub"


@dataclass(frozen=True)
class HubSettings:
    """The hub. `home_mb`: size of a new home, MiB."""

    system: System
    hub_secret: str = field(repr=False)
    console_secret: str = field(repr=False)
    warden_secret: str = field(repr=False)
    proxy_secret: str = field(repr=False)
    home_mb: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsFaulty."""
        read = Reader(environment)
        settings = cls(
            read.system(),
            read.text("AMANAT_HUB_SECRET"),
            read.text("AMANAT_CONSOLE_SECRET"),
            read.text("AMANAT_WARDEN_SECRET"),
            read.text("CONFIGPROXY_AUTH_TOKEN"),
            read.whole("AMANAT_HOME_MB", least=8, default=512),
        )
        read.check()
        return settings


@dataclass(frozen=True)
class GuardSettings:
    """The guard: no secret but the one its refusal lines are sent with."""

    system: System
    guard_secret: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsFaulty."""
        read = Reader(environment)
        settings = cls(read.system(), read.text("AMANAT_GUARD_SECRET"))
        read.check()
        return settings


@dataclass(frozen=True)
class WardenSettings:
    """The warden. `silence`: seconds without the broker after which every sandbox is paused."""

    system: System
    hub_secret: str = field(repr=False)
    warden_secret: str = field(repr=False)
    proxy_secret: str = field(repr=False)
    silence: int
    ready: Path | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsFaulty."""
        read, ready = Reader(environment), environment.get("AMANAT_READY", "")
        settings = cls(
            read.system(),
            read.text("AMANAT_HUB_SECRET"),
            read.text("AMANAT_WARDEN_SECRET"),
            read.text("CONFIGPROXY_AUTH_TOKEN"),
            read.whole("AMANAT_BROKER_SILENCE", least=1, default=30),
            Path(ready) if ready else None,
        )
        read.check()
        return settings


class Reader:
    """Reads variables and collects what is wrong with them; nothing read is used before `check` has passed."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._faults: list[str] = []

    def check(self) -> None:
        """Raises SettingsFaulty with every fault found so far."""
        if self._faults:
            raise SettingsFaulty("These settings are missing or wrong: " + "; ".join(self._faults) + ".")

    def system(self) -> System:
        return System(
            self.text("AMANAT_BROKER"),
            Path(self.text("AMANAT_STATE")),
            Ports(self.whole("AMANAT_PORT_BASE", least=1, most=65528)),
            self.text("AMANAT_PUBLIC_URL"),
            self._sandboxes(),
        )

    def text(self, name: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            self._faults.append(f"{name} is not set")
        return value

    def whole(self, name: str, *, least: int, most: int = 10**6, default: int | None = None) -> int:
        value = self._environment.get(name, "" if default is None else str(default))
        if value.isascii() and value.isdigit() and least <= int(value) <= most:
            return int(value)
        self._faults.append(f"{name} must be a whole number from {least} to {most}")
        return least

    def _sandboxes(self) -> Sandboxes | None:
        switch = self.text("AMANAT_SANDBOXES")
        if switch == "on":
            return Sandboxes(self._tag(), self.pool(), self.text("AMANAT_SANDBOX_IMAGE"))
        if switch != "off":
            self._faults.append("AMANAT_SANDBOXES must be on or off")
        return None

    def _tag(self) -> str:
        tag = self._environment.get("AMANAT_TAG", "")
        if not _TAG.fullmatch(tag):
            self._faults.append("AMANAT_TAG must be 4 hexadecimal characters")
        return tag

    def pool(self) -> ipaddress.IPv4Network:
        try:
            pool = ipaddress.IPv4Network(self._environment.get("AMANAT_POOL", ""))
        except ValueError:
            pool = None
        if pool is None or pool.prefixlen != _POOL_PREFIX or not pool.subnet_of(_POOLS):
            self._faults.append(f"AMANAT_POOL must be a /{_POOL_PREFIX} of {_POOLS}")
            return _NO_POOL
        return pool
