from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Approval, Contract, ContractState, Guarantee, Level, Signatory
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.approving import Party, approve, guarantee, sign
from access_broker.use_cases.contracts import activate_contract
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.tokens import caller_of
from tests.support.factories import DAY, NOW, give_token, make_contract, make_records, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

M, Q = Committee.MONITORING, Committee.QUALIFICATION
BARE = make_contract(approvals=(), signatures=(), guarantees=(), ito_approved=False)
EVENT = AuditEvent("test.arranged", "test", "test")
Give = Callable[..., Contract]


def give(
    records: InMemoryRecords, who: str, use_case: Any, *arguments: Any, contract: Contract | None = None
) -> Contract:
    """Do it as the person, with their own token or one of a contract."""
    token = give_token(records, f"token of {who}", who, *([contract] if contract else []))
    with records.write() as writer:
        made: Contract = use_case(writer, caller_of(writer, token, NOW), "P1", *arguments)
        return made


def approving(records: InMemoryRecords, who: str, committee: Committee, decision: str = "approved") -> Contract:
    return give(records, who, approve, committee, decision, NOW)


def code_of(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.reason.code, refusal.value.reason.rule


def sit(records: InMemoryRecords, *seats: Seat) -> None:
    with records.write() as writer:
        for seat in seats:
            writer.save_seat(seat, EVENT)


def test_from_nothing_to_force_key_by_key() -> None:
    records = make_records(BARE)
    approving(records, "chair", M)
    approving(records, "herasat", Q)
    give(records, "steward", sign, Party.GOVERNMENT)
    give(records, "analyst", sign, Party.EXECUTOR)
    give(records, "herasat", sign, Party.ITO)
    give(records, "herasat", guarantee, "nda", NOW + 180 * DAY, NOW)
    given = give(records, "chair", guarantee, "non_publication", NOW + 180 * DAY, NOW)
    assert given == make_contract(
        approvals=(Approval(M, "chair", "approved", NOW), Approval(Q, "herasat", "approved", NOW))
    )
    with records.write() as writer:
        assert activate_contract(writer, ScriptedPolicy(), "P1", "chair", NOW).state is ContractState.ACTIVE


@pytest.mark.parametrize(
    ("level", "committee", "rule"),
    [
        (Level.PERSONAL, M, "S3-P5"),
        (Level.PERSONAL, Q, "S3-P5"),
        (Level.OPEN, M, "S3-P1"),
        (Level.ORGANISATIONAL, Q, "S3-P4"),
    ],
)
def test_an_approval_is_recorded_under_the_rule_that_asks_for_it(level: Level, committee: Committee, rule: str) -> None:
    records = make_records(replace(BARE, level=level))
    give(records, "chair" if committee is M else "herasat", approve, committee, "approved", NOW, "M-7")
    with records.read() as reader:
        event = reader.audit(0, 1000)[-1].event
    assert (event.kind, event.rule) == ("contract.approved", rule)
    assert event.body == {"committee": committee.value, "decision": "approved", "reference": "M-7"}


@pytest.mark.parametrize(
    ("who", "committee", "rule"),
    [
        ("chair", Q, "S3-P1-R2"),
        ("herasat", M, "S1-C2"),
        ("analyst", M, "S1-C2"),
        ("steward", Q, "S3-P1-R2"),
        ("auditor", M, "S1-C2"),
    ],
)
def test_only_a_seat_of_that_committee_approves(who: str, committee: Committee, rule: str) -> None:
    records = make_records(BARE)
    start = position(records) + 1  # the token
    assert code_of(lambda: approving(records, who, committee)) == ("NOT_PERMITTED", rule)
    assert position(records) == start


def test_a_seat_whose_time_is_over_approves_nothing() -> None:
    records = make_records(BARE)
    sit(records, Seat(M, 2, "auditor", NOW - 2 * DAY, NOW - DAY))
    assert code_of(lambda: approving(records, "auditor", M))[0] == "NOT_PERMITTED"


def test_the_same_decision_again_changes_nothing() -> None:
    records = make_records(BARE)
    first = approving(records, "chair", M)
    end = position(records) + 1
    assert approving(records, "chair", M) == first
    assert position(records) == end


def test_one_seat_speaks_for_the_committee_and_may_change_its_mind() -> None:
    records = make_records(BARE)
    sit(records, Seat(M, 2, "auditor"), Seat(M, 1, "steward", NOW - DAY, NOW + DAY))
    approving(records, "chair", M, "rejected")
    assert code_of(lambda: approving(records, "auditor", M)) == ("CONFLICT", "S3-P5")
    delegate = approving(records, "steward", M)  # of the same seat
    assert [(a.person, a.decision) for a in delegate.approvals] == [("steward", "approved")]
    assert [a.decision for a in approving(records, "chair", M, "rejected").approvals] == ["rejected"]


def test_both_keys_to_personal_data_are_not_in_one_hand() -> None:
    records = make_records(BARE)
    sit(records, Seat(Q, 3, "chair"))
    approving(records, "chair", M)
    assert code_of(lambda: approving(records, "chair", Q)) == ("SAME_PERSON_TWICE", "S3-P5")
    open_data = make_records(replace(BARE, level=Level.OPEN))
    sit(open_data, Seat(Q, 3, "chair"))
    approving(open_data, "chair", M)
    assert len(approving(open_data, "chair", Q).approvals) == 2


@pytest.mark.parametrize("state", [s for s in ContractState if s is not ContractState.DRAFTED])
def test_what_is_in_force_is_not_approved_or_signed_any_more(state: ContractState) -> None:
    records = make_records(replace(BARE, state=state, generation=2))
    assert code_of(lambda: approving(records, "chair", M)) == ("STATE_FORBIDS", "F-12")
    assert code_of(lambda: give(records, "steward", sign, Party.GOVERNMENT)) == ("STATE_FORBIDS", "F-12")


@pytest.mark.parametrize("decision", ["", "maybe", "APPROVED"])
def test_a_decision_is_one_of_two(decision: str) -> None:
    assert code_of(lambda: approving(make_records(BARE), "chair", M, decision))[0] == "INVALID"


@pytest.mark.parametrize(
    ("who", "party", "code"),
    [
        ("steward", Party.GOVERNMENT, ""),
        ("analyst", Party.EXECUTOR, ""),
        ("chair", Party.ITO, ""),
        ("steward", Party.EXECUTOR, "NOT_PERMITTED"),
        ("steward", Party.ITO, "NOT_PERMITTED"),
        ("analyst", Party.GOVERNMENT, "NOT_PERMITTED"),
        ("analyst", Party.ITO, "NOT_PERMITTED"),
        ("chair", Party.EXECUTOR, "NOT_PERMITTED"),
        ("auditor", Party.ITO, "NOT_PERMITTED"),  # of ITO, without a seat
        ("colleague", Party.EXECUTOR, "NOT_FOUND"),  # of the company, not named
        ("outsider", Party.EXECUTOR, "NOT_FOUND"),
    ],
)
def test_who_signs_for_whom(who: str, party: Party, code: str) -> None:
    records = make_records(BARE)
    if code:
        assert code_of(lambda: give(records, who, sign, party))[0] == code
        return
    signed = give(records, who, sign, party)
    assert give(records, who, sign, party) == signed
    assert signed.ito_approved is (party is Party.ITO)
    assert signed.signatures == (() if party is Party.ITO else (Signatory(party.value),))


def test_a_token_of_a_contract_signs_for_nobody() -> None:
    other = make_contract("P2", ContractState.ACTIVE, people=("analyst", "steward"))
    for who, party in (("steward", Party.GOVERNMENT), ("analyst", Party.EXECUTOR)):
        records = make_records(BARE, other)
        assert code_of(lambda: give(records, who, sign, party, contract=other))[0] == "NOT_FOUND"  # noqa: B023


def test_a_government_seat_does_not_approve_for_ito() -> None:
    records = make_records(BARE)
    sit(records, Seat(M, 4, "steward"))
    assert code_of(lambda: give(records, "steward", sign, Party.ITO)) == ("NOT_PERMITTED", "S3-P1")


@pytest.mark.parametrize(
    ("kind", "after"),
    [("nda", 0), ("nda", -1), ("nda", 21 * 366), ("handshake", 30)],
)
def test_guarantees_that_are_none(kind: str, after: int) -> None:
    records = make_records(BARE)
    assert code_of(lambda: give(records, "chair", guarantee, kind, NOW + after * DAY, NOW)) == ("INVALID", "S3-P7-R1")


@pytest.mark.parametrize("who", ["analyst", "steward", "auditor"])
def test_nobody_guarantees_for_oneself(who: str) -> None:
    records = make_records(BARE)
    assert code_of(lambda: give(records, who, guarantee, "nda", NOW + DAY, NOW))[0] == "NOT_PERMITTED"


def test_the_guarantee_that_lasts_longest_counts() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE, guarantees=(Guarantee("nda", NOW - DAY),)))
    for days, expected in ((30, 30), (10, 30), (60, 60)):
        given = give(records, "chair", guarantee, "nda", NOW + days * DAY, NOW)
        assert given.guarantees == (Guarantee("nda", NOW + expected * DAY),)
    assert (given.state, given.generation) == (ContractState.ACTIVE, 1)


@pytest.mark.parametrize("state", [ContractState.CUT, ContractState.ENDED])
def test_what_is_over_is_guaranteed_no_more(state: ContractState) -> None:
    records = make_records(make_contract(state=state))
    refused = code_of(lambda: give(records, "chair", guarantee, "nda", NOW + timedelta(days=900), NOW))
    assert refused == ("STATE_FORBIDS", "F-13")


def test_an_unknown_contract_is_not_found() -> None:
    records = make_records()
    token = give_token(records, "x", "chair")
    with pytest.raises(Refused, match="NOT_FOUND"), records.write() as writer:
        approve(writer, caller_of(writer, token, NOW), "P9", M, "approved", NOW)


def test_a_writer_is_all_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be recorded does not become a key."""
    records = make_records(BARE)

    def fail(self: Writer, contract: Contract, event: AuditEvent) -> None:
        raise Refused("CONFLICT")

    monkeypatch.setattr("tests.support.fakes.InMemoryWriter.save_contract", fail)
    assert code_of(lambda: approving(records, "chair", M))[0] == "CONFLICT"
    with records.read() as reader:
        assert reader.contract("P1") == BARE
