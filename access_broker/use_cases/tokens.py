"""Bearer tokens: issuing one, telling whose it is. Only the digest is on record, and no audit event holds the token."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Standing
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Person, Seat
from access_broker.domain.tokens import Door, Token, digest_of, new_token
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.facts import login_facts
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer

LIFETIME = timedelta(hours=12)
"""Of a token asked for at the machine: a working day and some, so that it does not end in the middle of one."""


@dataclass(frozen=True)
class IssuedToken:
    """`text` is to be shown once and forgotten; it does not print."""

    text: str
    token: Token

    def __repr__(self) -> str:
        return f"IssuedToken({self.token!r})"


def issue_token(
    writer: Writer,
    policy: PolicyEngine,
    person_id: str,
    contract_id: str | None,
    actor: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> IssuedToken:
    """A token for the door `local`. With a contract: only if that login would be let in now, at most to its end.

    Raises Refused for a person who is unknown or disabled, and with the policy's reasons.
    """
    person = writer.person(person_id)
    if person is None:
        raise Refused("NOT_FOUND", name=person_id)
    if person.disabled:
        raise Refused("PERSON_DISABLED", "S3-P3", name=person_id)
    contract = contract_named(writer, contract_id) if contract_id is not None else None
    text = new_token()
    token = Token(
        digest=digest_of(text),
        person=person_id,
        contract=contract.id if contract else None,
        door=Door.LOCAL,
        generation=contract.generation if contract else 0,
        issued_at=now,
        expires_at=min(now + lifetime, contract.ends_at) if contract else now + lifetime,
    )
    if contract:
        require(ask(policy, "login", login_facts(writer, contract, token, token.door, now)).reasons)
    writer.save_token(token, AuditEvent("token.issued", actor, person_id, "F-2", _body(token)))
    return IssuedToken(text, token)


def revoke_token(writer: Writer, text: str) -> bool:
    """End one token, as whoever holds it may; True when it was good until now. An unknown one leaves no trace."""
    token = writer.token(digest_of(text))
    if token is None or token.revoked:
        return False
    body = {"digest": token.digest[:16]}
    writer.revoke_token(token.digest, AuditEvent("token.revoked", token.person, token.person, "F-2", body))
    return True


@dataclass(frozen=True)
class Visitor:
    """What the records say of a token, its contract and its person; None for what is not on record."""

    token: Token | None
    standing: Standing | None
    person: Person | None

    def admitted(self, now: datetime, door: Door, address: str | None) -> Token:
        """The token, if it opens `door` to `address` now.

        Raises Refused TOKEN_NOT_VALID, WRONG_DOOR, TOKEN_EXPIRED, or why its contract or person is shut out.
        """
        token = self.token
        if token is None:
            raise Refused("TOKEN_NOT_VALID")
        if token.door is not door or (token.door is Door.SANDBOX and token.address != address):
            raise Refused("WRONG_DOOR", "S3-P8")
        if token.contract is not None:
            _check_standing(self.standing, token, now)
        if token.revoked:
            raise Refused("TOKEN_NOT_VALID")
        if now >= token.expires_at:
            raise Refused("TOKEN_EXPIRED")
        if self.person is None or self.person.disabled:
            raise Refused("PERSON_DISABLED", "S3-P3")
        return token

    def why_ended(self, generation: int, now: datetime) -> tuple[str, str] | None:
        """(code, rule) for a login of `generation` that was admitted before and has ended since: its contract stopped,
        the person was shut out, the sandbox ended."""
        ended = self.standing.why_not(generation, now) if self.standing else ("TOKEN_NOT_VALID", "")
        if ended or (self.token is not None and not self.token.revoked):
            return ended
        shut_out = self.person is None or self.person.disabled
        return ("PERSON_DISABLED", "S3-P3") if shut_out else ("TOKEN_NOT_VALID", "")


def visitor_of(reader: Reader, digest: str) -> Visitor:
    """Whoever has the token of that digest. Every attempt reads the same, whatever is wrong with it."""
    token = reader.token(digest)
    standing = reader.standing((token.contract if token else None) or "")
    return Visitor(token, standing, reader.person(token.person if token else ""))


def authenticate_token(reader: Reader, token_text: str | None, now: datetime, door: Door, address: str | None) -> Token:
    """The token that `token_text` is. Raises Refused NO_TOKEN and like `Visitor.admitted`."""
    visitor = visitor_of(reader, digest_of(token_text or ""))
    if not token_text:
        raise Refused("NO_TOKEN")
    return visitor.admitted(now, door, address)


def caller_of(reader: Reader, token: Token, now: datetime) -> Caller:
    """Who stands behind an authenticated token. With a contract's token, a person without seats and roles."""
    person = reader.person(token.person)
    if person is None:
        raise Refused("TOKEN_NOT_VALID")
    if token.contract is not None:
        return Caller(person, token)
    return Caller(person, token, _held_seats(reader, person, now), person.roles)


def door_of(address: str | None) -> Door:
    """The door a connection from `address` comes through: loopback is the machine itself, all else a sandbox."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return Door.SANDBOX
    mapped = getattr(ip, "ipv4_mapped", None)
    return Door.LOCAL if (mapped or ip).is_loopback else Door.SANDBOX


def _held_seats(reader: Reader, person: Person, now: datetime) -> tuple[Seat, ...]:
    return tuple(seat for seat in reader.seats_of(person.id) if seat.is_held(now))


def _check_standing(standing: Standing | None, token: Token, now: datetime) -> None:
    """Whoever holds a token of a stopped contract is told that it was stopped; a token of before a lift stays dead."""
    why_not = standing.why_not(token.generation, now) if standing else ("TOKEN_NOT_VALID", "")
    if why_not is not None:
        raise Refused(*why_not)


def _body(token: Token) -> dict[str, object]:
    return {
        "digest": token.digest[:16],
        "contract": token.contract,
        "door": token.door.value,
        "generation": token.generation,
        "expires_at": token.expires_at.isoformat(),
    }
