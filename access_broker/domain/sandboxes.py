"""Sandboxes as they are on record, and where on the network each of them stands.

A sandbox is one container with its network and home, for one person and one contract. All of a system lie in its pool,
a /20 of 198.18.0.0/15 (RFC 2544: addresses that no network outside uses). Slot n of the pool is the /29 at 8n; slot 0
is the system's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network

SLOTS = 511
"""Sandboxes that one pool has room for: slots 1 to 511."""

_POOLS = IPv4Network("198.18.0.0/15")
_POOL_PREFIX = 20
_SLOT_PREFIX = 29
_SLOT_SIZE = 8


class SandboxState(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    ENDED = "ended"


SANDBOX_TRANSITIONS: dict[SandboxState, frozenset[SandboxState]] = {
    SandboxState.STARTING: frozenset({SandboxState.RUNNING, SandboxState.ENDED}),
    SandboxState.RUNNING: frozenset({SandboxState.ENDED}),
    SandboxState.ENDED: frozenset(),
}
"""One that has ended never comes back; whoever goes on is given another."""


class SandboxEnd(StrEnum):
    """Why a sandbox ended. `system`: everything was stopped; `lost`: it was found gone; `replaced`: by a newer one."""

    STOPPED = "stopped"
    FAILED = "failed"
    CULLED = "culled"
    CUT = "cut"
    LOST = "lost"
    SYSTEM = "system"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Sandbox:
    """`generation`: of the contract when it was admitted. `token`: the digest of the one token it was given."""

    id: str
    person: str
    contract: str
    generation: int
    slot: int
    address: str
    token: str
    started_at: datetime
    state: SandboxState = SandboxState.STARTING
    ended_at: datetime | None = None
    why: SandboxEnd | None = None

    @property
    def place(self) -> Place:
        return place_of(self.address)


@dataclass(frozen=True)
class Place:
    """The network of one sandbox: a /29, its gateway, and the sandbox's own address."""

    subnet: str
    gateway: str
    address: str


def pool_of(text: str) -> IPv4Network:
    """The pool that `text` names. Raises ValueError for anything but a /20 of 198.18.0.0/15."""
    pool = IPv4Network(text)
    if pool.prefixlen != _POOL_PREFIX or not pool.subnet_of(_POOLS):
        raise ValueError(f"{text} is no /{_POOL_PREFIX} of {_POOLS}")
    return pool


def place_in(pool: IPv4Network, slot: int) -> Place:
    """Where slot 1…511 of a pool lies. Raises ValueError for any other slot: 0 is the system's own."""
    if not 1 <= slot <= SLOTS:
        raise ValueError(f"no slot {slot}")
    return place_of(str(pool[_SLOT_SIZE * slot + 2]))


def place_of(address: str) -> Place:
    """The network around a sandbox's address, which does not change when the system later has another pool."""
    subnet = IPv4Network((int(IPv4Address(address)) & -_SLOT_SIZE, _SLOT_PREFIX))
    return Place(str(subnet), str(subnet[1]), address)


def free_slot(taken: Collection[int], start: int) -> int | None:
    """The first slot from `start` on, round the pool, that nobody has; None when all are taken.

    Starting at random keeps an address from passing at once from one sandbox to the next.
    """
    around = ((start + step) % SLOTS + 1 for step in range(SLOTS))
    return next((slot for slot in around if slot not in taken), None)
