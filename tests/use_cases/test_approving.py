from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_broker.domain.agreement import current, lost_keys, text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Approval, Contract, ContractState, Guarantee, Level, Signatory, Signature
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.approving import approve, consent, guarantee, sign
from access_broker.use_cases.contracts import activate_contract, contract_named, draft_contract
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.tokens import caller_of
from tests.support.factories import DAY, MINISTRY, NOW, give_token, make_contract, make_records, person, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

M, Q = Committee.MONITORING, Committee.QUALIFICATION
BARE = make_contract(approvals=(), signatures=(), guarantees=())
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
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
    return give(records, who, approve, committee, decision, seen(records), NOW)


def seen(records: InMemoryRecords) -> str:
    """The digest of the text as it lies there now."""
    with records.read() as reader:
        return text_digest(contract_named(reader, "P1"))


def signing(records: InMemoryRecords, who: str, party: Signatory, contract: Contract | None = None) -> Contract:
    return give(records, who, sign, party, seen(records), NOW, contract=contract)


def consenting(records: InMemoryRecords, who: str, dataset: str) -> Contract:
    return give(records, who, consent, dataset, seen(records), NOW)


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
    sit(records, Seat(M, 2, "auditor"))
    approving(records, "chair", M)
    approving(records, "herasat", Q)
    signing(records, "steward", Signatory.GOVERNMENT)
    signing(records, "analyst", Signatory.EXECUTOR)
    signing(records, "auditor", Signatory.ITO)
    give(records, "herasat", guarantee, "nda", NOW + 180 * DAY, NOW)
    given = give(records, "chair", guarantee, "non_publication", NOW + 180 * DAY, NOW)
    digest = text_digest(BARE)
    assert given == make_contract(
        approvals=(Approval(M, "chair", "approved", NOW), Approval(Q, "herasat", "approved", NOW)),
        signatures=tuple(
            Signature(party, who, NOW, digest)
            for party, who in zip(Signatory, ("steward", "analyst", "auditor"), strict=True)
        ),
    )
    assert {key.digest for key in (*given.approvals, *given.signatures)} == {digest}
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
    give(records, "chair" if committee is M else "herasat", approve, committee, "approved", seen(records), NOW, "M-7")
    with records.read() as reader:
        event = reader.audit(0, 1000)[-1].event
    assert (event.kind, event.rule) == ("contract.approved", rule)
    told = {"committee": committee.value, "decision": "approved", "reference": "M-7", "digest": seen(records)}
    assert event.body == told


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
    sit(records, Seat(M, 2, "auditor"), Seat(M, 1, "herasat", NOW - DAY, NOW + DAY))
    approving(records, "chair", M, "rejected")
    assert code_of(lambda: approving(records, "auditor", M)) == ("CONFLICT", "S3-P5")
    delegate = approving(records, "herasat", M)  # of the same seat
    assert [(a.person, a.decision) for a in delegate.approvals] == [("herasat", "approved")]
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
    assert code_of(lambda: signing(records, "steward", Signatory.GOVERNMENT)) == ("STATE_FORBIDS", "F-12")


@pytest.mark.parametrize("decision", ["", "maybe", "APPROVED"])
def test_a_decision_is_one_of_two(decision: str) -> None:
    assert code_of(lambda: approving(make_records(BARE), "chair", M, decision))[0] == "INVALID"


@pytest.mark.parametrize(
    ("who", "party", "code"),
    [
        ("steward", Signatory.GOVERNMENT, ""),
        ("analyst", Signatory.EXECUTOR, ""),
        ("chair", Signatory.ITO, ""),
        ("steward", Signatory.EXECUTOR, "NOT_PERMITTED"),
        ("steward", Signatory.ITO, "NOT_PERMITTED"),
        ("analyst", Signatory.GOVERNMENT, "NOT_PERMITTED"),
        ("analyst", Signatory.ITO, "NOT_PERMITTED"),
        ("chair", Signatory.EXECUTOR, "NOT_PERMITTED"),
        ("auditor", Signatory.ITO, "NOT_PERMITTED"),  # of ITO, without a seat
        ("colleague", Signatory.EXECUTOR, "NOT_FOUND"),  # of the company, not named
        ("outsider", Signatory.EXECUTOR, "NOT_FOUND"),
    ],
)
def test_who_signs_for_whom(who: str, party: Signatory, code: str) -> None:
    records = make_records(BARE)
    if code:
        assert code_of(lambda: signing(records, who, party))[0] == code
        return
    signed = signing(records, who, party)
    assert signing(records, who, party) == signed
    assert signed.ito_approved is (party is Signatory.ITO)
    assert signed.signatures == (Signature(party, who, NOW, text_digest(BARE)),)


def test_a_token_of_a_contract_signs_for_nobody() -> None:
    other = make_contract("P2", ContractState.ACTIVE, people=("analyst", "steward"))
    for who, party in (("steward", Signatory.GOVERNMENT), ("analyst", Signatory.EXECUTOR)):
        records = make_records(BARE, other)
        assert code_of(lambda: signing(records, who, party, other))[0] == "NOT_FOUND"  # noqa: B023


def test_a_government_seat_does_not_approve_for_ito() -> None:
    records = make_records(BARE)
    sit(records, Seat(M, 4, "steward"))
    assert code_of(lambda: signing(records, "steward", Signatory.ITO)) == ("NOT_PERMITTED", "S3-P1")


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


def test_another_organisations_own_seat_takes_in_no_guarantee() -> None:
    """It would write down, for a contract that does not concern it, what nobody has shown to it."""
    records = make_records(BARE)
    sit(records, Seat(M, 6, "auditor", organisation="roads"))
    refused = code_of(lambda: give(records, "auditor", guarantee, "nda", NOW + DAY, NOW))
    assert refused == ("NOT_PERMITTED", "S3-P7-R1")
    assert give(records, "chair", guarantee, "nda", NOW + DAY, NOW).guarantees


def test_whoever_may_not_read_a_contract_is_not_told_that_it_is_there() -> None:
    records = make_records(BARE)
    assert code_of(lambda: give(records, "outsider", guarantee, "nda", NOW + DAY, NOW))[0] == "NOT_FOUND"


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
        approve(writer, caller_of(writer, token, NOW), "P9", M, "approved", "", NOW)


def test_a_writer_is_all_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be recorded does not become a key."""
    records = make_records(BARE)

    def fail(self: Writer, contract: Contract, event: AuditEvent) -> None:
        raise Refused("CONFLICT")

    monkeypatch.setattr("tests.support.fakes.InMemoryWriter.save_contract", fail)
    assert code_of(lambda: approving(records, "chair", M))[0] == "CONFLICT"
    with records.read() as reader:
        assert reader.contract("P1") == BARE


@pytest.mark.parametrize(
    ("who", "seat", "contract"),
    [
        ("steward", Seat(M, 4, "steward"), BARE),  # keeps the data
        ("clerk", Seat(M, 4, "clerk"), BARE),  # of the owner
        ("analyst", Seat(M, 4, "analyst"), BARE),  # of the executor
        ("colleague", Seat(M, 4, "colleague"), BARE),
        ("auditor", Seat(M, 4, "auditor"), replace(BARE, people=("analyst", "auditor"))),
    ],
)
def test_nobody_judges_what_is_their_own(who: str, seat: Seat, contract: Contract) -> None:
    """Even where a seat was written past its rules."""
    records = make_records(contract)
    with records.write() as writer:
        writer.save_person(person("clerk", MINISTRY), EVENT)
    sit(records, seat)
    for decision in ("approved", "rejected"):
        assert code_of(lambda: approving(records, who, M, decision)) == ("CONFLICT_OF_INTEREST", "S1-C2")  # noqa: B023


def of_ito() -> InMemoryRecords:
    """A contract on data that ITO owns, so that its people sign for the owner."""
    records = make_records(replace(BARE, owner="ito"))
    sit(records, Seat(M, 2, "auditor"))
    return records


def test_whoever_signed_does_not_approve_and_the_other_way_round() -> None:
    records = of_ito()
    signing(records, "chair", Signatory.GOVERNMENT)
    assert code_of(lambda: approving(records, "chair", M)) == ("CONFLICT_OF_INTEREST", "S1-C2")
    assert code_of(lambda: signing(records, "chair", Signatory.ITO)) == ("CONFLICT_OF_INTEREST", "S1-C2")
    assert approving(records, "auditor", M).approvals

    records = of_ito()
    approving(records, "chair", M)
    assert code_of(lambda: signing(records, "chair", Signatory.GOVERNMENT)) == ("CONFLICT_OF_INTEREST", "S1-C2")
    assert signing(records, "auditor", Signatory.GOVERNMENT).signatures


@pytest.mark.parametrize(("level", "rule"), [(Level.PERSONAL, "S3-P5"), (Level.OPEN, "S3-P1")])
def test_an_approval_and_the_consent_of_ito_are_in_two_hands(level: Level, rule: str) -> None:
    records = make_records(replace(BARE, level=level))
    signing(records, "chair", Signatory.ITO)
    assert code_of(lambda: approving(records, "chair", M)) == ("SAME_PERSON_TWICE", rule)
    records = make_records(replace(BARE, level=level))
    approving(records, "chair", M)
    assert code_of(lambda: signing(records, "chair", Signatory.ITO)) == ("SAME_PERSON_TWICE", rule)
    assert signing(records, "herasat", Signatory.ITO).ito_approved


def changed(records: InMemoryRecords, **what: Any) -> Contract:
    """Somebody drafts it anew, with no key of its own."""
    with records.write() as writer:
        draft_contract(writer, replace(BARE, **what), "operator")
        return contract_named(writer, "P1")


@pytest.mark.parametrize(
    "what",
    [
        {"purpose": "another_purpose"},
        {"ends_at": NOW + 91 * DAY},
        {"people": ("analyst", "colleague")},
        {"scope": BARE.scope[:1]},
        {"terms": replace(BARE.terms, k=11)},
        {"report_every_days": 8},
    ],
    ids=lambda what: next(iter(what)),
)
def test_a_key_for_a_text_that_has_changed_is_refused_and_says_so(what: dict[str, Any]) -> None:
    records = make_records(BARE)
    read = seen(records)
    changed(records, **what)
    start = position(records)
    for who, use_case, key in (("chair", approve, (M, "approved")), ("steward", sign, (Signatory.GOVERNMENT,))):
        with pytest.raises(Refused) as refusal:
            give(records, who, use_case, *key, read, NOW)
        assert (refusal.value.reason.code, refusal.value.detail) == ("CONFLICT", {"text_of": "P1"})
    assert position(records) == start + 2  # the tokens


def test_a_changed_draft_loses_its_keys_visibly_and_gets_them_again() -> None:
    records = make_records(BARE)
    approving(records, "chair", M)
    signing(records, "steward", Signatory.GOVERNMENT)
    draft = changed(records, purpose="another_purpose")
    assert lost_keys(draft) == ("government", "monitoring")
    assert current(draft, draft.approvals) == ()
    with records.read() as reader:
        event = reader.audit(0, 1000)[-1].event
    assert (event.kind, event.body["keys_lost"]) == ("contract.redrafted", ["government", "monitoring"])

    approving(records, "chair", M)
    again = signing(records, "steward", Signatory.GOVERNMENT)
    assert lost_keys(again) == ()
    assert len(again.approvals) == len(again.signatures) == 1


def test_another_seat_decides_about_a_changed_text() -> None:
    """What the first one said was about another text."""
    records = make_records(BARE)
    sit(records, Seat(M, 2, "auditor"))
    approving(records, "chair", M, "rejected")
    changed(records, purpose="another_purpose")
    assert [a.person for a in approving(records, "auditor", M).approvals] == ["auditor"]


def lending() -> InMemoryRecords:
    """A contract of ITO's on the ministry's data."""
    return make_records(replace(BARE, owner="ito"))


def test_the_steward_consents_to_lending() -> None:
    records = lending()
    lent = consenting(records, "steward", "health")
    assert [(c.dataset, c.person, c.digest) for c in lent.consents] == [("health", "steward", seen(records))]
    with records.read() as reader:
        event = reader.audit(0, 1000)[-1].event
    assert (event.kind, event.actor, event.rule) == ("contract.consented", "steward", "S1-P2")
    end = position(records) + 1
    assert consenting(records, "steward", "health") == lent
    assert position(records) == end


@pytest.mark.parametrize(
    ("who", "dataset", "code"),
    [
        ("chair", "health", "NOT_PERMITTED"),
        ("analyst", "health", "NOT_PERMITTED"),
        ("outsider", "health", "NOT_FOUND"),
        ("steward", "nothing", "NOT_FOUND"),
    ],
)
def test_nobody_else_consents(who: str, dataset: str, code: str) -> None:
    records = lending()
    assert code_of(lambda: consenting(records, who, dataset))[0] == code


def test_the_owner_of_the_contract_needs_no_consent() -> None:
    assert consenting(make_records(BARE), "steward", "health").consents == ()


@pytest.mark.parametrize(
    ("state", "code"), [(ContractState.ACTIVE, ""), (ContractState.SUSPENDED, ""), (ContractState.CUT, "STATE_FORBIDS")]
)
def test_a_contract_that_lacks_a_consent_may_still_get_it_until_it_is_over(state: ContractState, code: str) -> None:
    records = make_records(make_contract(owner="ito", state=state))
    if code:
        assert code_of(lambda: consenting(records, "steward", "health"))[0] == code
    else:
        assert len(consenting(records, "steward", "health").consents) == 1
