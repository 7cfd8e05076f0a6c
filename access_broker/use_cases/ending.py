"""The end nobody commits: a term that is over (S3-P9-R1), and people who may not come in any more.

An expired contract gives no access from its last second on, whether or not anything here has run: every login and every
batch compares the clock. What is done here is to take its tokens away and to put the end on record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from access_broker.domain.audit import CLERK, AuditEvent
from access_broker.domain.contracts import ContractState, Standing
from access_broker.domain.decisions import Refused
from access_broker.domain.endings import Component
from access_broker.domain.people import Person
from access_broker.use_cases.acknowledging import TOKENS_REVOKED, Step, acknowledge_end, end_of, is_acknowledged
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.ports import Reader, Writer


@dataclass(frozen=True)
class Shut:
    """`tokens`: how many were good until now; `contracts`: in force, and naming the person."""

    person: Person
    tokens: int
    contracts: tuple[str, ...]


def is_over(standing: Standing, now: datetime) -> bool:
    """In force, but for its term. A suspended contract has lost its access already; lifted, it is looked at again."""
    return standing.state is ContractState.ACTIVE and now >= standing.ends_at


def record_expiry(writer: Writer, contract_id: str, now: datetime) -> bool:
    """Put the end of the term on record and revoke the tokens, once for a generation; False when that was done."""
    standing, end = writer.standing(contract_id), end_of(writer, contract_id, now)
    if standing is None or end is None or not is_over(standing, now) or is_acknowledged(writer, end, Component.BROKER):
        return False
    body = {"ends_at": standing.ends_at.isoformat(), "generation": standing.generation}
    event = AuditEvent("contract.expired", CLERK, contract_id, end.rule, body)
    writer.record(event)
    revoked = writer.revoke_tokens(contract_id, replace(event, kind="tokens.revoked", body={"act": "expire"}))
    step = Step(Component.BROKER, TOKENS_REVOKED)
    acknowledge_end(writer, contract_id, standing.generation, step, now, {"tokens": revoked})
    return True


def set_disabled(writer: Writer, person_id: str, disabled: bool, actor: str, now: datetime) -> Shut:
    """Shut a person out, or let them in again. Whoever was shut out asks for new tokens; the old ones stay dead.

    Raises Refused NOT_FOUND. What is so already is not done again.
    """
    person = writer.person(person_id)
    if person is None:
        raise Refused("NOT_FOUND", name=person_id)
    named = _contracts_of(writer, person_id)
    if person.disabled is disabled:
        return Shut(person, 0, named)
    changed = replace(person, disabled=disabled)
    event = AuditEvent("person.disabled" if disabled else "person.enabled", actor, person_id, "S3-P3")
    writer.save_person(changed, event)
    if not disabled:
        return Shut(changed, 0, named)
    revoked = writer.revoke_tokens_of(person_id, replace(event, kind="tokens.revoked", body={"act": "disable"}))
    step = Step(Component.BROKER, TOKENS_REVOKED, person=person_id)
    for contract_id in named:
        generation = contract_named(writer, contract_id).generation
        acknowledge_end(writer, contract_id, generation, step, now, {"tokens": revoked})
    return Shut(changed, revoked, named)


def _contracts_of(reader: Reader, person: str) -> tuple[str, ...]:
    return tuple(c.id for c in reader.contracts() if person in c.people and c.state is ContractState.ACTIVE)
