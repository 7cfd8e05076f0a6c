"""Sandboxes: who may have one, the token it is given, and its end. The hub builds them, and asks here first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Network

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Person
from access_broker.domain.sandboxes import SANDBOX_TRANSITIONS, Sandbox, SandboxEnd, SandboxState, free_slot, place_in
from access_broker.domain.tokens import Door, Token, digest_of, new_token
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.facts import spawn_facts
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.sandbox_watch import watch_over
from access_broker.use_cases.tokens import LIFETIME

HUB = "hub"
"""The actor of what the hub asks for: it speaks for a person who has signed in there."""


@dataclass(frozen=True)
class Room:
    """Where sandboxes of this system may stand, and how many at once."""

    pool: IPv4Network
    most: int


@dataclass(frozen=True)
class Admitted:
    """`token` is handed to the sandbox and forgotten here; it does not print."""

    sandbox: Sandbox
    token: str
    expires_at: datetime
    language: str

    def __repr__(self) -> str:
        return f"Admitted({self.sandbox!r})"


def why_no_sandbox(
    reader: Reader, policy: PolicyEngine, room: Room | None, person: str, contract: Contract, now: datetime
) -> tuple[Reason, ...]:
    """What the policy `spawn` holds against a sandbox of this person for this contract; empty when it may start.

    One that they have already does not count against it: it makes way for the new one.
    """
    others = [s for s in reader.sandboxes() if (s.person, s.contract) != (person, contract.id)]
    facts = spawn_facts(reader, contract, person, others, room.most if room else 0, now)
    return ask(policy, "spawn", facts).reasons


def admit_sandbox(
    writer: Writer, policy: PolicyEngine, room: Room | None, person_id: str, contract_id: str, now: datetime
) -> Admitted:
    """Put a sandbox on record and make its token, which is worth something from the sandbox's own address only.

    An older one of the same person and contract ends here. Raises Refused with the policy's reasons. Whoever is not
    named hears nothing but that, lest trying out names tell which contracts there are and how they stand.
    """
    person, contract = writer.person(person_id), writer.contract(contract_id)
    if person is None or contract is None or person.id not in contract.people:
        raise Refused("NOT_NAMED", "S3-P3")
    require(why_no_sandbox(writer, policy, room, person.id, contract, now))
    if room is None:
        raise Refused("SPAWN_NOT_AVAILABLE", "S3-P8")
    older = [s for s in writer.sandboxes() if (s.person, s.contract) == (person.id, contract.id)]
    slot = _free_slot(writer)
    for sandbox in older:
        end_sandbox(writer, sandbox.id, SandboxEnd.REPLACED, now)
    return _admitted(writer, person, contract, place_in(room.pool, slot).address, slot, now)


def confirm_running(writer: Writer, sandbox_id: str, now: datetime) -> Sandbox:
    """The container is up. Raises Refused with why its access has ended meanwhile; NOT_FOUND once it has ended."""
    sandbox = _unfinished(writer, sandbox_id)
    (watched,) = watch_over(writer, [sandbox])
    why = watched.why_must_end(now)
    if why is not None:
        raise Refused(why.code, why.rule)
    if SandboxState.RUNNING not in SANDBOX_TRANSITIONS[sandbox.state]:
        return sandbox  # it runs already
    running = replace(sandbox, state=SandboxState.RUNNING)
    writer.save_sandbox(running, _event("sandbox.running", running))
    return running


def end_sandbox(writer: Writer, sandbox_id: str, why: SandboxEnd, now: datetime) -> None:
    """The sandbox is gone: its token dies, its place is free. Once is enough. Raises Refused NOT_FOUND."""
    sandbox = writer.sandbox(sandbox_id)
    if sandbox is None:
        raise Refused("NOT_FOUND", name=sandbox_id)
    if SandboxState.ENDED not in SANDBOX_TRANSITIONS[sandbox.state]:
        return
    ended = replace(sandbox, state=SandboxState.ENDED, ended_at=now, why=why)
    writer.save_sandbox(ended, _event("sandbox.ended", ended, why=why.value))
    writer.revoke_token(ended.token, _event("tokens.revoked", ended))


def end_all_sandboxes(writer: Writer, now: datetime) -> int:
    """For a system that starts or stops and has swept its machine: none is left. Returns how many were on record."""
    left = writer.sandboxes()
    for sandbox in left:
        end_sandbox(writer, sandbox.id, SandboxEnd.SYSTEM, now)
    return len(left)


def _admitted(writer: Writer, person: Person, contract: Contract, address: str, slot: int, now: datetime) -> Admitted:
    text = new_token()
    token = Token(
        digest=digest_of(text),
        person=person.id,
        contract=contract.id,
        door=Door.SANDBOX,
        generation=contract.generation,
        issued_at=now,
        expires_at=min(now + LIFETIME, contract.ends_at),
        address=address,
    )
    sandbox = Sandbox(
        secrets.token_hex(6), person.id, contract.id, contract.generation, slot, address, token.digest, now
    )
    expiry = token.expires_at.isoformat()
    writer.save_token(token, _event("token.issued", sandbox, digest=token.digest[:16], expires_at=expiry))
    writer.save_sandbox(sandbox, _event("sandbox.admitted", sandbox))
    return Admitted(sandbox, text, token.expires_at, person.language)


def _free_slot(reader: Reader) -> int:
    """Asked before an older sandbox ends: its network may still be there, so its slot is not the next one's."""
    taken = {sandbox.slot for sandbox in reader.sandboxes()}
    slot = free_slot(taken, secrets.randbelow(1 << 16))
    if slot is None:
        raise Refused("SANDBOX_LIMIT")
    return slot


def _unfinished(reader: Reader, sandbox_id: str) -> Sandbox:
    sandbox = reader.sandbox(sandbox_id)
    if sandbox is None or not SANDBOX_TRANSITIONS[sandbox.state]:
        raise Refused("NOT_FOUND", name=sandbox_id)
    return sandbox


def _event(kind: str, sandbox: Sandbox, **more: object) -> AuditEvent:
    """Subject is the contract, so that everything about it is found in one place."""
    body = {
        "sandbox": sandbox.id,
        "person": sandbox.person,
        "generation": sandbox.generation,
        "slot": sandbox.slot,
        "address": sandbox.address,
        **more,
    }
    return AuditEvent(kind, HUB, sandbox.contract, "S3-P8", body)
