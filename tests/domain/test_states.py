"""The tables of states, held against each other: what they say together, whatever the code makes of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum
from itertools import product

import pytest

from access_broker.domain.acts import LEADS_TO, RESULT, WARNING_TRANSITIONS, Act, WarningNotice, WarningState
from access_broker.domain.contracts import TRANSITIONS, ContractState
from access_broker.domain.sandboxes import SANDBOX_TRANSITIONS, SandboxState
from tests.support.factories import NOW

MACHINES = [
    (ContractState, TRANSITIONS, {ContractState.CUT, ContractState.ENDED}),
    (WarningState, WARNING_TRANSITIONS, {WarningState.WITHDRAWN}),
    (SandboxState, SANDBOX_TRANSITIONS, {SandboxState.ENDED}),
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
