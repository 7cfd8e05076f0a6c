"""Small sources, datasets and contracts for the publisher's tests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import ColumnGrant, Contract, ContractState, TableGrant, Terms
from access_broker.domain.datasets import (
    Column,
    ColumnRef,
    DataClass,
    Dataset,
    Join,
    MaskTemplate,
    Mode,
    RareValues,
    Source,
    SourceKind,
    Table,
)
from access_broker.publish.build import Report, publish
from tests.support.factories import make_contract

SAMPLE = Path(__file__).parents[1] / "corpus" / "sample_schema.sql"
YEAR = MaskTemplate("date", (("to", "year"),))
TOKEN = MaskTemplate("token")
STARS = MaskTemplate("fixed", (("value", "***"),))
BAND = MaskTemplate("band", (("width", 10000),))


@cache
def engine() -> duckdb.DuckDBPyConnection:
    """One DuckDB in memory for all tests that only compute something: opening one takes longer than they do."""
    return duckdb.connect()


def secret_of(contract: str) -> bytes:
    return hashlib.sha256(b"test secret " + contract.encode()).digest()


def source(path: Path, kind: SourceKind, table: str | None = None) -> Source:
    return Source(kind, str(path), hashlib.sha256(path.read_bytes()).hexdigest(), table)


def csv(path: Path, text: str, table: str = "people") -> Source:
    path.write_text(text, "utf-8")
    return source(path, SourceKind.CSV, table)


def table(id: str, columns: str, entity: str | None = None, /, **names: str) -> Table:
    """`columns`: ids; `names`: what people type, where it differs from the id."""
    described = (Column(c, names.get(c, c), DataClass.PERSONAL) for c in columns.split())
    return Table(id, id, tuple(described), entity)


def dataset(*sources: Source, tables: tuple[Table, ...], joins: str = "", id: str = "d") -> Dataset:
    """`joins`: `table.column=table.column` pairs of this dataset, separated by spaces."""
    pairs = (pair.split("=") for pair in joins.split())
    declared = tuple(Join(ColumnRef.parse(f"{id}.{a}"), ColumnRef.parse(f"{id}.{b}")) for a, b in pairs)
    return Dataset(id, "ministry", "steward", id, id, sources, tables, declared)


def grant(table: str, row_filter: str | None = None, /, **modes: str | MaskTemplate) -> TableGrant:
    columns = (
        ColumnGrant(c, Mode.MASK, m) if isinstance(m, MaskTemplate) else ColumnGrant(c, Mode(m))
        for c, m in modes.items()
    )
    return TableGrant("d", table, tuple(columns), row_filter)


def contract(*scope: TableGrant, id: str = "P1", k: int = 10, rare: RareValues = RareValues.KEEP) -> Contract:
    return make_contract(id, ContractState.ACTIVE, scope=scope, terms=Terms(k=k, rare_values=rare))


@dataclass
class Press:
    """A publisher in a temporary place."""

    root: Path
    secret_of: Callable[[str], bytes] = secret_of
    report: Report = ()
    steps: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def directory(self) -> Path:
        return self.root / "published"

    @property
    def private(self) -> Path:
        return self.root / "private"

    def files(self) -> list[str]:
        """What lies in the published directory, finished or not."""
        found = (p for p in self.directory.rglob("*") if p.is_file())
        return sorted(str(p.relative_to(self.directory)) for p in found)

    def publish(self, contract: Contract, *datasets: Dataset, previous: int | None = None) -> Publication:
        def keep(report: Report) -> None:
            self.report = report

        return publish(
            contract,
            datasets,
            self.directory,
            self.secret_of,
            previous,
            private=self.private,
            on_progress=lambda *step: self.steps.append(step),
            on_report=keep,
        )


def ask(publication: Publication, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(publication.path, read_only=True) as con:
        return con.execute(sql).fetchall()


def sample() -> Dataset:
    tables = (
        table("citizens", "national_id full_name birth_date gender province city income disease", "national_id"),
        table("visits", "national_id visit_date clinic cost", "national_id"),
        table("provinces", "province region population"),
    )
    joins = "citizens.national_id=visits.national_id citizens.province=provinces.province"
    return dataset(source(SAMPLE, SourceKind.SQL), tables=tables, joins=joins)


def sample_p1(**changes: Any) -> Contract:
    return contract(
        grant(
            "citizens",
            national_id="join",
            full_name="deny",
            birth_date=YEAR,
            gender="dimension",
            province="dimension",
            city="dimension",
            income="aggregate",
            disease="dimension",
        ),
        grant("visits", national_id="join", visit_date="dimension", clinic="dimension", cost="aggregate"),
        grant("provinces", province="raw", region="raw", population="raw"),
        **changes,
    )


def sample_p3(**changes: Any) -> Contract:
    citizens = grant(
        "citizens",
        "province = 'Santiago'",
        national_id=TOKEN,
        full_name=STARS,
        birth_date=YEAR,
        gender="raw",
        province="raw",
        city="raw",
        income=BAND,
        disease="deny",
    )
    return contract(citizens, grant("provinces", province="raw", region="raw", population="raw"), **changes)
