"""The sample schema as one contract sees it, without records, publisher or worker: for tests of the pure gate."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from access_broker.adapters.engine import database
from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.domain.decisions import Obligations
from access_broker.domain.footprint import Footprint
from access_broker.sql.analyse import Analysis, analyse
from access_broker.sql.names import resolve
from access_broker.sql.parse import parse
from access_broker.sql.rewrite import Statement, rewrite
from access_broker.sql.verify import verify
from tests.support.judge import plain, same_rows

SCHEMA = Path(__file__).parents[1] / "corpus" / "sample_schema.sql"
K = 10


def table(name: str, physical: str, entity: str | None, columns: str) -> GrantedTable:
    """`columns`: lines of `name type mode [unique]`."""
    parts = [line.split() for line in columns.strip().splitlines()]
    granted = tuple(GrantedColumn(c, c, t, Mode(m), "unique" in rest) for c, t, m, *rest in parts)
    return GrantedTable("sample", name, name, physical, granted, entity, "__ek" if entity else None)


CATALOGUE = Catalogue(
    (
        table(
            "citizens",
            "t1",
            "national_id",
            """national_id BIGINT join
               birth_date DATE mask
               gender VARCHAR dimension
               province VARCHAR dimension
               city VARCHAR dimension
               income DECIMAL(12,2) aggregate
               disease VARCHAR dimension""",
        ),
        table(
            "visits",
            "t2",
            "national_id",
            """national_id BIGINT join
               visit_date DATE dimension
               clinic VARCHAR dimension
               cost DECIMAL(10,2) aggregate""",
        ),
        table(
            "provinces",
            "t3",
            None,
            """province VARCHAR raw unique
               region VARCHAR raw
               population BIGINT raw""",
        ),
    ),
    frozenset(
        {
            frozenset({"sample.citizens.national_id", "sample.visits.national_id"}),
            frozenset({"sample.citizens.province", "sample.provinces.province"}),
        }
    ),
)
_PUBLISH = """
CREATE SCHEMA raw; USE raw; {schema}
CREATE TABLE ids AS SELECT national_id AS id, row_number() OVER (ORDER BY md5(national_id)) AS ek
FROM (SELECT national_id FROM citizens UNION SELECT national_id FROM visits);
CREATE TABLE main.t1 AS SELECT ek AS national_id, date_trunc('year', birth_date)::DATE AS birth_date, gender,
province, city, income, disease, ek AS __ek FROM citizens JOIN ids ON id = national_id;
CREATE TABLE main.t2 AS SELECT ek AS national_id, visit_date, clinic, cost, ek AS __ek
FROM visits JOIN ids ON id = national_id;
CREATE TABLE main.t3 AS SELECT * FROM provinces;
USE main;
"""


@cache
def published() -> duckdb.DuckDBPyConnection:
    """The three published tables, with the raw ones in schema `raw` to compare with."""
    connection = duckdb.connect()
    connection.execute(_PUBLISH.format(schema=SCHEMA.read_text()))
    return connection


def analysed(sql: str, parameters: tuple[Any, ...] | None = None, catalogue: Catalogue = CATALOGUE) -> Analysis:
    return analyse(resolve(parse(sql, parameters, datetime.now(UTC).date()), catalogue))


def footprint(sql: str) -> Footprint:
    return analysed(sql).footprint


def uses(sql: str) -> set[str]:
    """The touches as `source.column use[:function]`."""
    return {
        f"{t.source}.{t.column} {t.use.value}{':' + t.function if t.function else ''}" for t in footprint(sql).touches
    }


def narrowed(
    sql: str, k: int = K, mode: str = "exact", max_rows: int = 1000, catalogue: Catalogue = CATALOGUE
) -> Statement:
    """The statement that runs when every occurrence of a protected table is guarded."""
    analysis = analysed(sql, catalogue=catalogue)
    guarded = tuple((s.id, k) for s in analysis.footprint.sources if s.table != "sample.provinces")
    return rewrite(analysis, Obligations(guarded, max_rows, mode, 1))


def rows(statement: Statement) -> list[tuple[Any, ...]]:
    return published().cursor().execute(statement.sql).fetchall()


def plan(sql: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(database.plan(published().cursor(), sql))
    return found


def is_as_ungated(sql: str, ordered: bool = False) -> bool:
    """Does the gate answer what the engine gives for `sql` on the raw tables? Its statement is verified first."""
    statement = narrowed(sql, max_rows=5000)
    verify(plan(statement.sql), statement)
    cursor = published().cursor()
    cursor.execute("USE raw")
    wanted = [plain(row) for row in cursor.execute(sql).fetchall()]
    shown = [plain(row[: len(statement.output_names)]) for row in rows(statement)]
    return bool(wanted) and same_rows(shown, wanted, ordered)
