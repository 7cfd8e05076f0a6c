"""What the gate needs from outside: the engine and its workers, and the books of what was asked and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from access_broker.domain.catalogue import Publication
from access_broker.use_cases.ledger import Told


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
    def seconds_left(self) -> float:
        """Of the time that one statement may take, all its plans and runs together. What its asker takes to read the

        answer does not count, so it says nothing any more once that has begun."""
        ...

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

    def fine(self, contract: str, day: str, queries: int, limit: int) -> None:
        """Count `queries` more, at most to `limit`; never refuses. Durable when it returns."""
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
