"""Hand-written stand-ins for the ports: records in memory with rollback, a policy that says what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from access_broker.adapters.rule_catalogue import rule_catalogue
from access_broker.domain.acts import CommitteeAct, WarningNotice
from access_broker.domain.audit import GENESIS, AuditEvent, AuditRecord, AuditSearch, canonical_body, seal
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import TRANSITIONS, Contract, Standing
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.filed import AnyFiled, Filed
from access_broker.domain.people import Committee, Organisation, Person, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.sandboxes import Sandbox, SandboxState
from access_broker.domain.tokens import Token


class FixedClock:
    """Time that passes only when told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        self.now += step


Answer = Callable[[dict[str, Any]], list[Reason]]


class ScriptedPolicy:
    """Allows everything, unless an entrypoint is given reasons, a function from facts to reasons, or an exception."""

    name = "scripted"

    def __init__(self, **script: list[Reason] | Answer | Exception) -> None:
        self.script: dict[str, list[Reason] | Answer | Exception] = dict(script)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((entrypoint, json.loads(json.dumps(facts))))
        answer = self.script.get(entrypoint, [])
        if isinstance(answer, Exception):
            raise answer
        reasons = answer(facts) if callable(answer) else answer
        document = {"allow": not reasons, "reasons": [{"code": r.code, "rule": r.rule} for r in reasons]}
        if entrypoint == "votes":
            return document | _tallied(facts, not reasons)
        return document | (_classed(facts["kind"]) if entrypoint == "violations" else {})


def _tallied(facts: dict[str, Any], carried: bool) -> dict[str, Any]:
    """Every vote counts; the motion is carried, or open still."""
    counted = [vote["number"] for vote in facts["votes"]]
    return {"state": "carried" if carried else "open", "counted": counted, "refused": []}


def _classed(kind: str) -> dict[str, Any]:
    """What the policy says about a kind of violation, in short."""
    is_protective = kind in ("breach", "level_too_low", "egress")
    days = {"ratify_working_days": 3, "served_after_working_days": 5}
    return {"class": "protective" if is_protective else "contractual", "on_lapse": "lifted"} | days


def speak(reason: Reason, detail: dict[str, Any], language: str, /) -> str:
    """Stands in for the translation catalogues; a name in the detail is told, as they do."""
    return f"{language}: {reason.code} {detail.get('name', '')}".rstrip()


@dataclass
class _State:
    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    seats: dict[tuple[Committee, int, str, str], Seat] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    contracts: dict[str, Contract] = field(default_factory=dict)
    warnings: dict[tuple[str, int], WarningNotice] = field(default_factory=dict)
    acts: list[CommitteeAct] = field(default_factory=list)
    filed: dict[tuple[Any, ...], Filed] = field(default_factory=dict)
    publications: dict[str, Publication] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    sandboxes: dict[str, Sandbox] = field(default_factory=dict)
    audit: list[AuditRecord] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)

    def copy(self) -> _State:
        """Values are frozen, so copying the containers is enough."""
        return _State(**{f.name: getattr(self, f.name).copy() for f in fields(self)})


class InMemoryReader:
    def __init__(self, state: _State) -> None:
        self._state = state

    def organisation(self, id: str) -> Organisation | None:
        return self._state.organisations.get(id)

    def organisations(self) -> list[Organisation]:
        return _by_id(self._state.organisations)

    def person(self, id: str) -> Person | None:
        return self._state.people.get(id)

    def people(self) -> list[Person]:
        return _by_id(self._state.people)

    def password_hash(self, person: str) -> str | None:
        return self._state.passwords.get(person)

    def seats(self) -> list[Seat]:
        return [self._state.seats[key] for key in sorted(self._state.seats)]

    def seats_of(self, person: str) -> list[Seat]:
        return [seat for seat in self.seats() if seat.person == person]

    def dataset(self, id: str) -> Dataset | None:
        return self._state.datasets.get(id)

    def datasets(self) -> list[Dataset]:
        return _by_id(self._state.datasets)

    def problem(self, id: str) -> Problem | None:
        return self._state.problems.get(id)

    def problems(self) -> list[Problem]:
        return _by_id(self._state.problems)

    def contract(self, id: str) -> Contract | None:
        return self._state.contracts.get(id)

    def contracts(self) -> list[Contract]:
        return _by_id(self._state.contracts)

    def contracts_of(self, person: str) -> list[Contract]:
        return [contract for contract in self.contracts() if person in contract.people]

    def standing(self, contract: str) -> Standing | None:
        c = self.contract(contract)
        return Standing(c.state, c.generation, c.starts_at, c.ends_at) if c else None

    def standings(self) -> dict[str, Standing]:
        return {id: standing for id in self._state.contracts if (standing := self.standing(id))}

    def stamp(self) -> str:
        return str(len(self._state.changes))

    def warnings(self, contract: str) -> list[WarningNotice]:
        return [self._state.warnings[key] for key in sorted(self._state.warnings) if key[0] == contract]

    def acts(self, contract: str) -> list[CommitteeAct]:
        return [act for act in self._state.acts if act.contract == contract]

    def filed(self, kind: type[AnyFiled], /, **having: Any) -> list[AnyFiled]:
        things = [self._state.filed[key] for key in sorted(key for key in self._state.filed if key[0] == kind.__name__)]
        return [t for t in things if all(getattr(t, name) == value for name, value in having.items())]  # type: ignore[misc]

    def publication(self, contract: str) -> Publication | None:
        return self._state.publications.get(contract)

    def publications(self) -> list[Publication]:
        return _by_id(self._state.publications)

    def publication_failure(self, contract: str) -> str | None:
        return self._state.failures.get(contract)

    def token(self, digest: str) -> Token | None:
        return self._state.tokens.get(digest)

    def sandbox(self, id: str) -> Sandbox | None:
        return self._state.sandboxes.get(id)

    def sandboxes(self) -> list[Sandbox]:
        unfinished = [s for s in self._state.sandboxes.values() if s.state is not SandboxState.ENDED]
        return sorted(unfinished, key=lambda sandbox: sandbox.slot)

    def audit(self, after: int = 0, limit: int = 1000) -> list[AuditRecord]:
        return self._state.audit[after : after + limit]

    def search_audit(self, search: AuditSearch, limit: int = 1000) -> list[AuditRecord]:
        found = [record for record in self._state.audit if _fits(record, search)]
        return (found[::-1] if search.newest_first else found)[:limit]

    def audit_about(self, contract: str, after: int = 0, limit: int = 1000) -> list[AuditRecord]:
        records = [r for r in self._state.audit if contract in (r.event.subject, r.event.body.get("contract"))]
        return [record for record in records if record.position > after][:limit]

    def audit_kinds(self) -> list[str]:
        return sorted({record.event.kind for record in self._state.audit})

    def acknowledgements(self, contract: str) -> list[AuditRecord]:
        return self.search_audit(AuditSearch(kind="end.acknowledged", subject=contract))

    def open_statements(self, last: int) -> list[AuditRecord]:
        recent = self._state.audit[-last:]
        closed = {record.event.body["query"] for record in recent if record.event.kind == "query.closed"}
        return [r for r in recent if r.event.kind == "query.allowed" and r.position not in closed]

    def audit_head(self) -> tuple[int, str]:
        return (len(self._state.audit), self._state.audit[-1].hash) if self._state.audit else (0, GENESIS)


class InMemoryWriter(InMemoryReader):
    def __init__(self, state: _State, now: datetime) -> None:
        super().__init__(state)
        self._now = now

    def save_organisation(self, organisation: Organisation, event: AuditEvent) -> None:
        self._state.organisations[organisation.id] = organisation
        self.record(event)

    def save_person(self, person: Person, event: AuditEvent) -> None:
        self._state.people[person.id] = person
        self.record(event)

    def save_password(self, person: str, password_hash: str, event: AuditEvent) -> None:
        self._state.passwords[person] = password_hash
        self.record(event)

    def save_seat(self, seat: Seat, event: AuditEvent) -> None:
        self._state.seats[(seat.committee, seat.number, seat.organisation or "", seat.person)] = seat
        self.record(event)

    def save_dataset(self, dataset: Dataset, event: AuditEvent) -> None:
        self._state.datasets[dataset.id] = dataset
        self.record(event)

    def save_problem(self, problem: Problem, event: AuditEvent) -> None:
        self._state.problems[problem.id] = problem
        self.record(event)

    def save_contract(self, contract: Contract, event: AuditEvent) -> None:
        stored = self._state.contracts.get(contract.id)
        if stored and contract.generation < stored.generation:
            raise Refused("CONFLICT")
        if stored and contract.state is not stored.state and not TRANSITIONS[stored.state]:
            raise Refused("STATE_FORBIDS")
        self._state.contracts[contract.id] = contract
        self.record(event)

    def save_warning(self, warning: WarningNotice, event: AuditEvent) -> None:
        self._state.warnings[(warning.contract, warning.number)] = warning
        self.record(event)

    def save_act(self, act: CommitteeAct, event: AuditEvent) -> None:
        self._state.acts.append(act)
        self.record(event)

    def file(self, thing: Filed, event: AuditEvent) -> None:
        key = (type(thing).__name__, *(getattr(thing, name) for name in thing.KEY))
        self._state.filed[key] = thing
        self.record(event)

    def save_publication(self, publication: Publication, event: AuditEvent) -> None:
        self._state.publications[publication.contract] = publication
        self._state.failures.pop(publication.contract, None)
        self.record(event)

    def drop_publication(self, contract: str, event: AuditEvent) -> None:
        self._state.publications.pop(contract, None)
        self.record(event)

    def fail_publication(self, contract: str, message: str, event: AuditEvent) -> None:
        self._state.failures[contract] = message
        self.record(event)

    def save_token(self, token: Token, event: AuditEvent) -> None:
        stored = self._state.tokens.get(token.digest)
        if stored and stored.revoked and not token.revoked:
            raise Refused("CONFLICT")
        self._state.tokens[token.digest] = token
        self.record(event)

    def revoke_tokens(self, contract: str, event: AuditEvent) -> int:
        alive = [t for t in self._state.tokens.values() if t.contract == contract and not t.revoked]
        self._state.tokens.update({t.digest: replace(t, revoked=True) for t in alive})
        self.record(event)
        return len(alive)

    def revoke_tokens_of(self, person: str, event: AuditEvent) -> int:
        alive = [t for t in self._state.tokens.values() if t.person == person and not t.revoked]
        self._state.tokens.update({t.digest: replace(t, revoked=True) for t in alive})
        self.record(event)
        return len(alive)

    def revoke_token(self, digest: str, event: AuditEvent) -> int:
        token = self._state.tokens.get(digest)
        was_good = token is not None and not token.revoked
        if token is not None:
            self._state.tokens[digest] = replace(token, revoked=True)
        self.record(event)
        return int(was_good)

    def save_sandbox(self, sandbox: Sandbox, event: AuditEvent) -> None:
        stored = self.sandbox(sandbox.id)
        others = [other for other in self.sandboxes() if other.id != sandbox.id]
        places = {(other.person, other.contract) for other in others} | {other.slot for other in others}
        is_back = stored is not None and stored.state is SandboxState.ENDED
        is_taken = not places.isdisjoint({(sandbox.person, sandbox.contract), sandbox.slot})
        if is_back or (is_taken and sandbox.state is not SandboxState.ENDED):
            raise Refused("CONFLICT")
        self._state.sandboxes[sandbox.id] = sandbox
        self.record(event)

    def record(self, event: AuditEvent) -> int:
        """Stricter than any database: an event that cites no rule of the directive is a mistake of ours (PRE-1)."""
        assert event.rule in _rule_ids(), f"{event.kind} cites {event.rule!r}"
        count, previous = self.audit_head()
        position, body = count + 1, canonical_body(event.body)
        sealed = seal(position, self._now.isoformat(), event, body, previous)
        stored = replace(event, body=json.loads(body))
        self._state.audit.append(AuditRecord(position, self._now, stored, previous, sealed))
        return position


class InMemoryRecords:
    """`broken` is raised instead of reading or writing. A reader sees the state as it was when it began."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._state = _State()
        self._lock = threading.RLock()
        self.broken: Exception | None = None

    @contextmanager
    def read(self) -> Iterator[InMemoryReader]:
        if self.broken:
            raise self.broken
        yield InMemoryReader(self._state)

    def stamp(self) -> str:
        with self.read() as reader:
            return reader.stamp()

    @contextmanager
    def write(self) -> Iterator[InMemoryWriter]:
        if self.broken:
            raise self.broken
        with self._lock:
            draft = self._state.copy()
            yield InMemoryWriter(draft, self._clock())
            draft.changes.append(1)
            self._state = draft


@cache
def _rule_ids() -> frozenset[str]:
    return frozenset(rule.id for rule in rule_catalogue())


def _fits(record: AuditRecord, search: AuditSearch) -> bool:
    event = record.event
    return (
        event.kind.startswith(search.kind)
        and search.actor in ("", event.actor)
        and search.subject in ("", event.subject)
        and (search.since is None or search.since <= record.at)
        and (search.until is None or record.at <= search.until)
        and search.after < record.position
        and (search.before is None or record.position < search.before)
    )


def _by_id(items: dict[str, Any]) -> list[Any]:
    return [items[key] for key in sorted(items)]
