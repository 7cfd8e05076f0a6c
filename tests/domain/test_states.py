"""The tables of states, held against each other: what they say together, whatever the code makes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from itertools import product

import pytest

from access_broker.domain.acts import LEADS_TO, RESULT, WARNING_TRANSITIONS, Act, WarningNotice, WarningState
from access_broker.domain.contracts import TRANSITIONS, ContractState
from access_broker.domain.exits import EXIT_KEYS, EXIT_TRANSITIONS, EXITS_FROM, OPEN_TO, ExitKind, ExitState, ExitStep
from access_broker.domain.motions import MOTION_TRANSITIONS, MotionState
from access_broker.domain.people import Committee
from access_broker.domain.reports import REPORT_TRANSITIONS, ReportState
from access_broker.domain.sandboxes import SANDBOX_TRANSITIONS, SandboxState
from access_broker.domain.signals import SIGNAL_TRANSITIONS, SignalState
from access_broker.domain.suspensions import SUSPENSION_TRANSITIONS, SuspensionState
from access_broker.domain.violations import VIOLATION_TRANSITIONS, ViolationState
from tests.support.factories import DAY, NOW

PROVISIONAL = SuspensionState.PROVISIONAL
MACHINES = [
    (ContractState, TRANSITIONS, {ContractState.CUT, ContractState.ENDED}),
    (WarningState, WARNING_TRANSITIONS, {WarningState.UPHELD, WarningState.WITHDRAWN}),
    (MotionState, MOTION_TRANSITIONS, set(MotionState) - {MotionState.OPEN}),
    (ViolationState, VIOLATION_TRANSITIONS, {ViolationState.DISCOUNTED}),
    (SuspensionState, SUSPENSION_TRANSITIONS, set(SuspensionState) - {PROVISIONAL, SuspensionState.RATIFIED}),
    (SandboxState, SANDBOX_TRANSITIONS, {SandboxState.ENDED}),
    (ReportState, REPORT_TRANSITIONS, {ReportState.SEEN}),
    (SignalState, SIGNAL_TRANSITIONS, {SignalState.DISCOUNTED, SignalState.PURSUED}),
    (ExitState, EXIT_TRANSITIONS, {ExitState.CLOSED, ExitState.REFUSED}),
]


@pytest.mark.parametrize(("states", "transitions", "final"), MACHINES)
def test_every_state_is_reached_and_only_the_final_ones_are_not_left(
    states: type[StrEnum], transitions: Mapping[StrEnum, Collection[StrEnum]], final: set[StrEnum]
) -> None:
    assert set(transitions) == set(states)
    assert {state for state in states if not transitions[state]} == final
    first, *others = states
    assert {target for targets in transitions.values() for target in targets} >= set(others)
    assert all(first not in targets for targets in transitions.values())


@pytest.mark.parametrize(("act", "state"), list(product(Act, ContractState)), ids=str)
def test_an_act_takes_no_way_that_a_contract_has_not(act: Act, state: ContractState) -> None:
    after = LEADS_TO[act].get(state)
    assert after in (None, state, *TRANSITIONS[state])
    assert (after is None or after is state) or after is RESULT[act]


def test_an_act_has_one_result_and_a_warning_none() -> None:
    for act, moves in LEADS_TO.items():
        results = {after for before, after in moves.items() if after is not before}
        assert results == ({RESULT[act]} if RESULT[act] else set())
    assert [act for act in Act if RESULT[act] is None] == [Act.WARN]


def test_a_warning_is_in_one_state() -> None:
    issued = WarningNotice("P1", 1, "chair", NOW, "late")
    acknowledged = replace(issued, acknowledged_by="analyst", acknowledged_at=NOW)
    withdrawn = [replace(notice, withdrawn=True) for notice in (issued, acknowledged)]
    assert (issued.state, acknowledged.state) == (WarningState.ISSUED, WarningState.ACKNOWLEDGED)
    assert {notice.state for notice in withdrawn} == {WarningState.WITHDRAWN}
    served = replace(issued, served_at=NOW)
    appealed = replace(served, appeal_text="why", appealed_by="analyst", appealed_at=NOW)
    upheld = replace(appealed, appeal_decided_at=NOW)
    assert [n.state for n in (served, appealed, upheld)] == [
        WarningState.SERVED,
        WarningState.APPEALED,
        WarningState.UPHELD,
    ]
    assert replace(served, acknowledged_at=NOW).state is WarningState.ACKNOWLEDGED


def test_a_warning_counts_from_its_arrival_or_its_cure_date_whichever_is_later() -> None:
    issued = WarningNotice("P1", 1, "chair", NOW, "late", cure_by=NOW + 3 * DAY)
    assert issued.counts_from is None
    assert replace(issued, served_at=NOW + DAY).counts_from == NOW + 3 * DAY
    assert replace(issued, acknowledged_at=NOW + 4 * DAY).counts_from == NOW + 4 * DAY
    assert replace(issued, served_at=NOW + DAY, acknowledged_at=NOW + 4 * DAY).counts_from == NOW + 3 * DAY
    assert replace(issued, cure_by=None, acknowledged_at=NOW + DAY).counts_from == NOW + DAY


def test_every_exit_needs_the_monitoring_committee_and_leads_somewhere() -> None:
    """Nothing ends without it; only a termination needs nobody else (I-33)."""
    for kind in ExitKind:
        assert Committee.MONITORING in EXIT_KEYS[kind]
        assert (EXIT_KEYS[kind] == set(Committee)) is (kind is not ExitKind.TERMINATION)
        for state in EXITS_FROM[kind]:
            assert state in (ContractState.CUT, ContractState.ENDED) or ContractState.ENDED in TRANSITIONS[state]


def test_steps_about_an_exit_are_possible_only_before_its_end() -> None:
    final = {state for state in ExitState if not EXIT_TRANSITIONS[state]}
    assert set(OPEN_TO) == set(ExitStep) - {ExitStep.ACCEPT, ExitStep.ASK}
    assert all(states and not states & final for states in OPEN_TO.values())
