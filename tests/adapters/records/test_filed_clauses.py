"""What is filed about data and workspaces comes back as it was given; a second time takes the place of the first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.dataset_records import RowCount, SovereigntyDecision, TakenBack
from access_broker.domain.datasets import DataClass, Sovereignty
from access_broker.domain.guarantees import GuaranteeDemand
from access_broker.domain.visits import WorkspaceVisit
from tests.adapters.records.world import EVENT, furnish, make_contract
from tests.support.factories import NOW

THINGS: tuple[Any, ...] = (
    GuaranteeDemand(DataClass.SENSITIVE, ("deposit", "insurance"), "herasat", NOW, "QC-7"),
    RowCount("health", "citizens", 86_000_000_000, True, "a" * 64, NOW),
    SovereigntyDecision("health", 1, Sovereignty.NON_SOVEREIGN, "chair", NOW, "مصوبه ۳", ("P1",)),
    TakenBack("clinics", "health", "steward", NOW, "منبع بسته شد.", ()),
    WorkspaceVisit("P1", 1, "analyst", "auditor", NOW, "برای بازدید"),
)
CHANGES: dict[type[Any], dict[str, Any]] = {
    GuaranteeDemand: {"kinds": ()},
    RowCount: {"rows": 0, "is_about": False},
    SovereigntyDecision: {"suspended": ()},
    TakenBack: {"contracts": ("P1", "P2")},
    WorkspaceVisit: {"why": "Another."},
}


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: type(thing).__name__)
def test_what_is_filed_is_read(records: SqlRecords, thing: Any) -> None:
    furnish(records, make_contract())
    changed = replace(thing, **CHANGES[type(thing)])
    for given in (thing, changed):
        with records.write() as writer:
            writer.file(given, EVENT)
        with records.read() as reader:
            assert reader.filed(type(thing)) == [given]
            key = {name: getattr(given, name) for name in given.KEY}
            assert reader.filed(type(thing), **key) == [given]
