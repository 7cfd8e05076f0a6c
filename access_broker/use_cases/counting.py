"""Counting the audit: what was done under a contract, day by day, in one pass and without a limit (S3-P8, S3-P2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from access_broker.domain.activity import NOTHING, Activity
from access_broker.domain.audit import AuditRecord, AuditSearch
from access_broker.use_cases.calendar import today
from access_broker.use_cases.ports import Reader

AT_ONCE = 1000
"""Records read with one statement; how many there are in all does not matter."""

REFUSED = "refused "
"""How the closing record of a statement begins to tell that it was refused while it ran."""


def count(reader: Reader, contract: str, from_position: int, to_position: int) -> dict[date, Activity]:
    """The activity of every day in Tehran on which there was any, of the records from one position to another."""
    return count_records(records_of(reader, contract, from_position, to_position))


def records_of(reader: Reader, contract: str, from_position: int, to_position: int) -> Iterator[AuditRecord]:
    """Every record whose subject is the contract, both positions included; oldest first."""
    after = from_position - 1
    while True:
        search = AuditSearch(subject=contract, after=after, before=to_position + 1)
        found = reader.search_audit(search, AT_ONCE)
        yield from found
        if len(found) < AT_ONCE:
            return
        after = found[-1].position


def count_records(records: Iterable[AuditRecord]) -> dict[date, Activity]:
    days: dict[date, _Tally] = {}
    for record in records:
        if record.event.kind in _COUNTS:
            tally = days.setdefault(today(record.at), _Tally())
            _COUNTS[record.event.kind](tally, record)
    counted = {day: tally.activity() for day, tally in days.items()}
    return {day: activity for day, activity in counted.items() if activity != NOTHING}


class _Tally:
    """A day that is still being counted."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.refusals: dict[str, int] = {}
        self.datasets: set[str] = set()
        self.people: set[str] = set()

    def add(self, name: str, n: int = 1) -> None:
        self.numbers[name] = self.numbers.get(name, 0) + n

    def refuse(self, code: str) -> None:
        self.refusals[code] = self.refusals.get(code, 0) + 1

    def activity(self) -> Activity:
        return Activity(
            **self.numbers,
            refusals=tuple(sorted(self.refusals.items())),
            datasets=tuple(sorted(self.datasets)),
            people=tuple(sorted(self.people)),
        )


def refusal_of(record: AuditRecord) -> str | None:
    """The code with which a statement was refused, before it ran or while it did; None for any other record."""
    body = record.event.body
    if record.event.kind == "query.refused":
        return str(body.get("code", ""))
    outcome = str(body.get("outcome", ""))
    return (
        outcome.removeprefix(REFUSED) if record.event.kind == "query.closed" and outcome.startswith(REFUSED) else None
    )


def _allowed(tally: _Tally, record: AuditRecord) -> None:
    tally.add("statements")
    tally.people.add(record.event.actor)
    tally.datasets.update(str(use.get("table", "")).split(".")[0] for use in record.event.body.get("uses", []))


def _refused(tally: _Tally, record: AuditRecord) -> None:
    tally.refuse(refusal_of(record) or "")
    tally.people.add(record.event.actor)


def _explained(tally: _Tally, record: AuditRecord) -> None:
    tally.add("explained")
    tally.people.add(record.event.actor)


def _closed(tally: _Tally, record: AuditRecord) -> None:
    """What was delivered, and what was refused only while it ran."""
    for name in ("rows", "bytes", "ms"):
        tally.add(name, _whole(record.event.body.get(name)))
    code = refusal_of(record)
    if code is not None:
        tally.refuse(code)


def _sandbox(tally: _Tally, record: AuditRecord) -> None:
    tally.add("sandboxes")
    tally.people.add(str(record.event.body.get("person", "")))


def _warned(tally: _Tally, record: AuditRecord) -> None:
    tally.add("warnings")


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


_COUNTS = {
    "query.allowed": _allowed,
    "query.refused": _refused,
    "query.explained": _explained,
    "query.closed": _closed,
    "sandbox.admitted": _sandbox,
    "contract.warned": _warned,
}
"""What counts, and how. A record of any other kind counts nothing."""
