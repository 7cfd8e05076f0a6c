"""query and explain: a client of the data door like any other."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from access_broker.adapters.state_dir import StateDir
from access_broker.commands.broker import Broker
from access_broker.commands.explained import explained
from access_broker.commands.output import language, out, refuse, stop

_LANGUAGE_HEADER = "adbc.flight.sql.rpc.call_header.accept-language"


def query(sql: str, person: str, contract: str, state: Path, shape: str) -> None:
    """Runs one statement and prints its answer as table, json or csv."""
    import adbc_driver_flightsql.dbapi as flight_sql
    from adbc_driver_flightsql import DatabaseOptions
    from adbc_driver_manager import Error

    address, token = _door(state, person, contract)
    options = {DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {token}", _LANGUAGE_HEADER: language()}
    try:
        with (
            flight_sql.connect(address, db_kwargs=options, autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
            answer = cursor.fetch_arrow_table()
    except (Error, OSError) as error:
        stop(_refusal_text(str(error)))
    _print(answer, shape)


def explain(sql: str, person: str, contract: str, state: Path, as_json: bool) -> None:
    """What would happen and why. A statement that would be refused is an answer here, not an error."""
    from pyarrow import flight

    address, token = _door(state, person, contract)
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"accept-language", language().encode())]
    body = json.dumps({"sql": sql}).encode()
    client = flight.connect(address)
    try:
        action = flight.Action("amanat.explain", body)
        results = list(client.do_action(action, flight.FlightCallOptions(headers=headers)))
    except flight.FlightError as error:
        stop(_refusal_text(str(error)))
    finally:
        client.close()
    found = json.loads(results[0].body.to_pybytes())
    out(json.dumps(found, ensure_ascii=False) if as_json else explained(found, language()))


def _door(state: Path, person: str, contract: str) -> tuple[str, str]:
    running = StateDir.at(state).running_system()
    if running is None:
        refuse("NOT_RUNNING", state=str(state))
    to = Broker(state)
    return str(running["flight_sql"]), to.token(person, contract)


def _refusal_text(text: str) -> str:
    """The sentence out of a driver's exception, which wraps it in its own words."""
    start = max(text.find("[AMANAT:"), 0)
    start -= text[start - 1 : start] == "\u2068"  # in Persian the head is isolated; half an isolate turns lines round
    return text[start:].split(". Detail:")[0].split("; Execute")[0].strip()


def _print(answer: Any, shape: str) -> None:
    rows = answer.to_pylist() if shape == "json" else list(zip(*(c.to_pylist() for c in answer.columns), strict=True))
    if shape == "json":
        out(json.dumps(rows, ensure_ascii=False, default=str))
    elif shape == "csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(answer.column_names)
        writer.writerows(rows)
        out(text.getvalue())
    else:
        table = Table(*answer.column_names)
        for row in rows:
            table.add_row(*("" if v is None else str(v) for v in row))
        Console().print(table)
