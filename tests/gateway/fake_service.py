"""A query service whose statements say what is to happen: `rows 100`, `refuse run NOT_GRANTED`, `boom stream`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door
from access_broker.use_cases.ports import Unavailable

SECRET = "/srv/engine/secret.duckdb: Catalog Error"
"""What a fault says about our insides; no client may ever read it."""

SENTENCES = {"en": "Ask your data steward for it.", "fa": "آن را از امین داده بخواهید."}


def describe(refused: Refused, language: str) -> str:
    reason = refused.reason
    rule = f" ({reason.rule})" if reason.rule else ""
    return f"[AMANAT:{reason.code}]{rule} {SENTENCES[language]}"


@dataclass(frozen=True)
class FakeLogin:
    person: str
    contract: str
    language: str = "en"


def _column(name: str, sql_type: str, mode: Mode = Mode.RAW) -> GrantedColumn:
    return GrantedColumn(id=name, name=name, type=sql_type, mode=mode)


SMALL = pa.table({"n": pa.array([1], pa.int64()), "name": ["آرش"]})
CATALOGUE = Catalogue(
    (
        GrantedTable(
            "health",
            "visits",
            "visits",
            "t1",
            (_column("visit_id", "BIGINT"), _column("cost", "DECIMAL(10,2)", Mode.AGGREGATE), _column("day", "DATE")),
        ),
        GrantedTable("census", "citizens", "citizens", "t2", (_column("شهر", "VARCHAR"), _column("age", "INTEGER"))),
    )
)


@dataclass
class FakeAnswer:
    service: FakeService
    schema: Any
    source: Iterator[Any]
    closed: int = 0

    def batches(self) -> Iterator[Any]:
        return self.source

    def close(self) -> None:
        self.closed += 1
        if self.service.boom == "close":
            raise RuntimeError(SECRET)


@dataclass
class FakeService:
    """`boom`: the entry point that fails with an unexpected exception. `answers`: every answer ever opened."""

    boom: str = ""
    logins: dict[str, FakeLogin] = field(
        default_factory=lambda: {
            "sara": FakeLogin("sara", "C1"),
            "sara-again": FakeLogin("sara", "C1"),
            "sara-c2": FakeLogin("sara", "C2"),
            "omid": FakeLogin("omid", "C1"),
            "fatemeh": FakeLogin("fatemeh", "C1", "fa"),
        }
    )
    peers: list[tuple[str, Door]] = field(default_factory=list)
    answers: list[FakeAnswer] = field(default_factory=list)
    seen: list[tuple[str, Any]] = field(default_factory=list)
    described: list[tuple[str, Any]] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)
    extra: dict[str, Any] = field(default_factory=dict)  # statement → pyarrow.Table

    def login(self, token: str | None, peer: str, door_hint: Door) -> FakeLogin:
        self._maybe_boom("login")
        self.peers.append((peer, door_hint))
        if token is None:
            raise Refused("NO_TOKEN")
        if token not in self.logins:
            raise Refused("TOKEN_NOT_VALID")
        return self.logins[token]

    def catalogue(self, login: FakeLogin) -> Catalogue:
        self._maybe_boom("catalogue")
        return CATALOGUE

    def describe(self, login: FakeLogin, sql: str, parameters: tuple[Any, ...] | None) -> Any:
        self._maybe_boom("describe")
        self._obey("describe", sql)
        self.described.append((sql, parameters))
        if sql.count("?") != len(parameters or ()):
            raise Refused("BAD_PARAMETERS")
        return self._table(sql, parameters).schema

    def run(
        self, login: FakeLogin, sql: str, parameters: tuple[Any, ...] | None, is_cancelled: Callable[[], bool]
    ) -> FakeAnswer:
        self._maybe_boom("run")
        self._obey("run", sql)
        self.seen.append((sql, parameters))
        while sql.startswith("compute") and not self.hold.is_set():
            if is_cancelled():
                raise Refused("CANCELLED")
            time.sleep(0.005)
        table = self._table(sql, parameters)
        answer = FakeAnswer(self, table.schema, self._batches(sql, table))
        self.answers.append(answer)
        return answer

    def explain(self, login: FakeLogin, sql: str, parameters: tuple[Any, ...] | None) -> dict[str, Any]:
        self._maybe_boom("explain")
        self._obey("explain", sql)
        return {"verdict": "allow", "code": None, "sql": sql, "parameters": parameters, "uses": []}

    def _table(self, sql: str, parameters: tuple[Any, ...] | None) -> Any:
        if sql in self.extra:
            return self.extra[sql]
        if parameters:
            return pa.table({f"p{i}": [p] for i, p in enumerate(parameters)})
        return SMALL

    def _batches(self, sql: str, table: Any) -> Iterator[Any]:
        verb, _, rest = sql.partition(" ")
        if verb == "endless":
            while True:
                yield table.to_batches()[0]
        for _ in range(int(rest) if verb == "rows" else 1):
            yield from table.to_batches()
        self._maybe_boom("stream")
        self._obey("stream", sql)

    def _obey(self, point: str, sql: str) -> None:
        words = sql.split()
        if words[:2] == ["refuse", point]:
            raise Refused(words[2], *words[3:4])
        if words[:2] == ["unavailable", point]:
            raise Unavailable(words[2], SECRET)
        if words[:2] == ["boom", point]:
            raise RuntimeError(SECRET)

    def _maybe_boom(self, point: str) -> None:
        if self.boom == point:
            raise RuntimeError(SECRET)


class Context:
    """Flight's view of a request, as far as we ask it."""

    def __init__(self) -> None:
        self.gone = False
        self.asked = 0

    def is_cancelled(self) -> bool:
        self.asked += 1
        return self.gone
