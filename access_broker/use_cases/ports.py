"""What the use-cases need from outside, as Protocols owned here. Adapters implement them; tests use fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from access_broker.domain.acts import CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditEvent, AuditRecord, AuditSearch
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract, Standing
from access_broker.domain.datasets import Dataset
from access_broker.domain.filed import AnyFiled, Filed
from access_broker.domain.people import Organisation, Person, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Token
from access_broker.use_cases.ledger import Told


class Unavailable(Exception):  # noqa: N818 - a state of the outside, mapped to a refusal at the edge
    """The outside did not answer: records locked or gone, audit not writable, policy engine silent. Always a denial.

    `code` is one of RECORDS_UNAVAILABLE, AUDIT_UNAVAILABLE, LEDGER_UNAVAILABLE, POLICY_UNAVAILABLE.
    """

    def __init__(self, code: str, cause: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.cause = cause  # for the operator's log only


class Reader(Protocol):
    """One consistent view of the records."""

    def organisation(self, id: str) -> Organisation | None: ...
    def organisations(self) -> list[Organisation]: ...
    def person(self, id: str) -> Person | None: ...
    def people(self) -> list[Person]: ...
    def password_hash(self, person: str) -> str | None: ...
    def seats(self) -> list[Seat]: ...
    def seats_of(self, person: str) -> list[Seat]: ...
    def dataset(self, id: str) -> Dataset | None: ...
    def datasets(self) -> list[Dataset]: ...
    def problem(self, id: str) -> Problem | None: ...
    def problems(self) -> list[Problem]: ...
    def contract(self, id: str) -> Contract | None: ...
    def contracts(self) -> list[Contract]: ...
    def contracts_of(self, person: str) -> list[Contract]:
        """Those that name the person, in whatever state."""
        ...

    def standing(self, contract: str) -> Standing | None:
        """What `contract(id)` would say about state, generation and dates, in one small read."""
        ...

    def standings(self) -> dict[str, Standing]:
        """The standing of every contract, by id."""
        ...

    def stamp(self) -> str:
        """A random word that changes with every `write()`: what was read under the same stamp still holds."""
        ...

    def warnings(self, contract: str) -> list[WarningNotice]: ...
    def acts(self, contract: str) -> list[CommitteeAct]: ...
    def filed(self, kind: type[AnyFiled], /, **having: Any) -> list[AnyFiled]:
        """Everything of a kind whose fields have these values, in the order of its `KEY`."""
        ...

    def publication(self, contract: str) -> Publication | None: ...
    def publications(self) -> list[Publication]: ...
    def publication_failure(self, contract: str) -> str | None: ...
    def token(self, digest: str) -> Token | None: ...
    def sandbox(self, id: str) -> Sandbox | None: ...
    def sandboxes(self) -> list[Sandbox]:
        """All that have not ended, in the order of their slots."""
        ...

    def audit(self, after: int = 0, limit: int = 1000) -> list[AuditRecord]: ...
    def search_audit(self, search: AuditSearch, limit: int = 1000) -> list[AuditRecord]:
        """The records that fit, at most `limit`: oldest first, or newest first if the search says so."""
        ...

    def audit_about(self, contract: str, after: int = 0, limit: int = 1000) -> list[AuditRecord]:
        """Records whose subject is the contract, or whose body names it as `contract`; oldest first."""
        ...

    def audit_kinds(self) -> list[str]:
        """Every kind of event on record, for a list to choose from."""
        ...

    def acknowledgements(self, contract: str) -> list[AuditRecord]:
        """The `end.acknowledged` records about a contract, oldest first."""
        ...

    def open_statements(self, last: int) -> list[AuditRecord]:
        """Allowed statements that no record has closed, among the `last` records of the chain, oldest first."""
        ...

    def audit_head(self) -> tuple[int, str]:
        """(number of records, hash of the last), (0, GENESIS) when empty."""
        ...


class Writer(Reader, Protocol):
    """A transaction. Every write takes the audit event it stands for; both are committed together or not at all."""

    def save_organisation(self, organisation: Organisation, event: AuditEvent) -> None: ...
    def save_person(self, person: Person, event: AuditEvent) -> None: ...
    def save_password(self, person: str, password_hash: str, event: AuditEvent) -> None: ...
    def save_seat(self, seat: Seat, event: AuditEvent) -> None: ...
    def save_dataset(self, dataset: Dataset, event: AuditEvent) -> None: ...
    def save_problem(self, problem: Problem, event: AuditEvent) -> None: ...
    def save_contract(self, contract: Contract, event: AuditEvent) -> None:
        """Insert or replace by id. Refuses (Refused CONFLICT) a generation lower than the stored one."""
        ...

    def save_warning(self, warning: WarningNotice, event: AuditEvent) -> None: ...
    def save_act(self, act: CommitteeAct, event: AuditEvent) -> None: ...
    def file(self, thing: Filed, event: AuditEvent) -> None:
        """Insert, or replace by its `KEY`."""
        ...

    def save_publication(self, publication: Publication, event: AuditEvent) -> None: ...
    def drop_publication(self, contract: str, event: AuditEvent) -> None: ...
    def fail_publication(self, contract: str, message: str, event: AuditEvent) -> None: ...
    def save_token(self, token: Token, event: AuditEvent) -> None: ...
    def revoke_tokens(self, contract: str, event: AuditEvent) -> int: ...
    def revoke_tokens_of(self, person: str, event: AuditEvent) -> int:
        """Every token of a person, whatever contract it is for; returns how many were good until now."""
        ...

    def revoke_token(self, digest: str, event: AuditEvent) -> int:
        """Returns how many were good until now: 1 or 0."""
        ...

    def save_sandbox(self, sandbox: Sandbox, event: AuditEvent) -> None:
        """Insert or replace by id. Refused CONFLICT for a slot, or a person and contract, of another unfinished one."""
        ...

    def record(self, event: AuditEvent) -> int:
        """Append an event that changes nothing else; returns its position."""
        ...


class Records(Protocol):
    """The records database. `write()` commits when its block ends, rolls back when it raises."""

    def read(self) -> AbstractContextManager[Reader]: ...
    def write(self) -> AbstractContextManager[Writer]: ...
    def stamp(self) -> str:
        """What `Reader.stamp` says now, in one small read."""
        ...


class AuditLog(Protocol):
    """The gateway's insert-only way to the audit: many threads, one commit for all that wait (group commit)."""

    def record(self, event: AuditEvent) -> int:
        """Returns the position once the record is durable; raises Unavailable("AUDIT_UNAVAILABLE") otherwise."""
        ...

    def post(self, event: AuditEvent) -> None:
        """For what follows a durable record, and on whose own durability nothing depends: written in its turn."""
        ...


class PolicyEngine(Protocol):
    """Rego behind one door. `entrypoint` is a package name; its rule `decision` is asked for."""

    name: str

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        """The decision document, or Unavailable("POLICY_UNAVAILABLE"): undefined, malformed and late are that too."""
        ...


class Batch(Protocol):
    """An Arrow record batch as far as the use-cases care."""

    @property
    def num_rows(self) -> int: ...
    @property
    def nbytes(self) -> int: ...


class Answer(Protocol):
    """A running statement. `schema` is an Arrow schema. Closing it frees the worker for the next statement."""

    schema: Any

    def batches(self) -> Iterator[Any]: ...
    def close(self) -> None: ...


ShouldStop = Callable[[], bool]
"""Asked while nothing arrives; True ends the statement and its worker."""


class Worker(Protocol):
    """One sandboxed engine process on one published file."""

    def plan(self, sql: str, should_stop: ShouldStop | None = None) -> dict[str, Any]:
        """DuckDB's bound, unoptimised logical plan of `sql` as parsed JSON."""
        ...

    def run(self, sql: str, should_stop: ShouldStop | None = None) -> Answer: ...
    def kill(self) -> None: ...


class DataEngine(Protocol):
    """Keeps workers by (person, contract, generation); `get` makes one when none is alive."""

    def get(
        self, person: str, contract: str, generation: int, publication: Publication
    ) -> AbstractContextManager[Worker]: ...
    def live(self) -> set[tuple[str, int]]:
        """(contract, generation) of every worker there is."""
        ...

    def live_people(self) -> set[str]:
        """Every person who has a worker."""
        ...

    def kill_of(self, person: str) -> int:
        """Kill every worker of the person; returns how many died."""
        ...

    def kill_older(self, contract: str, generation: int | None) -> int:
        """Kill every worker of the contract below `generation` (all for None); returns how many died."""
        ...


class Budget(Protocol):
    """The gateway's own count of answered statements, per contract and UTC day; survives restarts."""

    def spent(self, contract: str, day: str) -> int: ...
    def spend(self, contract: str, day: str, limit: int) -> None:
        """Count one statement, or Refused BUDGET_SPENT when `limit` are counted already. Durable when it returns."""
        ...

    def spend_rows(self, contract: str, day: str, rows: int, limit: int) -> None:
        """Count rows about to be delivered, all of them, or Refused ROWS_SPENT when that would be more than `limit`."""
        ...


class Ledger(Protocol):
    """What each contract was told, in the gateway's own store; survives restarts, publications and people.

    Both raise Unavailable("LEDGER_UNAVAILABLE").
    """

    def told(self, contract: str) -> list[tuple[str, str, Told]]:
        """(entity domain, kind of figures, what was told), in the order in which it was kept."""
        ...

    def keep(self, contract: str, publication: int, told: Sequence[tuple[str, str, Told]]) -> None:
        """All of it or nothing. Durable when it returns."""
        ...


Drawn = Mapping[str, int]
"""Group, as a JSON list of its keys as texts, → a noisy total in whole units."""


class Noise(Protocol):
    """Numbers with noise in them, of a proven mechanism."""

    def groups(self, counts: Mapping[str, int], most: int, epsilon: float, least: int) -> dict[str, int]:
        """Noisy counts of people, of those groups alone that are large enough to be told, `least` at any rate.

        `most`: in how many of the groups one person may be. `epsilon`: what it may spend.
        """
        ...

    def values(self, exact: Sequence[int], most: int, epsilon: float) -> list[int]:
        """Noisy totals. `most`: by how much one person changes all of them together. `epsilon`: what it may spend."""
        ...


class NoiseBook(Protocol):
    """What each contract spent of its epsilon and what was drawn for it, in the gateway's own store, for good.

    Questions are digests; epsilon is in millionths. All raise Unavailable("LEDGER_UNAVAILABLE").
    """

    def drawn(self, contract: str, questions: Sequence[str]) -> dict[str, Drawn]:
        """Those of them that were drawn before."""
        ...

    def charge(self, contract: str, wanted: Mapping[str, int], most: int) -> dict[str, int]:
        """What is charged for each question now: what was before, else what is `wanted`. Durable when it returns.

        All of it, or Refused EPSILON_SPENT when the contract's charges would then be more than `most`.
        """
        ...

    def keep(self, contract: str, drawn: Mapping[str, Drawn]) -> None:
        """Values drawn for charged questions. Durable when it returns."""
        ...

    def spent(self, contract: str) -> int: ...


class Spent(Protocol):
    """The gateway's count as another process sees it."""

    def __call__(self, contract: str, day: str, /) -> int | None:
        """Statements answered on the UTC day; None when the count cannot be seen."""
        ...


class EpsilonSpent(Protocol):
    """The gateway's book of epsilon as another process sees it."""

    def __call__(self, contract: str, /) -> int | None:
        """Millionths charged so far; None when they cannot be seen."""
        ...


class Clock(Protocol):
    def __call__(self) -> datetime: ...
