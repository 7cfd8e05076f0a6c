from __future__ import annotations

from typing import Any, cast

import duckdb
import pytest

from access_broker.adapters.engine.channel import Channel, Kind
from access_broker.adapters.engine.limits import Limits
from access_broker.adapters.engine.serving import Engine


class Sent:
    """A channel that only remembers."""

    def __init__(self) -> None:
        self.kinds: list[Kind] = []

    def send(self, kind: Kind, payload: Any = b"") -> None:
        self.kinds.append(kind)


def test_a_statement_asked_again_is_run_once_more_and_not_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking a relation whether it is there counts its rows: the statement would run a second time unseen."""

    def counted(_: Any) -> int:
        raise AssertionError("the statement was run to count its rows")

    monkeypatch.setattr(duckdb.DuckDBPyRelation, "__len__", counted)
    sent = Sent()
    engine = Engine(cast(Channel, sent), duckdb.connect(), Limits())
    for _ in range(3):
        engine._run("SELECT 1 AS n")
    assert sent.kinds.count(Kind.END) == 3
    with pytest.raises(AssertionError):
        bool(duckdb.connect().sql("SELECT 1 AS n"))
