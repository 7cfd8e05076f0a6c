from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from access_broker.adapters.policy.embedded import EmbeddedPolicy
from access_broker.domain.acts import WarningNotice
from access_broker.domain.agreement import lost_keys
from access_broker.domain.audit import AuditEvent
from access_broker.domain.clauses import STANDARD, ContractClause
from access_broker.domain.contracts import Approval, ColumnGrant, Consent, Contract, ContractState, Level, TableGrant
from access_broker.domain.datasets import Mode
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.contracts import acknowledge, acknowledge_warning, activate_contract, draft_contract
from tests.support.factories import (
    CITIZENS,
    DAY,
    NOW,
    PROVINCES,
    audit_kinds,
    make_contract,
    make_records,
    position,
)
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ALLOW = ScriptedPolicy()
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


def activate(records: InMemoryRecords, policy: ScriptedPolicy = ALLOW) -> Contract:
    with records.write() as writer:
        return activate_contract(writer, policy, "P1", "chair", NOW)


def draft(records: InMemoryRecords, contract: Contract) -> bool:
    with records.write() as writer:
        return draft_contract(writer, contract, "operator")


def refusal_code(records: InMemoryRecords, contract: Contract) -> str:
    with pytest.raises(Refused) as refusal:
        draft(records, contract)
    return refusal.value.reason.code


def test_activation_puts_a_contract_in_force() -> None:
    records = make_records(make_contract())
    start = position(records)
    active = activate(records)
    assert (active.state, active.generation) == (ContractState.ACTIVE, 1)
    with records.read() as reader:
        assert reader.contract("P1") == active
        (record,) = reader.audit(start)
    assert (record.event.kind, record.event.rule, record.event.actor) == ("contract.activated", "F-12", "chair")
    assert record.event.body["scope"]["health.citizens"]["national_id"] == "join"


def test_activation_lists_every_missing_key() -> None:
    reasons = [Reason("APPROVAL_MISSING", "S3-P5"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]
    records = make_records(make_contract())
    with pytest.raises(Refused) as refusal:
        activate(records, ScriptedPolicy(activation=reasons))
    assert refusal.value.reasons == tuple(reasons)
    with records.read() as reader:
        assert reader.contract("P1") == make_contract()


def test_activating_again_is_a_no_op() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    start = position(records)
    assert activate(records).generation == 1
    assert position(records) == start


@pytest.mark.parametrize("state", [ContractState.SUSPENDED, ContractState.CUT, ContractState.ENDED])
def test_activation_is_no_way_out_of_a_stopped_contract(state: ContractState) -> None:
    with pytest.raises(Refused) as refusal:
        activate(make_records(make_contract(state=state)))
    assert refusal.value.reason.code == "STATE_FORBIDS"


@pytest.mark.parametrize(
    ("level", "column", "enough"),
    [
        (Level.OPEN, "province", True),
        (Level.OPEN, "birth_date", False),
        (Level.ORGANISATIONAL, "birth_date", False),
        (Level.ORGANISATIONAL, "income", False),
        (Level.ORGANISATIONAL, "national_id", False),
        (Level.PERSONAL, "national_id", True),
    ],
)
def test_the_level_must_cover_the_class_of_every_granted_column(level: Level, column: str, enough: bool) -> None:
    """A raw identifier under the level `open` would need one committee instead of two."""
    table = "provinces" if column == "province" else "citizens"
    grant = TableGrant("health", table, (ColumnGrant(column, Mode.RAW),))
    records = make_records(make_contract(level=level, scope=(grant,)))
    if enough:
        assert activate(records).state is ContractState.ACTIVE
    else:
        with pytest.raises(Refused) as refusal:
            activate(records)
        assert refusal.value.reasons == (Reason("LEVEL_TOO_LOW", "F-12"),)


def test_a_denied_column_asks_for_no_level() -> None:
    grant = TableGrant("health", "citizens", (ColumnGrant("full_name", Mode.DENY),))
    records = make_records(make_contract(level=Level.OPEN, scope=(grant, PROVINCES)))
    assert activate(records).state is ContractState.ACTIVE


def test_drafting_twice_writes_once() -> None:
    records = make_records()
    assert draft(records, make_contract())
    end = position(records)
    assert not draft(records, make_contract())
    assert position(records) == end


def test_a_draft_may_be_mended_and_keeps_keys_given_for_the_same_term() -> None:
    records = make_records(make_contract(guarantees=()))
    given = make_contract(approvals=())
    assert draft(records, given)
    with records.read() as reader:
        assert reader.contract("P1") == make_contract()


def test_keys_are_given_for_a_term() -> None:
    records = make_records(make_contract())
    longer = make_contract(ends_at=NOW + 120 * DAY, approvals=())
    draft(records, longer)
    with records.read() as reader:
        stored = reader.contract("P1")
    assert stored == replace(longer, approvals=make_contract().approvals)
    assert lost_keys(stored) == ("monitoring", "qualification")


@pytest.mark.parametrize("state", [s for s in ContractState if s is not ContractState.DRAFTED])
def test_beyond_the_draft_the_same_agreement_changes_nothing(state: ContractState) -> None:
    records = make_records(make_contract(state=state))
    start = position(records)
    assert not draft(records, make_contract())
    assert not draft(records, make_contract(starts_at=NOW, ends_at=NOW + 91 * DAY))
    assert position(records) == start
    assert refusal_code(records, make_contract(scope=(PROVINCES,))) == "CONFLICT"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": ContractState.ACTIVE}, "INVALID"),
        ({"generation": 3}, "INVALID"),
        ({"ends_at": NOW - 2 * DAY}, "INVALID"),
        ({"purpose": " "}, "INVALID"),
        ({"problem": "gone"}, "NOT_FOUND"),
        ({"executor": "gone"}, "NOT_FOUND"),
        ({"owner": "gone"}, "NOT_FOUND"),
        ({"people": ("outsider",), "acknowledged": ()}, "NOT_NAMED"),
        ({"people": ("nobody",), "acknowledged": ()}, "NOT_NAMED"),
        ({"acknowledged": ("colleague",)}, "NOT_NAMED"),
        ({"scope": (CITIZENS, CITIZENS)}, "INVALID"),
        ({"scope": (TableGrant("gone", "citizens", ()),)}, "NOT_FOUND"),
        ({"scope": (TableGrant("health", "gone", ()),)}, "NOT_FOUND"),
        ({"scope": (TableGrant("health", "citizens", (ColumnGrant("gone", Mode.RAW),)),)}, "NOT_FOUND"),
        ({"scope": (TableGrant("health", "citizens", (ColumnGrant("income", Mode.MASK),)),)}, "INVALID"),
        ({"scope": (replace(PROVINCES, columns=PROVINCES.columns * 2),)}, "INVALID"),
        ({"terms": replace(make_contract().terms, k=0)}, "INVALID"),
        ({"approvals": (Approval(Committee.MONITORING, "nobody", "approved", NOW),)}, "NOT_FOUND"),
        ({"approvals": (Approval(Committee.MONITORING, "analyst", "approved", NOW),)}, "NOT_PERMITTED"),
        ({"approvals": (Approval(Committee.MONITORING, "herasat", "approved", NOW),)}, "NOT_PERMITTED"),
        ({"approvals": (Approval(Committee.QUALIFICATION, "auditor", "rejected", NOW),)}, "NOT_PERMITTED"),
        ({"consents": (Consent("health", "chair", NOW),)}, "NOT_PERMITTED"),
        ({"consents": (Consent("other", "steward", NOW),)}, "NOT_PERMITTED"),
    ],
)
def test_a_draft_that_could_never_be_in_force_is_refused(change: dict[str, object], code: str) -> None:
    records = make_records()
    assert refusal_code(records, make_contract(**change)) == code
    assert position(records) == position(make_records())


@pytest.mark.parametrize(
    ("given_at", "code"), [(NOW - 3 * DAY, "NOT_PERMITTED"), (NOW - DAY, ""), (NOW + DAY, "NOT_PERMITTED")]
)
def test_an_approver_in_a_file_was_seated_at_that_time(given_at: datetime, code: str) -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 2, "auditor", NOW - 2 * DAY, NOW), EVENT)
    contract = make_contract(approvals=(Approval(Committee.MONITORING, "auditor", "approved", given_at),))
    if code:
        assert refusal_code(records, contract) == code
    else:
        assert draft(records, contract)


@pytest.mark.parametrize("who", ["steward", "analyst", "colleague"])
def test_an_approver_in_a_file_is_of_no_side(who: str) -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 2, who), EVENT)
    contract = make_contract(approvals=(Approval(Committee.MONITORING, who, "approved", NOW),))
    assert refusal_code(records, contract) == "CONFLICT_OF_INTEREST"


def test_a_draft_brings_no_key_of_another_text() -> None:
    assert refusal_code(make_records(), replace(make_contract(), purpose="another")) == "INVALID"


def test_acknowledging_is_for_named_people_and_happens_once() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE, acknowledged=()))
    start = position(records)
    for _ in range(2):
        with records.write() as writer:
            accepted = acknowledge(writer, "P1", "analyst", NOW)
    assert (accepted.acknowledged, accepted.generation) == (("analyst",), 1)
    assert audit_kinds(records, start) == ["contract.acknowledged"]
    with pytest.raises(Refused) as refusal, records.write() as writer:
        acknowledge(writer, "P1", "colleague", NOW)
    assert refusal.value.reason == Reason("NOT_NAMED", "S3-P3")


@pytest.mark.parametrize("state", [ContractState.CUT, ContractState.ENDED])
def test_a_finished_contract_is_not_acknowledged(state: ContractState) -> None:
    records = make_records(make_contract(state=state, acknowledged=()))
    with pytest.raises(Refused) as refusal, records.write() as writer:
        acknowledge(writer, "P1", "analyst", NOW)
    assert refusal.value.reason.code == "STATE_FORBIDS"


def test_a_warning_is_acknowledged_once_by_a_named_person() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "chair", NOW, "late"), AuditEvent("test.arranged", "t", "t", "F-1"))
    start = position(records)
    for later in range(2):
        with records.write() as writer:
            notice = acknowledge_warning(writer, "P1", 1, "analyst", NOW + later * DAY)
    assert (notice.acknowledged_by, notice.acknowledged_at) == ("analyst", NOW)
    assert audit_kinds(records, start) == ["warning.acknowledged"]
    for number, person, code in ((2, "analyst", "NOT_FOUND"), (1, "chair", "NOT_NAMED")):
        with pytest.raises(Refused) as refusal, records.write() as writer:
            acknowledge_warning(writer, "P1", number, person, NOW)
        assert refusal.value.reason.code == code


def test_a_withdrawn_warning_is_not_acknowledged() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    withdrawn = WarningNotice("P1", 1, "chair", NOW, "late", withdrawn=True)
    with records.write() as writer:
        writer.save_warning(withdrawn, AuditEvent("test.arranged", "t", "t", "F-1"))
    with pytest.raises(Refused) as refusal, records.write() as writer:
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)
    assert (refusal.value.reason.code, refusal.value.reason.rule) == ("STATE_FORBIDS", "S3-P6-R2")
    with records.read() as reader:
        assert reader.warnings("P1") == [withdrawn]


@pytest.mark.parametrize(
    "clauses",
    [
        (*STANDARD, STANDARD[0]),
        (replace(STANDARD[0], text_en=" "),),
        (replace(STANDARD[0], text_fa=""),),
        (replace(STANDARD[0], text_fa="x" * 4001),),
        (replace(STANDARD[0], text_en="turned \u202e round"),),
    ],
    ids=["twice", "no English", "no Persian", "endless", "turned round"],
)
def test_a_clause_says_something_once(clauses: tuple[ContractClause, ...]) -> None:
    assert refusal_code(make_records(), make_contract(clauses=clauses)) == "INVALID"


def test_a_draft_without_clauses_is_taken_and_does_not_come_into_force() -> None:
    records = make_records()
    assert draft(records, make_contract(clauses=()))
    with EmbeddedPolicy(timeout=20) as policy, records.write() as writer, pytest.raises(Refused) as refusal:
        activate_contract(writer, policy, "P1", "chair", NOW)
    assert set(refusal.value.reasons) == {
        Reason("CLAUSE_MISSING", "S3-P1-R1"),
        Reason("CLAUSE_MISSING", "S3-P6"),
        Reason("CLAUSE_MISSING", "S3-P6-R1"),
    }


def test_the_file_of_a_contract_of_before_there_were_clauses_is_still_the_same_file() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE, clauses=()))
    start = position(records)
    assert not draft(records, make_contract())
    assert position(records) == start
    own = (replace(STANDARD[0], text_en="Another."), *STANDARD[1:])
    assert refusal_code(records, make_contract(clauses=own)) == "CONFLICT"
