"""The keys of a draft, given one by one: committee approvals, signatures, guarantees (S3-P1, S3-P4, S3-P5, S3-P7-R1).

A key is worth something only from the hand that holds it, and only on the agreement that lies there: as soon as a
contract is in force nothing but a guarantee can be added. Giving the same key again changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Approval, Contract, ContractState, Guarantee, Level, Signatory
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.permissions import Caller, check_holds_seat, check_may_guarantee, check_may_sign
from access_broker.use_cases.ports import Reader, Writer

APPROVED, REJECTED = "approved", "rejected"
GUARANTEES = frozenset({"nda", "non_publication"})
LONGEST_GUARANTEE = timedelta(days=20 * 366)


class Party(StrEnum):
    """Who signs or approves the contract as a whole (S3-P1)."""

    GOVERNMENT = "government"
    EXECUTOR = "executor"
    ITO = "ito"


def approve(
    writer: Writer,
    caller: Caller,
    contract_id: str,
    committee: Committee,
    decision: str,
    now: datetime,
    reference: str | None = None,
) -> Contract:
    """A committee's decision, `approved` or `rejected`, given by one of its seats.

    Raises Refused: NOT_PERMITTED without a seat of that committee, STATE_FORBIDS once in force, SAME_PERSON_TWICE for
    both keys to personal data in one hand (S3-P5), CONFLICT when another seat has spoken for the committee.
    """
    check_holds_seat(caller, committee)
    contract = _drafted(writer, contract_id)
    if decision not in (APPROVED, REJECTED):
        raise Refused("INVALID", where="decision")
    person, rule = caller.person.id, _rule_of(contract, committee)
    _check_two_hands(contract, committee, person)
    earlier = [a for a in contract.approvals if a.committee is committee]
    if any((a.person, a.decision) == (person, decision) for a in earlier):
        return contract
    if not all(a.person == person or _sits_with(writer, caller, committee, a.person) for a in earlier):
        raise Refused("CONFLICT", rule, name=committee.value)
    others = tuple(a for a in contract.approvals if a.committee is not committee)
    given = replace(contract, approvals=(*others, Approval(committee, person, decision, now)))
    body = {"committee": committee.value, "decision": decision, "reference": reference}
    return _saved(writer, given, f"contract.{decision}", person, rule, body)


def sign(writer: Writer, caller: Caller, contract_id: str, party: Party) -> Contract:
    """The signature of a party, or ITO's approval of the contract as such (S3-P1). Raises Refused like `approve`."""
    contract = contract_named(writer, contract_id)
    check_may_sign(writer, caller, contract, party.value)
    _check_drafted(contract)
    if party is Party.ITO:
        signed = replace(contract, ito_approved=True)
    else:
        signatory = Signatory(party.value)
        known = signatory in contract.signatures
        signed = contract if known else replace(contract, signatures=(*contract.signatures, signatory))
    if signed == contract:
        return contract
    return _saved(writer, signed, "contract.signed", caller.person.id, "S3-P1", {"party": party.value})


def guarantee(
    writer: Writer, caller: Caller, contract_id: str, kind: str, expires_at: datetime, now: datetime
) -> Contract:
    """A guarantee that has been received (S3-P7-R1). Of each kind the one that lasts longest counts.

    A contract in force may be given one, for guarantees run out; what was cut or ended may not.
    """
    check_may_guarantee(caller)
    contract = contract_named(writer, contract_id)
    if contract.state in (ContractState.CUT, ContractState.ENDED):
        raise Refused("STATE_FORBIDS", "F-13", state=contract.state)
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


def _rule_of(contract: Contract, committee: Committee) -> str:
    if contract.level is Level.PERSONAL:
        return "S3-P5"
    return "S3-P1" if committee is Committee.MONITORING else "S3-P4"


def _check_two_hands(contract: Contract, committee: Committee, person: str) -> None:
    """Someone with a seat in both committees gives one key to personal data, not both."""
    held = any(a.person == person and a.committee is not committee for a in contract.approvals)
    if held and contract.level is Level.PERSONAL:
        raise Refused("SAME_PERSON_TWICE", "S3-P5", name=person)


def _sits_with(reader: Reader, caller: Caller, committee: Committee, other: str) -> bool:
    """Holder and delegate of one seat speak for the same seat."""
    mine = {seat.number for seat in caller.seats if seat.committee is committee}
    return any(seat.committee is committee and seat.number in mine for seat in reader.seats_of(other))


def _saved(writer: Writer, contract: Contract, kind: str, actor: str, rule: str, body: dict[str, Any]) -> Contract:
    writer.save_contract(contract, AuditEvent(kind, actor, contract.id, rule, body))
    return contract
