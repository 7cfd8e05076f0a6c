"""When to try a failed publication again: at once when something it depends on has changed, else ever more rarely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from access_broker.domain.datasets import Dataset
from access_broker.publish.freshness import Basis

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)

Circumstances = tuple[Basis, tuple[tuple[int, int] | None, ...]]
"""What would have to change for another attempt to have a chance: grant, descriptions, and the files as they lie."""


def circumstances(basis: Basis, datasets: Iterable[Dataset]) -> Circumstances:
    return basis, tuple(_entry(Path(s.path)) for d in datasets for s in d.sources)


def _entry(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


@dataclass
class Patience:
    """Remembers failures of this process; a restart tries everything once more."""

    _failed: dict[str, tuple[Circumstances, datetime, timedelta]] = field(default_factory=dict)

    def must_wait(self, contract: str, now_is: Circumstances, now: datetime) -> bool:
        failed = self._failed.get(contract)
        return failed is not None and failed[0] == now_is and now < failed[1] + failed[2]

    def failed(self, contract: str, now_is: Circumstances, now: datetime) -> None:
        before = self._failed.get(contract)
        same = before is not None and before[0] == now_is
        wait = min(before[2] * 2, LONGEST_WAIT) if before is not None and same else FIRST_WAIT
        self._failed[contract] = (now_is, now, wait)

    def succeeded(self, contract: str) -> None:
        self._failed.pop(contract, None)
