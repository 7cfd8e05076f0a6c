from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.datasets import Column, ColumnRef, DataClass, Join, Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Role, Seat
from access_broker.domain.problems import Origin
from access_broker.use_cases import register
from tests.support.factories import (
    ANALYST,
    CHAIR,
    COMPANY,
    DATASET,
    DAY,
    HERASAT,
    MINISTRY,
    NOW,
    PROBLEM,
    SEATS,
    audit_kinds,
    make_records,
    position,
)
from tests.support.fakes import FixedClock, InMemoryRecords

Use = Callable[[Any, Any, str], bool]
UNDECIDED = replace(DATASET, sovereignty=Sovereignty.UNDETERMINED)


def call(records: InMemoryRecords, use: Use, item: Any) -> bool:
    with records.write() as writer:
        return use(writer, item, "operator")


def refusal(records: InMemoryRecords, use: Use, item: Any) -> tuple[str, str]:
    start = position(records)
    with pytest.raises(Refused) as refused:
        call(records, use, item)
    assert position(records) == start
    return refused.value.reason.code, refused.value.reason.rule


@pytest.mark.parametrize(
    ("use", "item", "other"),
    [
        (register.register_organisation, COMPANY, replace(COMPANY, name_en="Other")),
        (register.register_person, ANALYST, replace(ANALYST, name_en="Other")),
        (register.register_seat, SEATS[0], replace(SEATS[0], valid_to=NOW)),
        (register.register_dataset, DATASET, replace(DATASET, title_en="Other")),
        (register.register_problem, PROBLEM, replace(PROBLEM, title_en="Other")),
    ],
)
def test_the_same_again_is_nothing_and_something_else_a_conflict(use: Use, item: Any, other: Any) -> None:
    records = make_records()
    start = position(records)
    assert not call(records, use, item)
    assert position(records) == start
    assert refusal(records, use, other)[0] == "CONFLICT"


def test_everything_new_is_written_with_its_event() -> None:
    records = InMemoryRecords(FixedClock(NOW))
    assert call(records, register.register_organisation, MINISTRY)
    assert call(records, register.register_person, replace(CHAIR, organisation="ministry", family=MINISTRY.family))
    assert call(records, register.register_seat, SEATS[0])
    assert audit_kinds(records) == ["organisation.registered", "person.registered", "seat.taken"]


def test_a_wrong_legal_id_is_refused() -> None:
    wrong = replace(COMPANY, id="new", legal_id="10380284791")
    assert refusal(make_records(), register.register_organisation, wrong) == ("INVALID", "S3-P3")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"organisation": "gone"}, ("NOT_FOUND", "F-1")),
        ({"family": MINISTRY.family}, ("INVALID", "F-2")),
        ({"roles": frozenset({Role.AUDITOR})}, ("NOT_PERMITTED", "F-2")),
        ({"roles": frozenset({Role.EXECUTOR, Role.STEWARD})}, ("NOT_PERMITTED", "F-2")),
    ],
)
def test_a_person_has_one_family_and_its_roles(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(make_records(), register.register_person, replace(ANALYST, id="new", **changes)) == expected


@pytest.mark.parametrize(
    ("seat", "expected"),
    [
        (Seat(Committee.MONITORING, 7, "herasat"), ("INVALID", "S1-C2")),
        (Seat(Committee.MONITORING, 0, "herasat"), ("INVALID", "S1-C2")),
        (Seat(Committee.QUALIFICATION, 6, "chair"), ("INVALID", "S3-P1-R2")),
        (Seat(Committee.MONITORING, 2, "analyst"), ("NOT_PERMITTED", "S1-C2")),
        (Seat(Committee.MONITORING, 2, "nobody"), ("NOT_FOUND", "F-1")),
        (Seat(Committee.MONITORING, 1, "herasat"), ("CONFLICT", "S1-C2")),
    ],
)
def test_seats_that_there_are_not(seat: Seat, expected: tuple[str, str]) -> None:
    assert refusal(make_records(), register.register_seat, seat) == expected


def test_a_delegation_stands_beside_the_holder() -> None:
    delegation = Seat(Committee.MONITORING, 1, HERASAT.id, NOW, NOW + 7 * DAY)
    assert call(make_records(), register.register_seat, delegation)


@pytest.mark.parametrize(("committee", "number"), [(Committee.MONITORING, 6), (Committee.QUALIFICATION, 4)])
def test_each_organisation_has_a_seat_of_its_own(committee: Committee, number: int) -> None:
    """Which one it is need not be said, and nobody sits there for an organisation that is not their own."""
    records = make_records()
    assert call(records, register.register_seat, Seat(committee, number, "steward"))
    assert not call(records, register.register_seat, Seat(committee, number, "steward", organisation="ministry"))
    assert call(records, register.register_seat, Seat(committee, number, "auditor"))
    with records.read() as reader:
        own = {seat.organisation: seat.person for seat in reader.seats() if seat.number == number}
        told = [record.event.body["organisation"] for record in reader.audit(0, 1000)[-2:]]
    assert own == {"ministry": "steward", "ito": "auditor"}
    assert told == ["ministry", "ito"]
    rule = "S1-C2" if committee is Committee.MONITORING else "S3-P1-R2"
    foreign = Seat(committee, number, "chair", organisation="ministry")
    assert refusal(records, register.register_seat, foreign) == ("INVALID", rule)
    assert refusal(records, register.register_seat, Seat(committee, number, "chair")) == ("CONFLICT", rule)
    common = Seat(committee, 3, "chair", organisation="ito")
    assert refusal(records, register.register_seat, common) == ("INVALID", rule)


def _with_table(**changes: Any) -> Any:
    return replace(DATASET, id="other", tables=(replace(DATASET.tables[0], **changes), DATASET.tables[1]), joins=())


def _with_join(left: str, right: str) -> Any:
    return replace(DATASET, id="other", joins=(Join(ColumnRef.parse(left), ColumnRef.parse(right)),))


def _round() -> Any:
    """Three columns that are all equated with each other."""
    columns = [ColumnRef("other", "citizens", c) for c in ("national_id", "birth_date", "income")]
    joins = (Join(columns[0], columns[1]), Join(columns[1], columns[2]), Join(columns[2], columns[0]))
    return replace(DATASET, id="other", joins=joins)


LOOKALIKES = (Column("a", "کد ملی", DataClass.PUBLIC), Column("b", "کد ملي", DataClass.PUBLIC))


@pytest.mark.parametrize(
    ("dataset", "code"),
    [
        (replace(DATASET, id="Other"), "INVALID"),
        (replace(DATASET, id="other", owner="gone"), "NOT_FOUND"),
        (replace(DATASET, id="other", steward="chair"), "NOT_PERMITTED"),
        (replace(DATASET, id="other", steward="nobody"), "NOT_PERMITTED"),
        (replace(DATASET, id="other", tables=()), "INVALID"),
        (replace(DATASET, id="other", tables=DATASET.tables * 2), "INVALID"),
        (_with_table(columns=()), "INVALID"),
        (_with_table(entity="gone"), "INVALID"),
        (_with_table(columns=LOOKALIKES, entity=None), "INVALID"),
        (_with_table(columns=(Column("A", "a", DataClass.PUBLIC),), entity=None), "INVALID"),
        (_with_join("health.a.b", "health.c.d"), "INVALID"),
        (_with_join("other.citizens.gone", "health.c.d"), "INVALID"),
        (_round(), "INVALID"),
    ],
)
def test_descriptions_that_do_not_hold_together(dataset: Any, code: str) -> None:
    assert refusal(make_records(), register.register_dataset, dataset)[0] == code


def test_a_steward_cannot_decide_sovereignty() -> None:
    """Registering leaves it undetermined whatever the description says; the decision is an event of its own."""
    records = make_records()
    call(records, register.register_dataset, replace(DATASET, id="other", joins=()))
    with records.read() as reader:
        other = reader.dataset("other")
    assert other is not None
    assert other.sovereignty is Sovereignty.UNDETERMINED
    start = position(records)
    for _ in range(2):
        with records.write() as writer:
            register.decide_sovereignty(writer, "other", Sovereignty.SOVEREIGN, "chair")
    assert audit_kinds(records, start) == ["dataset.sovereignty_decided"]
    with pytest.raises(Refused) as refused, records.write() as writer:
        register.decide_sovereignty(writer, "other", Sovereignty.NON_SOVEREIGN, "chair")
    assert (refused.value.reason.code, refused.value.reason.rule) == ("CONFLICT", "S1-P4-R4")


def test_registering_again_does_not_undo_the_decision() -> None:
    records = make_records()
    assert not call(records, register.register_dataset, UNDECIDED)
    with records.read() as reader:
        assert reader.dataset("health") == DATASET


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"resources": ("gone",)}, ("NOT_FOUND", "S1-P2")),
        ({"owner": "gone"}, ("NOT_FOUND", "F-1")),
        ({"owner": "analyst"}, ("NOT_FOUND", "F-1")),
    ],
)
def test_problems_that_rest_on_nothing(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(make_records(), register.register_problem, replace(PROBLEM, id="new", **changes)) == expected


def test_the_file_of_a_problem_is_the_same_file_after_its_approval() -> None:
    """The committee approves a problem, no file does; a whole scenario would else be refused for ever after."""
    records = make_records()
    with records.write() as writer:
        event = AuditEvent("problem.approved", "chair", PROBLEM.id, "F-5", {})
        writer.save_problem(replace(PROBLEM, approved=True), event)
    assert not call(records, register.register_problem, PROBLEM)
    with records.read() as reader:
        assert reader.problem(PROBLEM.id) == replace(PROBLEM, approved=True)
    other = replace(PROBLEM, title_en="Other")
    assert refusal(records, register.register_problem, other) == ("CONFLICT", "F-1")
    assert refusal(make_records(), register.register_problem, replace(PROBLEM, approved=True))[0] == "CONFLICT"


def test_a_citizen_may_own_a_problem() -> None:
    problem = replace(PROBLEM, id="new", owner="analyst", origin=Origin.CITIZEN)
    assert call(make_records(), register.register_problem, problem)
