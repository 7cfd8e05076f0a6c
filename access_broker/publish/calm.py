"""Whether anything can have changed since the publisher last found nothing to do.

Asked at every step, so it costs one small read and a look at two directories. What it compares is noticed at once: any
commit to the records, files that come or go, a term that begins or ends. Whatever else may happen to a machine, such as
a note that is lost, is found by a full look, which comes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from access_broker.domain.contracts import Contract

FULL_LOOK_EVERY = timedelta(seconds=30)


@dataclass(frozen=True)
class Seen:
    """`stamp`: that of the records, another one after every commit. `files`: those of contracts, finished or not."""

    stamp: str
    files: frozenset[Path]


@dataclass(frozen=True)
class Calm:
    """At `since` there was nothing to do about `seen`; before `until` time alone does not change that."""

    seen: Seen
    since: datetime
    until: datetime

    def holds(self, seen: Seen, now: datetime) -> bool:
        """Not for records without a stamp, nor for a clock that was set back."""
        return bool(seen.stamp) and seen == self.seen and self.since <= now < self.until


def quiet_until(contracts: Iterable[Contract], now: datetime) -> datetime:
    """When time alone may bring something to do: a term begins or ends, or a full look is due."""
    moments = (moment for contract in contracts for moment in (contract.starts_at, contract.ends_at))
    return min([now + FULL_LOOK_EVERY, *(moment for moment in moments if moment > now)])
