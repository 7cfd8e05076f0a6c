from __future__ import annotations

from datetime import date, timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.api.oversight_clerk import OversightClerk
from access_broker.domain.acts import Act, WarningState
from access_broker.domain.contracts import ContractState
from access_broker.domain.motions import Subject
from access_broker.domain.suspensions import Suspension, SuspensionState
from access_broker.domain.working_days import EVERYBODY
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.working_days import declare_closure
from tests.support.committees import put
from tests.support.factories import DAY, NOW, audit_kinds, make_contract, make_records, position
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy


class Office:
    """A clerk with a clock of its own. P1 was suspended on Sunday noon, P2 was warned."""

    def __init__(self) -> None:
        self.policy = ScriptedPolicy()
        self.clock = FixedClock(NOW)
        contracts = (make_contract("P1", ContractState.ACTIVE), make_contract("P2", ContractState.ACTIVE))
        self.records: InMemoryRecords = make_records(*contracts, clock=self.clock)
        self.told: list[str] = []
        self.clerk = self.new()
        for act, contract, ground in ((Act.SUSPEND, "P1", "F-13"), (Act.WARN, "P2", "S3-P6-R2")):
            with self.records.write() as writer:
                commit_act(writer, ScriptedPolicy(), ActRequest(contract, act, ground, "chair"), NOW)

    def new(self) -> OversightClerk:
        return OversightClerk(self.records, self.policy, self.clock, self.told.append)

    def states(self) -> tuple[ContractState, SuspensionState, WarningState]:
        with self.records.read() as reader:
            contract = reader.contract("P1")
            assert contract is not None
            return contract.state, reader.filed(Suspension)[0].state, reader.warnings("P2")[0].state


@pytest.fixture
def office() -> Office:
    return Office()


def test_each_deadline_is_met_when_it_comes(office: Office) -> None:
    assert office.clerk.step() == 0
    assert office.states() == (ContractState.SUSPENDED, SuspensionState.PROVISIONAL, WarningState.ISSUED)
    office.clock.advance(4 * DAY)
    assert office.clerk.step() == 1
    assert office.states() == (ContractState.ACTIVE, SuspensionState.LAPSED_LIFTED, WarningState.ISSUED)
    assert office.told == ["P1"], "people ask for new tokens at once"
    office.clock.advance(3 * DAY)
    assert office.clerk.step() == 1
    assert office.states()[2] is WarningState.SERVED


def test_a_clerk_that_slept_long_does_all_of_it_once(office: Office) -> None:
    office.clock.advance(timedelta(days=60))
    start = position(office.records)
    assert office.clerk.step() == 2
    kinds = audit_kinds(office.records, start)
    assert kinds == ["contract.lifted", "act.recorded", "suspension.lapsed_lifted", "warning.served"]
    with office.records.read() as reader:
        contract = reader.contract("P1")
        assert contract is not None
        assert contract.generation == 3
    assert (office.clerk.step(), office.new().step()) == (0, 0)
    assert position(office.records) == start + 4


def test_a_closure_that_is_declared_meanwhile_is_seen(office: Office) -> None:
    office.clerk.step()
    with office.records.write() as writer:
        declare_closure(writer, EVERYBODY, date(2026, 11, 24), "dust", "operator", NOW)
    office.clock.advance(4 * DAY)
    assert office.clerk.step() == 0
    office.clock.advance(3 * DAY)
    assert office.clerk.step() == 1, "the suspension"
    office.clock.advance(DAY)
    assert office.clerk.step() == 1, "the warning, a day later too"


def test_two_clerks_at_once_settle_it_once(office: Office) -> None:
    """Both have looked before either has written."""
    office.clock.advance(timedelta(days=60))
    other = office.new()
    steps = []
    write = office.records.write

    def meanwhile():  # type: ignore[no-untyped-def]
        office.records.write = write  # type: ignore[method-assign]
        steps.append(other.step())
        return write()

    office.records.write = meanwhile  # type: ignore[method-assign]
    assert (office.clerk.step(), steps) == (0, [2])


def test_a_motion_that_nobody_decides_ends_when_its_days_are_over_and_not_without_policies(office: Office) -> None:
    put(office.records, subject=Subject.ACCEPT, about="P2")
    office.clock.advance(60 * DAY)
    office.policy = ScriptedPolicy(votes=Unavailable("POLICY_UNAVAILABLE", "asleep"))
    with pytest.raises(Unavailable):
        office.new().step()
    assert office.states()[2] is WarningState.SERVED, "what is due without a policy is done"
    with EmbeddedPolicy(timeout=20) as real:
        office.policy = real
        start = position(office.records)
        assert (office.new().step(), office.new().step()) == (1, 0)
    assert audit_kinds(office.records, start) == ["motion.lapsed"]
