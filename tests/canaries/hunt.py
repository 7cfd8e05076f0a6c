"""Asks, and searches for marks in everything that came back: answers, schemas, refusals, explanations, metadata."""

from __future__ import annotations

import collections
import json
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
import pyarrow as pa
import pyarrow.flight as flight

from access_broker.bootstrap import describe
from access_broker.domain.decisions import Refused
from access_broker.gateway.server import FlightSqlServer
from tests.canaries.grammar import Asked, Grammar
from tests.canaries.marks import HERE, marks
from tests.support.inside import Inside

CONTRACTS = ("counted",) * 5 + ("rounded",) * 3 + ("masked", "open", "noisy")
AUTHORIZATION = "adbc.flight.sql.authorization_header"
_FAULTS = ("INTERNAL",)  # a mistake of our own


class Hunt:
    """`codes`: how often each ended how, "" for an answer. `leaks`: (contract, statement, what was found)."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.house = Inside(HERE / "scenario.yaml", folder)
        self.grammar = Grammar(seed)
        self.codes: collections.Counter[str] = collections.Counter()
        self.leaks: list[tuple[str, str, list[str]]] = []
        self.faults: list[tuple[str, str]] = []

    @property
    def answered(self) -> float:
        """The share of statements that were answered: refusing everything would leak nothing too."""
        return self.codes[""] / max(1, self.codes.total())

    def inside(self, count: int) -> None:
        """Statements straight to the gate; every tenth is explained and described as well."""
        for number in range(count):
            asked, contract = self.grammar.any(), self.grammar.random.choice(CONTRACTS)
            given = self.house.ask(contract, asked.sql, asked.parameters)
            self.codes[given.code] += 1
            if given.code in _FAULTS:
                self.faults.append((given.code, asked.sql))
            if given.table is not None:
                self._look(contract, asked, marks().in_table(given.table))
            self._look(contract, asked, marks().in_text(" ".join(given.told)))
            if number % 10 == 0:
                self._before(contract, asked)

    def _before(self, contract: str, asked: Asked) -> None:
        login = self.house.login(contract)
        told = json.dumps(self.house.gate.explain(login, asked.sql, asked.parameters), ensure_ascii=False)
        with suppress(Refused):
            told += str(self.house.gate.describe(login, asked.sql, asked.parameters))
        self._look(contract, asked, marks().in_text(told))

    def door(self, count: int) -> None:
        """The same through Arrow Flight SQL with stock clients: whole messages, prepared statements, metadata."""
        server = FlightSqlServer("grpc://127.0.0.1:0", self.house.gate, describe)
        try:
            for contract in sorted(set(CONTRACTS)):
                options = {AUTHORIZATION: f"Bearer analyst@{contract}"}
                address = f"grpc://127.0.0.1:{server.port}"
                with flight_sql.connect(address, db_kwargs=options, autocommit=True) as connection:
                    for _ in range(count * CONTRACTS.count(contract) // len(CONTRACTS)):
                        self._through(connection, contract, self.grammar.any())
                    self._metadata(connection, contract)
                self._bare(address, contract)
        finally:
            server.stop()

    def _through(self, connection: Any, contract: str, asked: Asked) -> None:
        with closing(connection.cursor()) as cursor:
            try:
                if self.grammar.random.random() < 0.3:
                    self._look(contract, asked, marks().in_text(str(cursor.adbc_prepare(asked.sql))))
                cursor.execute(asked.sql, asked.parameters)
                self._look(contract, asked, marks().in_table(cursor.fetch_arrow_table()))
                self.codes[""] += 1
            except (flight_sql.Error, OSError, pa.ArrowException) as error:
                self.codes["at the door"] += 1
                self._look(contract, asked, marks().in_text(str(error)))

    def _metadata(self, connection: Any, contract: str) -> None:
        """Everything a client may ask about tables, with patterns that would match what is not granted."""
        told = [str(connection.adbc_get_info()), str(connection.adbc_get_table_types())]
        for depth in ("catalogs", "db_schemas", "tables", "columns", "all"):
            for pattern in (None, "%", "salary", "cit%"):
                reader = connection.adbc_get_objects(depth=depth, table_name_filter=pattern, column_name_filter=pattern)
                told.append(str(reader.read_all().to_pylist()))
        for table in ("citizens", "t1", "دستمزد", "sqlite_master"):
            with suppress(flight_sql.Error):
                told.append(str(connection.adbc_get_table_schema(table)))
        self._look(contract, Asked("metadata"), marks().in_text(" ".join(told)))

    def _bare(self, address: str, contract: str) -> None:
        """Explanations and refusals as the bytes of an action, in Persian."""
        headers = [(b"authorization", f"Bearer analyst@{contract}".encode()), (b"accept-language", b"fa")]
        options = flight.FlightCallOptions(headers=headers, timeout=20)
        with closing(flight.connect(address)) as client:
            for _ in range(5):
                asked = self.grammar.any()
                body = json.dumps({"sql": asked.sql}).encode()
                with suppress(flight.FlightError):
                    for result in client.do_action(flight.Action("amanat.explain", body), options):
                        self._look(contract, asked, marks().in_bytes(result.body.to_pybytes()))

    def _look(self, contract: str, asked: Asked, found: list[str]) -> None:
        if asked.typed:  # a mark that its author wrote may come back to them: as a name, in a refusal that repeats it
            said = asked.sql.casefold()
            found = [f for f in found if len(f) > 1 and f.casefold() not in said]
        if found:
            self.leaks.append((contract, asked.sql, found))

    def close(self) -> None:
        self.house.close()
