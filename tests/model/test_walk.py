"""Contract, keys, votes, warnings, suspensions and exits, walked at random against an oracle that knows none of it."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from access_broker.domain.exits import ExitKind
from access_broker.domain.people import Committee
from tests.model.oracle import DAY
from tests.model.walk import Walk

WALKS, LENGTH = 150, 50
OFTEN = (
    *(f"contract.{verb}" for verb in ("activated", "suspended", "cut", "lifted", "redrafted")),
    *("motion.carried", "warning.acknowledged", "token.issued"),
)
"""Walks that never came so far would prove nothing."""


def test_no_path_gives_access_without_all_keys_and_none_outlives_its_end(policy: EmbeddedPolicy) -> None:
    Walk.policy, Walk.seen_kinds = policy, Counter()
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=LENGTH,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=(Phase.generate,),
        ),
    )
    assert Walk.seen_kinds["steps"] > 2_000
    never = {kind for kind in OFTEN if not Walk.seen_kinds[kind]}
    assert not never, Walk.seen_kinds


def test_the_walk_can_come_to_every_end(policy: EmbeddedPolicy) -> None:
    """By hand, with the same checks after every step: what random walks find seldom is known to be within reach."""
    Walk.policy, Walk.seen_kinds = policy, Counter()
    for leave in (leave_by_lapse, leave_by_acceptance, leave_by_exit, leave_by_repetition):
        walk = Walk()
        walk.everything_but(None, voting=True)
        leave(walk)
        walk.access_is_what_the_directive_says()
        walk.the_state_is_the_one_expected()
    ends = {"contract.cut", "contract.accepted", "contract.ended", "suspension.ratified", "suspension.lapsed_lifted"}
    assert ends <= set(Walk.seen_kinds)


def leave_by_lapse(walk: Walk) -> None:
    walk.breached("mon1", Act.SUSPEND)
    walk.lapsed(14 * DAY)
    assert walk.oracle.state == "active"
    walk.breached("mon2", Act.SUSPEND)
    walk.ratified("mon1", "1405/79")
    walk.lapsed(30 * DAY)
    assert walk.oracle.state == "suspended"
    walk.breached("both", Act.CUT)


def leave_by_acceptance(walk: Walk) -> None:
    walk.accept_as("mon1", "1405/91")
    assert walk.oracle.state == "ended"


def leave_by_exit(walk: Walk) -> None:
    walk.ask_as("analyst", ExitKind.VOLUNTARY)
    walk.may_go("mon1", Committee.MONITORING)
    assert walk.oracle.state == "active"
    walk.may_go("qual1", Committee.QUALIFICATION)
    assert walk.oracle.state == "ended"


def leave_by_repetition(walk: Walk) -> None:
    walk.warned("mon1")
    walk.repeated("mon1", "1405/77")
    assert walk.oracle.state == "active"
    walk.confirmed(1, "analyst")
    walk.repeated("mon1", None)
    assert walk.oracle.state == "active"
    walk.repeated("mon1", "1405/77")
    assert walk.oracle.state == "cut"
