"""What a cut on repetition needs beside a decision: a warning that counts, and something after it (S3-P6-R2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.use_cases.appealing import appeal_warning, decide_appeal, serve_warnings
from access_broker.use_cases.overseeing import discount_violation
from tests.support.factories import DAY, NOW, position
from tests.use_cases.oversight_world import Oversight

SECOND = timedelta(seconds=1)


def warned(policy: EmbeddedPolicy, **warning: Any) -> Oversight:
    world = Oversight(policy)
    world.act(Act.WARN, text="late", **warning)
    return world


def cut(world: Oversight, at: datetime = NOW + DAY, **more: Any) -> None:
    world.act(Act.CUT, at, ground="S3-P6-R2", **({"decision": "M-3"} | more))


def test_a_plain_warning_is_a_violation_on_record_and_the_cut_records_its_repetition(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    assert [v.kind for v in world.violations()] == ["contract"]
    assert world.warnings()[0].violation == 1
    world.acknowledge()
    start = position(world.records)
    cut(world)
    assert [(v.kind, v.decision) for v in world.violations()] == [("contract", None), ("repetition", "M-3")]
    assert world.contract().state is ContractState.CUT
    assert [kind for kind in world.kinds(start) if kind.startswith("contract.")] == ["contract.cut"]


def test_a_first_violation_is_not_cut_on_this_ground(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.report()
    with pytest.raises(Refused, match="WARNING_NEEDED"):
        cut(world)
    assert world.contract().state is ContractState.ACTIVE


def test_what_is_on_record_already_is_not_recorded_again(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    world.acknowledge()
    repeated = world.report("report_overdue", at=NOW + DAY)
    cut(world, NOW + 2 * DAY)
    assert len(world.violations()) == 2
    with world.records.read() as reader:
        (event,) = [r.event for r in reader.audit(0, 1000) if r.event.kind == "contract.cut"]
    assert event.body["violation"] == repeated.number


@pytest.mark.parametrize(
    ("at", "allowed"), [(NOW + 3 * DAY - SECOND, False), (NOW + 3 * DAY, True), (NOW + 9 * DAY, True)]
)
def test_until_the_cure_date_nothing_is_a_repetition(policy: EmbeddedPolicy, at: datetime, allowed: bool) -> None:
    world = warned(policy, cure_by=NOW + 3 * DAY)
    world.acknowledge()
    if allowed:
        cut(world, at)
    else:
        with pytest.raises(Refused, match="REPETITION_NEEDED"):
            cut(world, at)
    assert (world.contract().state is ContractState.CUT) is allowed


def test_acknowledged_after_the_cure_date_it_counts_from_the_acknowledgement(policy: EmbeddedPolicy) -> None:
    world = warned(policy, cure_by=NOW + DAY)
    violation = world.report("purpose", at=NOW + 2 * DAY)
    world.acknowledge(at=NOW + 3 * DAY)
    with pytest.raises(Refused, match="REPETITION_NEEDED"):
        cut(world, NOW + 4 * DAY, violation=violation.number)
    cut(world, NOW + 4 * DAY)


def test_what_a_warning_is_about_does_not_repeat_it(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    world.acknowledge()
    with pytest.raises(Refused, match="REPETITION_NEEDED"):
        cut(world, violation=1)


def test_a_discounted_violation_neither_repeats_nor_carries_a_warning(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    world.acknowledge()
    world.report("purpose", at=NOW + DAY)
    world.do(discount_violation, 2, "a mistake of ours")
    with pytest.raises(Refused, match="REPETITION_NEEDED"):
        cut(world, NOW + 2 * DAY, violation=2)
    world.do(discount_violation, 1, "another mistake of ours")
    with pytest.raises(Refused, match="WARNING_NEEDED"):
        cut(world, NOW + 2 * DAY)


def test_an_appealed_warning_waits_for_the_committee(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    world.acknowledge()
    world.do(appeal_warning, 1, "The report was sent", who="analyst")
    with pytest.raises(Refused, match="WARNING_NEEDED"):
        cut(world)
    world.do(decide_appeal, 1, True, "M-2", who="deputy", at=NOW + DAY)
    cut(world)
    assert world.contract().state is ContractState.CUT


def test_a_granted_appeal_takes_the_warning_away(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    world.acknowledge()
    world.do(appeal_warning, 1, "The report was sent", who="analyst")
    world.do(decide_appeal, 1, False, "M-2", who="deputy")
    with pytest.raises(Refused, match="WARNING_NEEDED"):
        cut(world)


def test_one_that_counts_as_served_is_enough(policy: EmbeddedPolicy) -> None:
    world = warned(policy)
    later = NOW + 20 * DAY
    with pytest.raises(Refused, match="WARNING_NEEDED"):
        cut(world, later)
    world.write(lambda writer: serve_warnings(writer, "P1", later))
    cut(world, later + DAY)


@pytest.mark.parametrize("decision", [None, " "])
def test_without_a_decision_there_is_no_cut(policy: EmbeddedPolicy, decision: str | None) -> None:
    world = warned(policy)
    world.acknowledge()
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        cut(world, decision=decision)
    assert len(world.violations()) == 1, "and nothing was put on record"


def test_the_class_decides_the_ground_not_the_seat(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.report("purpose")
    with pytest.raises(Refused, match="GROUND_NOT_ALLOWED"):
        world.act(Act.SUSPEND, violation=1)
    with pytest.raises(Refused, match="GROUND_NOT_ALLOWED"):
        world.act(Act.CUT, violation=1)
    world.act(Act.WARN, violation=1, text="mend it")
    protective = world.report("egress")
    with pytest.raises(Refused, match="GROUND_NOT_ALLOWED"):
        world.act(Act.WARN, violation=protective.number, text="mend it")
    world.act(Act.CUT, violation=protective.number)
    assert len(world.violations()) == 2
