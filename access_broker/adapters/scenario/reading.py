"""What every step of a reading shares: the faults, the ids there are, the scenario's place and the present moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path as FilePath
from typing import Any

from access_broker.adapters.scenario.faults import Faults, Path
from access_broker.adapters.scenario.parts import Part
from access_broker.use_cases.calendar import NoSuchDay, NotADate, parse_date, start_of_day

_LISTS = {
    "organisation": "organisations",
    "person": "people",
    "dataset": "datasets",
    "problem": "problems",
    "contract": "contracts",
}


@dataclass(frozen=True)
class Reading:
    """`places`: kind → id → where the first object with that id is described.

    `confined`: sources lie below `base` and nowhere else, because it is not the operator who names them. Faults then
    tell neither a digest nor what there is elsewhere.
    """

    faults: Faults
    places: dict[str, dict[str, Path]]
    base: FilePath | None
    now: datetime
    confined: bool = False

    def is_first(self, kind: str, part: Part) -> bool:
        """False, and a fault, for a second object with the same id."""
        id = part.text("id")
        first = self.places[kind].get(id, part.path) if id else part.path
        if first != part.path:
            line = self.faults.line_of(first)
            self.faults.add((*part.path, "id"), "DUPLICATE_ID", kind=kind, id=id, first=line)
        return first == part.path

    def reference(self, kind: str, part: Part) -> str:
        """The id that `part` holds; a fault when the file describes no such object, "" when there is nothing to say."""
        if not isinstance(part.value, str):
            return ""
        if part.value not in self.places[kind] and not self.faults.are_at(part.path):
            self.faults.add(part.path, "UNKNOWN_REFERENCE", kind=kind, id=part.value)
        return part.value

    def references(self, kind: str, part: Part) -> tuple[str, ...]:
        return tuple(id for id in (self.reference(kind, item) for item in part.items()) if id)

    def day(self, part: Part) -> date | None:
        """The day that `part` names; a fault and None for anything that is no day."""
        if not isinstance(part.value, str):
            return None
        try:
            return parse_date(part.value, self.now)
        except NotADate:
            self.faults.add(part.path, "NOT_A_DATE", value=part.value)
        except NoSuchDay:
            self.faults.add(part.path, "NO_SUCH_DAY", value=part.value)
        return None

    def moment(self, part: Part, of: Callable[[date], datetime] = start_of_day) -> datetime | None:
        """`of` the day that `part` names, UTC."""
        day = self.day(part)
        return None if day is None else of(day)


def places_of(value: Any) -> dict[str, dict[str, Path]]:
    """Every id of the document, read before anything else so that a faulty object is still known to exist."""
    document = Part(value, ())
    places: dict[str, dict[str, Path]] = {}
    for kind, name in _LISTS.items():
        known = places.setdefault(kind, {})
        for part in document.at(name).items():
            known.setdefault(part.text("id"), part.path)
    return places
