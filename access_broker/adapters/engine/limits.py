"""What one query worker may use, and how its pool behaves."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

FRAME_BYTES = 1 << 20
"""Target size of one delivered batch: small enough that little is under way when a contract is cut."""
ROW_BYTES = 3 << 20
"""Largest single row; Flight clients in Go refuse messages of 4 MiB and more."""
LARGEST_FRAME = ROW_BYTES + FRAME_BYTES
"""What the pool takes of a worker: anything longer is a worker in other hands."""
PLAN_BYTES = 12 << 20
"""Longest plan that is read: that of some fifty rounded figures. It travels packed, a twentieth as long."""


@dataclass(frozen=True)
class Limits:
    """`statement_seconds`: wall clock of one statement, with all that is asked on its behalf; reading does not count.

    `memory_mb`: DuckDB's own limit; the process may map about 1 GB more, because that limit leaks.
    `hold_seconds`: longest time one person may hold a worker for, reading included.
    """

    memory_mb: int = 1024
    threads: int = 1
    statement_seconds: float = 60.0
    hold_seconds: float = 900.0

    @property
    def address_space(self) -> int:
        """Bytes for RLIMIT_AS."""
        return (self.memory_mb + 1024) << 20

    @property
    def cpu_seconds(self) -> int:
        """CPU time of one statement: what its threads could burn before the deadline, and a little."""
        return int(self.statement_seconds * (self.threads + 1)) + 2

    def as_document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class PoolSettings:
    """`workers_per_key`: statements one person may run at once in one contract. `wait_seconds`: patience before BUSY.

    `workers_total`: processes in use or idle. `idle_seconds`: an unused worker is retired after that long.
    `spares`: processes kept warm and unbound. `allow_missing_walls` lets a worker run without Landlock or without a
    network wall: for machines that cannot have them, never for data that matters.
    """

    limits: Limits = field(default_factory=Limits)
    workers_per_key: int = 2
    workers_total: int = 32
    wait_seconds: float = 5.0
    idle_seconds: float = 300.0
    spares: int = 1
    allow_missing_walls: bool = False
