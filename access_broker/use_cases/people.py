"""Signing in: a person, a password, and a token for the REST API."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Person
from access_broker.use_cases.ports import PolicyEngine, Records, Writer
from access_broker.use_cases.tokens import IssuedToken, issue_token

SIGN_IN_LIFETIME = timedelta(hours=8)
SHORTEST, LONGEST = 8, 1024  # characters; an endless one would only keep the hash function busy


@dataclass(frozen=True)
class Passwords:
    """A slow, salted password hash. `verify` takes as long for a person without one (None) as for anybody."""

    hash: Callable[[str], str]
    verify: Callable[[str | None, str], bool]


def set_password(writer: Writer, passwords: Passwords, person_id: str, password: str, actor: str) -> None:
    """Raises Refused NOT_FOUND, or INVALID for a password that is too short or too long."""
    if writer.person(person_id) is None:
        raise Refused("NOT_FOUND", name=person_id)
    prepared = _prepared(password)
    if not SHORTEST <= len(prepared) <= LONGEST:
        raise Refused("INVALID", where="password")
    hashed = passwords.hash(prepared)
    writer.save_password(person_id, hashed, AuditEvent("person.password_set", actor, person_id, "F-2"))


def sign_in(
    records: Records, policy: PolicyEngine, passwords: Passwords, person_id: str, password: str, now: datetime
) -> IssuedToken:
    """A token for the REST API, with the person's seats and roles.

    Raises Refused SIGN_IN_FAILED whatever is wrong: who is on record and who has a password is nobody's business.
    The hash is computed outside of any transaction, for it takes longer than everybody else should wait.
    """
    with records.read() as reader:
        person, hashed = reader.person(person_id), reader.password_hash(person_id)
    matches = passwords.verify(hashed, _prepared(password))
    if person is None or person.disabled or not matches:
        _record_failure(records, person)
        raise Refused("SIGN_IN_FAILED")
    with records.write() as writer:
        writer.record(AuditEvent("person.signed_in", person.id, person.id, "F-2"))
        return issue_token(writer, policy, person.id, None, person.id, now, SIGN_IN_LIFETIME)


def _record_failure(records: Records, person: Person | None) -> None:
    """Only a name on record is written down: into the field for the name people type passwords, too."""
    known = person.id if person else ""
    with records.write() as writer:
        writer.record(AuditEvent("person.sign_in_failed", known, known, "F-2"))


def _prepared(password: str) -> str:
    """NFC: the same password typed on another keyboard has the same characters (RFC 8265)."""
    return unicodedata.normalize("NFC", password)
