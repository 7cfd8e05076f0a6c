"""What the hub is told about a person: who they are here, and for which contracts they may have a sandbox now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Committee, Person, Role
from access_broker.domain.problems import Problem
from access_broker.use_cases.expiry_notices import days_noticed
from access_broker.use_cases.ports import PolicyEngine, Reader, Unavailable
from access_broker.use_cases.sandboxes import Room, why_no_sandbox

GROUPS_OF_ROLES = {
    Role.EXECUTOR: "executors",
    Role.STEWARD: "stewards",
    Role.OPERATOR: "operators",
    Role.AUDITOR: "auditors",
}
GROUPS_OF_COMMITTEES = {Committee.MONITORING: "monitoring", Committee.QUALIFICATION: "qualification"}


@dataclass(frozen=True)
class ContractOfPerson:
    """`reasons`: what is against a sandbox now; empty when it may start. `notice`: ends in 15, 7 or 1 days, if so."""

    contract: Contract
    problem: Problem | None
    reasons: tuple[Reason, ...]
    notice: int | None


@dataclass(frozen=True)
class HubPerson:
    """`groups`: of the hub, from roles and from the seats held now."""

    person: Person
    groups: tuple[str, ...]
    contracts: tuple[ContractOfPerson, ...]


def person_at_hub(reader: Reader, policy: PolicyEngine, room: Room | None, person_id: str, now: datetime) -> HubPerson:
    """Raises Refused PERSON_DISABLED, for somebody who is not on record as well."""
    person = reader.person(person_id)
    if person is None or person.disabled:
        raise Refused("PERSON_DISABLED", "S3-P3")
    groups = {GROUPS_OF_ROLES[role] for role in person.roles}
    groups |= {GROUPS_OF_COMMITTEES[seat.committee] for seat in reader.seats_of(person.id) if seat.is_held(now)}
    contracts = tuple(
        ContractOfPerson(
            contract,
            reader.problem(contract.problem),
            _reasons(reader, policy, room, person, contract, now),
            days_noticed(contract, now),
        )
        for contract in reader.contracts_of(person.id)
    )
    return HubPerson(person, tuple(sorted(groups)), contracts)


def _reasons(
    reader: Reader, policy: PolicyEngine, room: Room | None, person: Person, contract: Contract, now: datetime
) -> tuple[Reason, ...]:
    """A policy that does not answer keeps sandboxes from starting, and nobody from seeing their own page."""
    try:
        return why_no_sandbox(reader, policy, room, person.id, contract, now)
    except Unavailable as unavailable:
        return (Reason(unavailable.code),)
