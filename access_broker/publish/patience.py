"""When to try a failed publication again: at once when something it depends on has changed, else ever more rarely."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from access_broker.domain.datasets import Dataset
from access_broker.publish.freshness import Basis

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)

Circumstances = tuple[Basis, tuple[tuple[Path, tuple[int, int] | None], ...]]
"""What would have to change for another attempt to have a chance: grant, descriptions, and the files as they lie."""


def circumstances(basis: Basis, datasets: Iterable[Dataset]) -> Circumstances:
    paths = (Path(source.path) for dataset in datasets for source in dataset.sources)
    return basis, tuple((path, _entry(path)) for path in paths)


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

    def forget_others(self, contracts: Collection[str]) -> None:
        """Keep the failures of these contracts; the others are not to be published any more."""
        self._failed = {contract: failed for contract, failed in self._failed.items() if contract in contracts}

    def has_nothing_new(self, now: datetime) -> bool:
        """Whether every failure has to wait on at `now`, as far as its files and its time go."""
        return all(
            now < since + wait and all(_entry(path) == entry for path, entry in files)
            for (_, files), since, wait in self._failed.values()
        )
