"""Awards, acceptances and exits as rows, on both engines: read as they were written, and final where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Acceptance, Award, Opening, Sharing
from access_broker.domain.exits import Exit, ExitKey, ExitKind, ExitState, FailureReport
from access_broker.domain.people import Committee
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.conftest import ENGINES, Place
from tests.adapters.records.world import EVENT, furnish, make_contract
from tests.support.factories import DAY, NOW

ASKED = Exit("P1", 1, ExitKind.VOLUNTARY, "کار تمام شد", "analyst", NOW)
CLOSED = replace(
    ASKED,
    state=ExitState.CLOSED,
    ended_at=NOW + DAY,
    closed_at=NOW + 2 * DAY,
    certificate='{"a": 1}',
    digest="f" * 64,
)
KEY = ExitKey("P1", 1, Committee.MONITORING, "chair", "mc-1", True, NOW)
THINGS: tuple[Any, ...] = (
    Award("clinics", "tahlil", "mc-1", "chair", NOW),
    Sharing("clinics", "health", "mc-2", "chair", NOW),
    Acceptance("P1", "mc-3", "chair", NOW),
    Opening("clinics", "P1", NOW),
    ASKED,
    KEY,
    replace(KEY, committee=Committee.QUALIFICATION, person="herasat", approved=False, text="Not yet."),
    FailureReport("P1", 1, "The data were too old.", "chair", NOW),
)


@pytest.fixture(params=ENGINES)
def records(request: pytest.FixtureRequest, fresh: Callable[[str], Place]) -> Iterator[SqlRecords]:
    made = fresh(request.param)
    opened = made.records()
    furnish(opened, make_contract("P1", ContractState.ACTIVE))
    yield opened
    made.close()


def file(records: SqlRecords, *things: Any) -> None:
    with records.write() as writer:
        for thing in things:
            writer.file(thing, EVENT)


def test_what_is_read_is_what_was_filed(records: SqlRecords) -> None:
    file(records, *THINGS)
    with records.read() as reader:
        for thing in THINGS:
            own = {name: getattr(thing, name) for name in thing.KEY}
            assert reader.filed(type(thing), **own) == [thing]
        assert len(reader.filed(ExitKey, contract="P1")) == 2
        assert reader.filed(Exit, state=ExitState.CLOSED) == []


def test_a_step_takes_the_place_of_the_one_before(records: SqlRecords) -> None:
    file(records, ASKED, CLOSED)
    with records.read() as reader:
        assert reader.filed(Exit) == [CLOSED]


@pytest.mark.parametrize(
    ("stored", "later"),
    [
        (CLOSED, replace(CLOSED, digest="0" * 64)),
        (replace(ASKED, state=ExitState.REFUSED), ASKED),
        (Acceptance("P1", "mc-3", "chair", NOW), Acceptance("P1", "mc-3", "chair", NOW + DAY)),
    ],
    ids=["certificate", "refusal", "acceptance"],
)
def test_what_is_final_is_changed_by_nobody(records: SqlRecords, stored: Any, later: Any) -> None:
    """The month of the market begins once, and a certificate says what it said."""
    file(records, stored)
    with pytest.raises((Refused, Unavailable)):
        file(records, later)
    with records.read() as reader:
        assert reader.filed(type(stored)) == [stored]


def test_a_contract_says_what_it_follows(records: SqlRecords) -> None:
    market = make_contract("M1", follows="P1")
    with records.write() as writer:
        writer.save_contract(market, EVENT)
    with records.read() as reader:
        assert reader.contract("M1") == market
