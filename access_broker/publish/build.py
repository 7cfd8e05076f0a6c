"""From a contract's scope to its one published file.

Denied columns are absent, masks applied, keys replaced, rare values taken out, rows in no order of the source. The
file is written once, from finished rows only, so that nothing that was dropped can linger in a free block of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable, Publication
from access_broker.domain.contracts import Contract
from access_broker.domain.datasets import Dataset
from access_broker.publish.domains import EntityDomain
from access_broker.publish.entities import number_entities
from access_broker.publish.files import building_path, delete_with_wal, path_of, seal
from access_broker.publish.inspection import Tables, inspect
from access_broker.publish.keyed import SecretOf, bind_key, secret_for
from access_broker.publish.masks import TOKEN_KEY
from access_broker.publish.narrow import OpenTable, narrow, open_table, refusing_misfits, rows_without_entity
from access_broker.publish.plan import ENTITY_COLUMN, Plan, PlannedTable, plan
from access_broker.publish.sources import SealedSource, digest_of, load_tables
from access_broker.publish.sql_text import quote_name, quote_text
from access_broker.publish.workshop import Workshop, entity_store, open_workshop

Progress = Callable[[str, int, int], None]
"""Called as (step, done, total); steps are source, entities, table, seal."""


@dataclass(frozen=True)
class TableReport:
    """What publishing did to one table; rows and counts only. `generalised` and `capped` count values, the others rows.

    `unique_columns`: ids of columns in which no value stands twice, NULL included.
    """

    table: str
    rows: int
    unique: bool
    without_entity: int = 0
    generalised: int = 0
    dropped: int = 0
    capped: int = 0
    unique_columns: frozenset[str] = frozenset()


Report = tuple[TableReport, ...]


def publish(
    contract: Contract,
    datasets: Iterable[Dataset],
    directory: Path,
    secret_of: SecretOf,
    previous_version: int | None,
    uid: int | None = None,
    *,
    private: Path,
    on_progress: Progress = lambda step, done, total: None,
    on_report: Callable[[Report], None] = lambda report: None,
) -> Publication:
    """Build version `previous_version` + 1 of the contract's file in `directory`, readable by `uid` only.

    `private`: the publisher's own directory (workshops, entity numbers); no door leads there. Refuses INVALID and
    SOURCE_CHANGED (S2-C3). Raises duckdb.Error or OSError when disk or memory fail; nothing is published then.
    """
    version = (previous_version or 0) + 1
    target = path_of(directory, contract.id, version)
    planned = plan(contract, datasets)
    directory.mkdir(mode=0o711, parents=True, exist_ok=True)
    built = building_path(target)
    with open_workshop(private, contract.id) as shop:
        build = _Build(shop, planned, contract, secret_for(contract.id, secret_of), on_progress)
        report, types = build.run(built, entity_store(private, contract.id))
    on_progress("seal", 0, 1)
    digest = digest_of(built)
    seal(built, target, uid)
    on_progress("seal", 1, 1)
    on_report(report)
    return Publication(contract.id, version, str(target.absolute()), digest, _catalogue(planned, types, report))


class _Build:
    """The steps of one build, each over all tables, in the order in which they are written here."""

    def __init__(self, shop: Workshop, planned: Plan, contract: Contract, secret: bytes, on_progress: Progress) -> None:
        self._con = shop.con
        self._work = shop.path
        self._plan = planned
        self._terms = contract.terms
        self._secret = secret
        self._on_progress = on_progress

    def run(self, path: Path, store: Path) -> tuple[Report, Tables]:
        """Leaves the finished file at `path`; on any failure there is none."""
        delete_with_wal(path)
        try:
            sealed = self._read_sources()
            tables = [open_table(self._con, t) for t in self._plan.tables]
            nobody = [self._rows_without_entity(table) for table in tables]
            numbers = self._number(tables, store)
            report = self._write(tables, nobody, numbers, path)
            for source in sealed:
                source.check_again()
            expected = {t.planned.physical: tuple(_columns(t.planned)) for t in tables}
            return report, inspect(path, expected)
        except BaseException:
            delete_with_wal(path)
            raise

    def _read_sources(self) -> list[SealedSource]:
        sealed: list[SealedSource] = []
        for done, dataset in enumerate(self._plan.datasets):
            self._on_progress("source", done, len(self._plan.datasets))
            wanted = {t.source: t.table for t in self._plan.tables if t.dataset == dataset.id}
            sealed += load_tables(self._con, dataset, wanted, self._work)
        return sealed

    def _rows_without_entity(self, table: OpenTable) -> int:
        with refusing_misfits(table.planned.key):
            return rows_without_entity(self._con, table)

    def _number(self, tables: list[OpenTable], store: Path) -> dict[EntityDomain, str]:
        self._on_progress("entities", 0, 1)
        domains = dict.fromkeys(d for t in self._plan.tables for d in t.domains())
        keys = {domain: [k for t in tables for k in t.key_columns(domain)] for domain in domains}
        return number_entities(self._con, store, self._secret, keys)

    def _write(
        self, tables: list[OpenTable], nobody: list[int], numbers: dict[EntityDomain, str], path: Path
    ) -> Report:
        bind_key(self._con, TOKEN_KEY, self._secret, "token")
        self._con.execute(f"ATTACH {quote_text(str(path))} AS published")
        report = []
        for done, table in enumerate(tables):
            self._on_progress("table", done, len(tables))
            with refusing_misfits(table.planned.key):
                report.append(self._write_table(table, nobody[done], numbers))
        self._con.execute("DETACH published")
        return tuple(report)

    def _write_table(self, table: OpenTable, without_entity: int, numbers: dict[EntityDomain, str]) -> TableReport:
        relation, rare, capped = narrow(self._con, table, numbers, self._terms)
        planned, columns = table.planned, ", ".join(quote_name(c) for c in _columns(table.planned))
        # neither the source's order nor, within one person, the order in which things happened to them
        order = f"{ENTITY_COLUMN}, hash({columns})" if planned.entity is not None else f"hash({columns})"
        written = f"published.main.{planned.physical}"
        self._con.execute(f"CREATE TABLE {written} AS SELECT {columns} FROM {relation} ORDER BY {order}")
        people = f"count(DISTINCT {ENTITY_COLUMN})" if planned.entity is not None else "-1"
        row = self._con.execute(f"SELECT count(*), {people} FROM {written}").fetchone() or (0, -1)
        unique = self._unique_columns(planned, written)
        return TableReport(
            planned.key, row[0], row[0] == row[1], without_entity, rare.generalised, rare.dropped, capped, unique
        )

    def _unique_columns(self, planned: PlannedTable, written: str) -> frozenset[str]:
        """Of an open table every column, of a table of people its entity column: what may be joined on safely."""
        ids = [c.column.id for c in planned.columns if planned.entity is None or c.column.id == planned.table.entity]
        if not ids:
            return frozenset()
        tests = ", ".join(f"count(DISTINCT {quote_name(c)}) = count(*)" for c in ids)
        row = self._con.execute(f"SELECT {tests} FROM {written}").fetchone() or ()
        return frozenset(c for c, is_unique in zip(ids, row, strict=True) if is_unique)


def _columns(planned: PlannedTable) -> list[str]:
    """Physical columns in file order; the entity number stands first where there is one."""
    hidden = [ENTITY_COLUMN] if planned.entity is not None else []
    return hidden + [c.column.id for c in planned.columns]


def _catalogue(planned: Plan, types: Tables, report: Report) -> Catalogue:
    tables = (_granted(t, types[t.physical], r) for t, r in zip(planned.tables, report, strict=True))
    return Catalogue(tuple(tables), planned.joins())


def _granted(planned: PlannedTable, types: dict[str, str], report: TableReport) -> GrantedTable:
    columns = (
        GrantedColumn(
            c.column.id, c.column.name, types[c.column.id], c.grant.mode, c.column.id in report.unique_columns
        )
        for c in planned.columns
    )
    return GrantedTable(
        dataset=planned.dataset,
        table=planned.table.id,
        name=planned.table.name,
        physical=planned.physical,
        columns=tuple(columns),
        entity=planned.table.entity,
        entity_physical=ENTITY_COLUMN if planned.entity is not None else None,
        entity_unique=report.unique,
        rows=report.rows,
    )
