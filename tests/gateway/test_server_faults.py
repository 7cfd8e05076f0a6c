"""A fault reaches its reader as a number; everything else about it goes to the log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from .conftest import Bare, assert_clean, command
from .fake_service import FakeService

FAULTS: dict[str, Callable[[Bare], Any]] = {
    "login": lambda c: c.sql("select 1"),
    "login action": lambda c: c.act("BeginTransaction", command("ActionBeginTransactionRequest").command),
    "login list": lambda c: list(c.client.list_actions(c.options)),
    "login flights": lambda c: list(c.client.list_flights(b"", c.options)),
    "login schema": lambda c: c.client.get_schema(command("CommandGetTables"), c.options),
    "login put": lambda c: c.bind(b"x", pa.record_batch({"a": [1]})),
    "login close": lambda c: c.act("ClosePreparedStatement", command("ActionClosePreparedStatementRequest").command),
    "catalogue": lambda c: c.answer("CommandGetTables"),
    "describe": lambda c: c.sql("select 1"),
    "describe schema": lambda c: c.client.get_schema(command("CommandStatementQuery", query="s"), c.options),
    "describe prepare": lambda c: c.prepare("select 1"),
    "run": lambda c: c.sql("select 1"),
    "stream": lambda c: c.sql("select 1"),
    "explain": lambda c: c.explain("select 1"),
}


@pytest.mark.parametrize("where", sorted(FAULTS))
def test_a_fault_anywhere_is_a_number(
    bare: Callable[..., Bare], service: FakeService, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    client = bare()
    service.boom = where.split()[0]
    with pytest.raises(Exception, match=r"\[AMANAT:INTERNAL\] \(S3-P8\) Ask .* \([0-9A-F]{8}\)") as caught:
        FAULTS[where](client)
    assert_clean(str(caught.value))
    reference = re.search(r"\(([0-9A-F]{8})\)", str(caught.value))
    assert reference is not None
    assert f"fault {reference[1]}" in caplog.text
    assert "_maybe_boom" in caplog.text, "the log keeps the traceback"
    service.boom = ""
    assert client.sql("select 1").num_rows == 1


def test_a_fault_in_closing_is_not_the_readers(
    bare: Callable[..., Bare], service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service.boom = "close"
    assert bare().sql("select 1").num_rows == 1
    assert "an answer did not close" in caplog.text
