"""The files a dataset comes from, each with its digest: what is published later must be what was described now."""

from __future__ import annotations

import hashlib
from pathlib import Path

from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.datasets import Source, SourceKind, Table

_ENDINGS = {".csv": SourceKind.CSV, ".parquet": SourceKind.PARQUET, ".sql": SourceKind.SQL}


def read_sources(dataset: Part, tables: tuple[Table, ...], reading: Reading) -> tuple[Source, ...]:
    """The sources with absolute paths. Every table must be in one; SQL scripts are taken to make what is left."""
    known = {table.id for table in tables}
    found = [_source(part, known, reading) for part in dataset.at("sources").items()]
    sources = tuple(source for source in found if source is not None)
    _check_each_table_once(dataset, reading)
    held = [source.table for source in sources]
    makes_its_own = any(source.kind is SourceKind.SQL for source in sources)
    if held and None not in found and not makes_its_own and len(known & set(held)) == len(held):
        for table in sorted(known.difference(held)):
            reading.faults.add((*dataset.path, "tables", table), "TABLE_WITHOUT_SOURCE", table=table)
    return sources


def _source(part: Part, tables: set[str], reading: Reading) -> Source | None:
    """None, and a fault, for a source that cannot be had."""
    written = part.text("path")
    if not written or reading.faults.are_at((*part.path, "path")):
        return None
    kind = part.choice("kind", SourceKind, _ENDINGS.get(Path(written).suffix.lower(), SourceKind.SQL))
    if "kind" not in part and Path(written).suffix.lower() not in _ENDINGS:
        reading.faults.add((*part.path, "path"), "SOURCE_KIND", file=written)
        return None
    table = _table_of(part, kind, tables, reading)
    file = _existing(part, written, reading)
    if file is None:
        return None
    return Source(kind, str(file), _digest(part, file, written, reading), table)


def _table_of(part: Part, kind: SourceKind, tables: set[str], reading: Reading) -> str | None:
    table = part.text("table") or None
    place = (*part.path, "table")
    if kind is SourceKind.SQL and table:
        reading.faults.add(place, "SOURCE_TABLE_GIVEN")
    elif kind is not SourceKind.SQL and "table" not in part:
        reading.faults.add(part.path, "SOURCE_TABLE_MISSING", source_kind=kind)
    elif table and table not in tables and not reading.faults.are_at(place):
        reading.faults.add(place, "UNKNOWN_REFERENCE", kind="table", id=table)
    return table


def _existing(part: Part, written: str, reading: Reading) -> Path | None:
    if reading.base is None:
        reading.faults.add((*part.path, "path"), "SOURCE_NOWHERE", file=written)
        return None
    file = _file_at(reading.base, written, reading.confined)
    if file is None:
        _missing(part, written, reading)
    return file


def _file_at(base: Path, written: str, confined: bool) -> Path | None:
    """The real path of a file, every link on the way followed; None when there is none, or none within bounds."""
    if confined and (Path(written).is_absolute() or ".." in Path(written).parts):
        return None  # before looking: whether a step exists out there must not decide anything
    try:
        file = (base / written).resolve()
        within = not confined or file.is_relative_to(base)
        return file if within and file.is_file() else None  # a directory is none, nor a pipe that would hang the reader
    except (OSError, RuntimeError, ValueError):  # a name longer than the file system can hold, a loop of links, a NUL
        return None


def _missing(part: Part, written: str, reading: Reading) -> None:
    """A person confined to a folder hears one sentence for what is not there, not theirs and not readable."""
    code = "SOURCE_NOT_IN_FOLDER" if reading.confined else "SOURCE_MISSING"
    reading.faults.add((*part.path, "path"), code, file=written)


def _digest(part: Part, file: Path, written: str, reading: Reading) -> str:
    """SHA-256 of the file. A stated digest that differs is a fault: the file is not the one its steward described."""
    try:
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        _missing(part, written, reading)
        return ""
    stated = part.text("sha256", found)
    if stated != found and not reading.faults.are_at((*part.path, "sha256")):
        code = "SOURCE_OTHER_DIGEST" if reading.confined else "SOURCE_DIGEST"
        reading.faults.add((*part.path, "sha256"), code, file=written, found=found)
    return found


def _check_each_table_once(dataset: Part, reading: Reading) -> None:
    first: dict[str, Part] = {}
    for part in dataset.at("sources").items():
        table = part.text("table")
        if table and first.setdefault(table, part) is not part:
            line = reading.faults.line_of(first[table].path)
            reading.faults.add((*part.path, "table"), "SOURCE_TWICE", table=table, first=line)
