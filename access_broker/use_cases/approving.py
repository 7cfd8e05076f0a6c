"""The keys of a draft, given one by one: approvals, signatures, consents, guarantees (S3-P1, S3-P4, S3-P5, S3-P7-R1).

A key is worth something only from the hand that holds it, and only for the text that its giver has `seen`: the digest
of what lay before them. To a contract in force nothing but a guarantee or a steward's consent can be added. Giving the
same key again changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from access_broker.domain.agreement import current, text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import (
    TRANSITIONS,
    Approval,
    Consent,
    Contract,
    ContractState,
    Guarantee,
    Level,
    Signatory,
    Signature,
)
from access_broker.domain.decisions import Refused
from access_broker.domain.guarantees import GuaranteeKind
from access_broker.domain.motions import Motion, MotionState, Subject, Vote
from access_broker.domain.people import Committee
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.decided import check_not_balloted
from access_broker.use_cases.interests import Interest, interest_of
from access_broker.use_cases.permissions import (
    Caller,
    check_holds_seat,
    check_is_steward_of,
    check_may_guarantee,
    check_may_read_contract,
    check_may_sign,
)
from access_broker.use_cases.ports import Reader, Writer

APPROVED, REJECTED = "approved", "rejected"
GUARANTEES = frozenset(kind.value for kind in GuaranteeKind)
LONGEST_GUARANTEE = timedelta(days=20 * 366)


def approve(
    writer: Writer,
    caller: Caller,
    contract_id: str,
    committee: Committee,
    decision: str,
    seen: str,
    now: datetime,
    reference: str | None = None,
) -> Contract:
    """A committee's decision on paper, `approved` or `rejected`, written down by one of its seats.

    Raises Refused: NOT_PERMITTED without a seat of that committee, CONFLICT_OF_INTEREST for somebody of a side (S1-C2),
    SAME_PERSON_TWICE for two keys in one hand, STATE_FORBIDS once in force, CONFLICT when the text is not the one that
    was seen, or another seat has spoken for the committee, BALLOT_NEEDED where the committee votes on it here.
    """
    check_holds_seat(caller, committee)
    contract = _drafted(writer, contract_id)
    if decision not in (APPROVED, REJECTED):
        raise Refused("INVALID", where="decision")
    person, rule = caller.person.id, rule_of_approval(contract, committee)
    _check_seen(contract, seen)
    check_holds_seat(caller, committee, contract.owner)
    _check_may_judge(writer, contract, person)
    _check_two_hands(writer, contract, committee, person)
    earlier = [a for a in current(contract, contract.approvals) if a.committee is committee]
    if any((a.person, a.decision) == (person, decision) for a in earlier):
        return contract
    check_not_balloted(writer, committee, Subject.APPROVE_CONTRACT, contract_id, rule, seen, True)
    if not all(a.person == person or _sits_with(writer, caller, committee, a.person) for a in earlier):
        raise Refused("CONFLICT", rule, name=committee.value)
    others = tuple(a for a in contract.approvals if a.committee is not committee)
    given = replace(contract, approvals=(*others, Approval(committee, person, decision, now, seen)))
    body = {"committee": committee.value, "decision": decision, "reference": reference, "digest": seen}
    return _saved(writer, given, f"contract.{decision}", person, rule, body)


def sign(writer: Writer, caller: Caller, contract_id: str, signatory: Signatory, seen: str, now: datetime) -> Contract:
    """The signature of a party, or ITO's consent to the contract as such (S3-P1). Raises Refused like `approve`."""
    contract, person = contract_named(writer, contract_id), caller.person.id
    check_may_sign(writer, caller, contract, signatory.value)
    _check_drafted(contract)
    _check_seen(contract, seen)
    if any(s.signatory is signatory for s in current(contract, contract.signatures)):
        return contract
    _check_has_not_judged(writer, contract, person, signatory)
    others = tuple(s for s in contract.signatures if s.signatory is not signatory)
    signed = replace(contract, signatures=(*others, Signature(signatory, person, now, seen)))
    return _saved(writer, signed, "contract.signed", person, "S3-P1", {"party": signatory.value, "digest": seen})


def consent(writer: Writer, caller: Caller, contract_id: str, dataset_id: str, seen: str, now: datetime) -> Contract:
    """A steward's word that a dataset may be lent under a contract of another organisation (S1-P2).

    Raises Refused: NOT_FOUND for a dataset that the contract does not grant, NOT_PERMITTED but for its steward, and
    like `approve`. The owner of the contract needs none for its own datasets: its signature says it. One in force
    that lacks one is closed until it comes, so it may be given then too.
    """
    contract, dataset = contract_named(writer, contract_id), writer.dataset(dataset_id)
    check_may_read_contract(writer, caller, contract)
    if dataset is None or all(grant.dataset != dataset_id for grant in contract.scope):
        raise Refused("NOT_FOUND", name=dataset_id)
    check_is_steward_of(caller, dataset)
    _check_is_not_over(contract)
    _check_seen(contract, seen)
    is_known = any(c.dataset == dataset_id for c in current(contract, contract.consents))
    if is_known or dataset.owner == contract.owner:
        return contract
    others = tuple(c for c in contract.consents if c.dataset != dataset_id)
    lent = replace(contract, consents=(*others, Consent(dataset_id, caller.person.id, now, seen)))
    body = {"dataset": dataset_id, "digest": seen}
    return _saved(writer, lent, "contract.consented", caller.person.id, "S1-P2", body)


def guarantee(
    writer: Writer, caller: Caller, contract_id: str, kind: str, expires_at: datetime, now: datetime
) -> Contract:
    """A guarantee that has been received (S3-P7-R1). Of each kind the one that lasts longest counts.

    A contract in force may be given one, for guarantees run out; what was cut or ended may not. Raises Refused:
    NOT_FOUND for whoever may not read it, NOT_PERMITTED, INVALID, STATE_FORBIDS.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_may_guarantee(caller, contract)
    _check_is_not_over(contract)
    if kind not in GUARANTEES:
        raise Refused("INVALID", "S3-P7-R1", where="kind")
    if not timedelta() < expires_at - now <= LONGEST_GUARANTEE:
        raise Refused("INVALID", "S3-P7-R1", where="expires_at")
    if any(g.kind == kind and g.expires_at >= expires_at for g in contract.guarantees):
        return contract
    others = tuple(g for g in contract.guarantees if g.kind != kind)
    guaranteed = replace(contract, guarantees=(*others, Guarantee(kind, expires_at)))
    body = {"kind": kind, "expires_at": expires_at.isoformat()}
    return _saved(writer, guaranteed, "contract.guaranteed", caller.person.id, "S3-P7-R1", body)


def _drafted(reader: Reader, contract_id: str) -> Contract:
    contract = contract_named(reader, contract_id)
    _check_drafted(contract)
    return contract


def _check_drafted(contract: Contract) -> None:
    """What is in force was put there with the keys it had; a later approval would rewrite how that came about."""
    if contract.state is not ContractState.DRAFTED:
        raise Refused("STATE_FORBIDS", "F-12", state=contract.state)


def _check_seen(contract: Contract, seen: str) -> None:
    """Nobody gives a key for a text they have not read, however briefly somebody else was faster (S3-P1)."""
    if seen != text_digest(contract):
        raise Refused("CONFLICT", "S3-P1", text_of=contract.id)


def _check_may_judge(reader: Reader, contract: Contract, person: str) -> None:
    interest = interest_of(reader, contract, person)
    if interest is Interest.CONSENTED:
        raise Refused("SAME_PERSON_TWICE", _rule_of_hands(contract), name=person)
    if interest is not None:
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=person)


def _check_has_not_judged(reader: Reader, contract: Contract, person: str, signatory: Signatory) -> None:
    """Whoever approved or voted for a committee signs for no party, nor for ITO; there nobody of a side consents."""
    approved = any(a.person == person for a in current(contract, contract.approvals))
    approved = approved or _has_voted(reader, contract, person)
    if signatory is Signatory.ITO:
        if approved:
            raise Refused("SAME_PERSON_TWICE", _rule_of_hands(contract), name=person)
        _check_may_judge(reader, contract, person)
    elif approved or interest_of(reader, contract, person) is Interest.CONSENTED:
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=person)


def _has_voted(reader: Reader, contract: Contract, person: str, outside: Committee | None = None) -> bool:
    """On this very text, in a motion that is open or was carried, of any committee but `outside`."""
    digest = text_digest(contract)
    motions = reader.filed(Motion, subject=Subject.APPROVE_CONTRACT, about=contract.id, digest=digest)
    standing = (m for m in motions if m.state in (MotionState.OPEN, MotionState.CARRIED))
    asked = (motion for motion in standing if motion.committee is not outside)
    return any(reader.filed(Vote, motion=motion.id, person=person) for motion in asked)


def _check_is_not_over(contract: Contract) -> None:
    if not TRANSITIONS[contract.state]:
        raise Refused("STATE_FORBIDS", "F-13", state=contract.state)


def _rule_of_hands(contract: Contract) -> str:
    return "S3-P5" if contract.level is Level.PERSONAL else "S3-P1"


def rule_of_approval(contract: Contract, committee: Committee) -> str:
    """The rule that asks for the approval of that committee."""
    if contract.level is Level.PERSONAL:
        return "S3-P5"
    return "S3-P1" if committee is Committee.MONITORING else "S3-P4"


def _check_two_hands(reader: Reader, contract: Contract, committee: Committee, person: str) -> None:
    """Someone with a seat in both committees gives, or votes for, one key to personal data, not both."""
    held = any(a.person == person and a.committee is not committee for a in current(contract, contract.approvals))
    held = held or _has_voted(reader, contract, person, outside=committee)
    if held and contract.level is Level.PERSONAL:
        raise Refused("SAME_PERSON_TWICE", "S3-P5", name=person)


def _sits_with(reader: Reader, caller: Caller, committee: Committee, other: str) -> bool:
    """Holder and delegate of one seat speak for the same seat."""
    mine = {seat.number for seat in caller.seats if seat.committee is committee}
    return any(seat.committee is committee and seat.number in mine for seat in reader.seats_of(other))


def _saved(writer: Writer, contract: Contract, kind: str, actor: str, rule: str, body: dict[str, Any]) -> Contract:
    writer.save_contract(contract, AuditEvent(kind, actor, contract.id, rule, body))
    return contract
