"""The steward's files, opened in private and only when they are byte for byte what was registered (S2-C3).

Each wanted table becomes a relation of the workshop whose columns carry the stable ids. CSV and SQL tables are copied
in; Parquet is read where it lies, so the files are looked at once more when the build is done.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from access_broker.domain.datasets import Dataset, Source, SourceKind, Table
from access_broker.domain.text import fold
from access_broker.publish.csv_table import load_csv
from access_broker.publish.refusals import invalid, source_changed
from access_broker.publish.script import run_script
from access_broker.publish.sql_text import quote_name, quote_text

_CHUNK = 1 << 20


def digest_of(path: str | Path) -> str:
    """SHA-256 of a file as hex, read in pieces. OSError when it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class SealedSource:
    """A checked file and what its directory entry said then; `check_again` refuses when that has changed."""

    path: Path
    entry: tuple[int, int, int]

    def check_again(self) -> None:
        if _entry(self.path) != self.entry:
            raise source_changed(self.path.name, "while_reading")


def seal(source: Source) -> SealedSource:
    """Compare the file with its registered digest. Refuses SOURCE_CHANGED when it is missing, unreadable or another."""
    path = Path(source.path)
    entry = _entry(path)
    try:
        digest = digest_of(path)
    except OSError:
        raise source_changed(path.name, "unreadable") from None
    if digest != source.sha256.lower():
        raise source_changed(path.name, "digest")
    return SealedSource(path, entry)


def _entry(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        raise source_changed(path.name, "missing") from None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def load_tables(
    con: duckdb.DuckDBPyConnection, dataset: Dataset, wanted: Mapping[str, Table], work: Path
) -> list[SealedSource]:
    """Create one relation in `con` per entry of `wanted` (relation name → table); return the files that were read.

    Refuses SOURCE_CHANGED, and INVALID for a table that no source or more than one source holds, for a registered
    column that is not there, and for columns whose names look alike.
    """
    sealed: list[SealedSource] = []
    found: set[str] = set()
    for source in dataset.sources:
        if offered := {name: t for name, t in wanted.items() if _may_hold(source, t)}:
            sealed.append(seal(source))
            _load_source(con, dataset.id, source, offered, found, work)
    for missing in wanted.keys() - found:
        raise invalid(f"{dataset.id}.{wanted[missing].id}", "not_in_any_source")
    return sealed


def _may_hold(source: Source, table: Table) -> bool:
    if source.kind is SourceKind.SQL:
        return True
    return source.table is not None and (source.table == table.id or fold(source.table) == fold(table.name))


def _load_source(
    con: duckdb.DuckDBPyConnection,
    dataset: str,
    source: Source,
    offered: Mapping[str, Table],
    found: set[str],
    work: Path,
) -> None:
    """Create the relations whose tables this source holds, and add their names to `found`."""
    try:
        if source.kind is SourceKind.SQL:
            _load_script(con, dataset, Path(source.path), offered, found)
            return
        for name, table in offered.items():
            _claim(found, name, f"{dataset}.{table.id}")
            raw, path = f"raw_{name}", _link(work / f"raw_{name}", Path(source.path))
            header = load_csv(con, path, raw) if source.kind is SourceKind.CSV else _load_parquet(con, path, raw)
            _name_by_ids(con, name, raw, f"{dataset}.{table.id}", table, header)
    except (duckdb.Error, pa.ArrowException, csv.Error, UnicodeDecodeError):
        raise invalid(Path(source.path).name, f"not_readable_as_{source.kind}") from None


def _claim(found: set[str], name: str, place: str) -> None:
    if name in found:
        raise invalid(place, "in_several_sources")
    found.add(name)


def _link(link: Path, target: Path) -> Path:
    """A plain name for the file: in the engine's eyes `*`, `[` and `k=v/` in a path are patterns, `.gz` is a format."""
    link.unlink(missing_ok=True)
    link.symlink_to(target.absolute())
    return link


def _load_parquet(con: duckdb.DuckDBPyConnection, path: Path, raw: str) -> list[str]:
    reading = f"read_parquet({quote_text(str(path))}, hive_partitioning = false, union_by_name = false)"
    names = list(pq.read_schema(path).names)
    positions = ", ".join(f"c{i}" for i in range(len(names)))
    con.execute(f"CREATE VIEW {raw} AS SELECT * FROM {reading} AS f({positions})")
    return names


def _load_script(
    con: duckdb.DuckDBPyConnection, dataset: str, path: Path, offered: Mapping[str, Table], found: set[str]
) -> None:
    """Run the script behind closed doors and carry its tables over as Arrow."""
    with run_script(path.read_text("utf-8-sig")) as script:
        for name, table in offered.items():
            place = f"{dataset}.{table.id}"
            made = script.table(place, table.name)
            if made is None:
                continue
            _claim(found, name, place)
            con.register("incoming", script.rows(made))
            con.execute(f"CREATE TABLE raw_{name} AS SELECT * FROM incoming")
            con.unregister("incoming")
            _name_by_ids(con, name, f"raw_{name}", place, table, made.columns)


def _name_by_ids(
    con: duckdb.DuckDBPyConnection, name: str, raw: str, place: str, table: Table, header: Iterable[str]
) -> None:
    """Give the columns of `raw` (`c0`, `c1`, … in the order of `header`) their stable ids; the others stay behind."""
    positions: dict[str, int] = {}
    for position, typed in enumerate(header):
        if positions.setdefault(fold(typed), position) != position:
            raise invalid(place, "columns_fold_alike")
    for column in table.columns:
        if fold(column.name) not in positions:
            raise invalid(f"{place}.{column.id}", "not_in_source")
    chosen = ", ".join(f"c{positions[fold(c.name)]} AS {quote_name(c.id)}" for c in table.columns)
    con.execute(f"CREATE VIEW {name} AS SELECT {chosen} FROM {raw}")
