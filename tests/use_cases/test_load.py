from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.load import LoadRefused, LoadReport, load_scenario
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.scenario import PlannedAct, PlannedContract, Scenario
from tests.support.factories import (
    ANALYST,
    CHAIR,
    COMPANY,
    DAY,
    NOW,
    audit_kinds,
    make_contract,
    make_scenario,
    position,
)
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy

MISSING = [Reason("APPROVAL_MISSING", "S3-P5"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]
CUT = PlannedAct(Act.CUT, "F-13", "chair")
SUSPEND = PlannedAct(Act.SUSPEND, "F-13", "chair")
LIFT = PlannedAct(Act.LIFT, "F-13", "chair")


def empty() -> InMemoryRecords:
    return InMemoryRecords(FixedClock(NOW))


def load(records: InMemoryRecords, scenario: Scenario, policy: ScriptedPolicy | None = None) -> LoadReport:
    with records.write() as writer:
        return load_scenario(writer, policy or ScriptedPolicy(), scenario, NOW)


def state_of(records: InMemoryRecords, contract: str = "P1") -> ContractState:
    with records.read() as reader:
        stored = reader.contract(contract)
    assert stored is not None
    return stored.state


def test_everything_comes_into_being_through_its_use_case() -> None:
    records = empty()
    report = load(records, make_scenario())
    assert dict(report.created) == {
        "organisations": 4,
        "people": 7,
        "seats": 2,
        "datasets": 1,
        "problems": 1,
        "contracts": 1,
    }
    assert report.contracts[0].state is ContractState.ACTIVE
    assert audit_kinds(records)[-5:] == [
        "dataset.registered",
        "dataset.sovereignty_decided",
        "problem.registered",
        "contract.drafted",
        "contract.activated",
    ]
    with records.read() as reader:
        assert {record.event.actor for record in reader.audit()} == {"operator"}


@pytest.mark.parametrize(
    "plan",
    [
        PlannedContract(make_contract()),
        PlannedContract(make_contract(), activate=False),
        PlannedContract(make_contract(), acts=(CUT,)),
        PlannedContract(make_contract(), acts=(SUSPEND, LIFT)),
        PlannedContract(make_contract(), acts=(PlannedAct(Act.WARN, "S3-P6-R2", "chair"), SUSPEND)),
    ],
)
def test_loading_again_changes_nothing_and_records_nothing(plan: PlannedContract) -> None:
    records, scenario = empty(), make_scenario(plan)
    first = load(records, scenario)
    end = position(records)
    again = load(records, scenario)
    assert position(records) == end
    assert set(dict(again.created).values()) == {0}
    assert again.contracts[0].state is first.contracts[0].state


def test_a_contract_without_a_key_stays_drafted_and_says_so() -> None:
    records = empty()
    report = load(records, make_scenario(), ScriptedPolicy(activation=MISSING))
    assert report.contracts[0].missing == tuple(MISSING)
    assert state_of(records) is ContractState.DRAFTED
    end = position(records)
    load(records, make_scenario(), ScriptedPolicy(activation=MISSING))
    assert position(records) == end
    assert load(records, make_scenario()).contracts[0].state is ContractState.ACTIVE


def test_acts_wait_for_the_contract_to_be_in_force() -> None:
    records, scenario = empty(), make_scenario(PlannedContract(make_contract(), acts=(CUT,)))
    load(records, scenario, ScriptedPolicy(activation=MISSING))
    assert state_of(records) is ContractState.DRAFTED
    assert load(records, scenario).contracts[0].acts_taken == 1
    assert state_of(records) is ContractState.CUT


def test_a_cut_contract_is_not_resurrected() -> None:
    records = empty()
    load(records, make_scenario())
    with records.write() as writer:
        commit_act(writer, ScriptedPolicy(), ActRequest("P1", Act.CUT, "F-13", "herasat"), NOW)
    end = position(records)
    for plan in (PlannedContract(make_contract()), PlannedContract(make_contract(), acts=(CUT,))):
        assert load(records, make_scenario(plan)).contracts[0].state is ContractState.CUT
    assert position(records) == end
    with pytest.raises(LoadRefused) as refusal:
        load(records, make_scenario(PlannedContract(make_contract(), acts=(LIFT,))))
    assert refusal.value.reason.code == "STATE_FORBIDS"
    assert state_of(records) is ContractState.CUT


def test_what_was_lifted_since_is_not_suspended_again() -> None:
    records, scenario = empty(), make_scenario(PlannedContract(make_contract(), acts=(SUSPEND,)))
    load(records, scenario)
    with records.write() as writer:
        commit_act(writer, ScriptedPolicy(), ActRequest("P1", Act.LIFT, "F-13", "chair"), NOW + DAY)
    load(records, scenario)
    assert state_of(records) is ContractState.ACTIVE


def test_the_same_file_on_another_day_keeps_the_dates_on_record() -> None:
    records = empty()
    load(records, make_scenario())
    end = position(records)
    later = make_contract(starts_at=NOW, ends_at=NOW + 91 * DAY)
    report = load(records, make_scenario(PlannedContract(later)))
    assert report.contracts[0].dates_kept
    assert position(records) == end


def test_a_conflict_refuses_the_whole_file_and_names_every_misfit_of_its_section() -> None:
    records = empty()
    load(records, make_scenario())
    end = position(records)
    people = (replace(ANALYST, name_en="Other"), replace(CHAIR, name_en="Other"))
    new = replace(COMPANY, id="new", legal_id=None)
    with pytest.raises(LoadRefused) as refusal:
        load(records, make_scenario(people=people, organisations=(new,)))
    assert [misfit.where for misfit in refusal.value.misfits] == ["people.analyst", "people.chair"]
    assert {reason.code for reason in refusal.value.reasons} == {"CONFLICT"}
    assert position(records) == end
    with records.read() as reader:
        assert reader.organisation("new") is None


def test_an_act_that_may_not_be_taken_refuses_the_whole_file() -> None:
    records = empty()
    policy = ScriptedPolicy(acts=[Reason("NOT_PERMITTED", "S1-C2")])
    with pytest.raises(Refused) as refusal:
        load(records, make_scenario(PlannedContract(make_contract(), acts=(CUT,))), policy)
    assert refusal.value.reason.code == "NOT_PERMITTED"
    assert position(records) == 0


def test_without_a_policy_nothing_is_half_loaded() -> None:
    records = empty()
    with pytest.raises(Unavailable):
        load(records, make_scenario(), ScriptedPolicy(activation=Unavailable("POLICY_UNAVAILABLE")))
    assert position(records) == 0
