"""What the door asks of the inside. The door itself decides nothing, runs nothing and keeps no data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door

Parameters = tuple[Any, ...]
"""Values for the `?` of a statement, in order: None, bool, int, float, Decimal, str, date, time, datetime."""

Describe = Callable[[Refused, str], str]
"""(refusal, language `fa` or `en`) → what the person reads: `[AMANAT:CODE] (rule) sentence, and what to do next`."""


class Login(Protocol):
    """Who is at the door, on which contract. Handles and tickets belong to one (person, contract)."""

    @property
    def person(self) -> str: ...
    @property
    def contract(self) -> str: ...
    @property
    def language(self) -> str: ...


class Answer(Protocol):
    """A running statement. The door calls `close` exactly when nothing more will be read, also after an error."""

    @property
    def schema(self) -> Any:
        """pyarrow.Schema of the batches."""
        ...

    def batches(self) -> Iterator[Any]:
        """pyarrow.RecordBatch after RecordBatch; may raise Refused at any of them."""
        ...

    def close(self) -> None: ...


class QueryService(Protocol):
    """Every method may raise `Refused` or `ports.Unavailable`; anything else is a fault and shown as INTERNAL.

    Calls come from many threads at once.
    """

    def login(self, token: str | None, peer: str, door_hint: Door) -> Login:
        """Check the bearer token. Called at every request, so that a revoked token is worth nothing at once.

        `peer` is the caller's IP address, empty if unknown. `door_hint` is LOCAL for loopback, SANDBOX otherwise.
        """
        ...

    def catalogue(self, login: Any) -> Catalogue:
        """What this contract sees, and nothing else."""
        ...

    def describe(self, login: Any, sql: str, parameters: Parameters | None) -> Any:
        """pyarrow.Schema of the answer: decided and bound, nothing run.

        `parameters` None means not given yet: a statement that has `?` then raises Refused BAD_PARAMETERS.
        """
        ...

    def run(self, login: Any, sql: str, parameters: Parameters | None, is_cancelled: Callable[[], bool]) -> Answer:
        """Decide, record, run. `is_cancelled` may be polled from any thread, also after the answer is closed."""
        ...

    def explain(self, login: Any, sql: str, parameters: Parameters | None) -> dict[str, Any]:
        """What would happen and why, as plain JSON values; runs nothing."""
        ...
