"""Judges an attack or an honest question from outside: by what came back and by the raw data, never by our insides."""

from __future__ import annotations

import collections
import datetime
import decimal
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

CORPUS = Path(__file__).parents[1] / "corpus"
K = 10
Row = list[Any]


@dataclass(frozen=True)
class Outcome:
    """One statement: rows, or the code it was refused with."""

    sql: str
    rows: list[Row] | None
    code: str = ""
    text: str = ""

    @property
    def has_content(self) -> bool:
        return self.rows is not None and any(cell is not None for row in self.rows for cell in row)


def cases(name: str) -> list[dict[str, Any]]:
    # not splitlines(): some attacks carry the other line ends that Unicode knows
    return [json.loads(line) for line in (CORPUS / f"{name}.jsonl").read_text().split("\n") if line]


@cache
def raw() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"enable_external_access": False, "autoload_known_extensions": False})
    connection.execute((CORPUS / "sample_schema.sql").read_text())
    return connection


def raw_rows(sql: str) -> list[Row] | None:
    try:
        return [plain(row) for row in raw().cursor().execute(sql).fetchall()]
    except duckdb.Error:
        return None


def plain(value: Any) -> Any:
    """A value as JSON would hold it, so that drivers can be compared."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value.removesuffix("T00:00:00") if isinstance(value, str) else value


def same_rows(left: Sequence[Row] | None, right: Sequence[Row] | None, ordered: bool = False) -> bool:
    if left is None or right is None or len(left) != len(right):
        return False
    if not ordered:
        left, right = sorted(left, key=_sortable), sorted(right, key=_sortable)
    return all(len(a) == len(b) and all(map(_same, a, b)) for a, b in zip(left, right, strict=True))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)
    return str(a) == str(b)


def _sortable(row: Row) -> list[str]:
    return [f"{v:.4f}" if isinstance(v, int | float) else str(v) for v in row]


def leaks(outcomes: list[Outcome]) -> list[str]:
    """Names and national ids of people that came back without having been typed."""
    people = {v for row in raw_rows("SELECT full_name, national_id FROM citizens") or [] for v in row}
    typed = " ".join(o.sql for o in outcomes)
    came = json.dumps([[o.rows, o.text] for o in outcomes], ensure_ascii=False, default=str)
    found = [i for i in re.findall(r"\d{3}-\d{7}-\d", came) if i in people]
    found += [p for p in people if p[:1].isalpha() and p in came]
    return [f for f in found if f not in typed]


def fault(case: dict[str, Any], outcomes: list[Outcome]) -> str:
    """What is wrong with how an attack ended, or ""."""
    if found := leaks(outcomes):
        return f"leaks {found[:3]}"
    if any(o.rows is None and o.code in ("", "INTERNAL") for o in outcomes):
        return "a refusal without a reason"
    name = case.get("judge") or {"refuse": "refuse", "limit": "limit"}[case["expect"]]
    return JUDGES[name](case, outcomes)


def _refuse(_: dict[str, Any], outcomes: list[Outcome]) -> str:
    return "answered" if all(o.rows is not None for o in outcomes) else ""


def _none(_: dict[str, Any], outcomes: list[Outcome]) -> str:
    return "answered with content" if any(o.has_content for o in outcomes) else ""


def _differs(_: dict[str, Any], outcomes: list[Outcome]) -> str:
    return "as ungated" if any(o.has_content and same_rows(o.rows, raw_rows(o.sql)) for o in outcomes) else ""


def _labels(case: dict[str, Any], outcomes: list[Outcome]) -> str:
    at = case["labels"]
    small = {tuple(map(str, row[:-1])) for row in raw_rows(case["entity_sql"]) or [] if row[-1] < K}
    for row in (row for o in outcomes for row in o.rows or []):
        rest = [cell for i, cell in enumerate(row) if i not in at]
        if tuple(str(row[i]) for i in at) in small and (not rest or any(c is not None for c in rest)):
            return f"a small group: {row}"
    return ""


def _reveals(case: dict[str, Any], outcomes: list[Outcome]) -> str:
    if any(o.rows is None for o in outcomes):
        return ""
    found = _answers_as_tables(outcomes).execute(case["reveals"]).fetchone()
    value = found[0] if found else None
    close = value is not None and math.isclose(float(value), case["value"], rel_tol=1e-4, abs_tol=0.01)
    return f"reveals {value}" if close else ""


def _ok_sql(case: dict[str, Any], outcomes: list[Outcome]) -> str:
    if not any(o.rows for o in outcomes):
        return ""
    found = _answers_as_tables(outcomes).execute(case["ok_sql"]).fetchone()
    return "" if found and found[0] else "shows too much"


def _same_shape(_: dict[str, Any], outcomes: list[Outcome]) -> str:
    shapes = {o.code or str(o.rows) for o in outcomes}
    return "" if len(shapes) == 1 else f"tells apart {sorted(shapes)}"


def _inexact(case: dict[str, Any], outcomes: list[Outcome]) -> str:
    exact = sum(same_rows(o.rows, raw_rows(o.sql)) for o in outcomes if o.rows is not None)
    kinds = len(collections.Counter(str(o.rows) for o in outcomes if o.rows is not None))
    if exact > len(outcomes) / 2:
        return f"{exact} of {len(outcomes)} exact"
    return f"{kinds} different answers" if kinds > case.get("distinct_max", 10**9) else ""


def _answers(_: dict[str, Any], outcomes: list[Outcome]) -> str:
    return "" if all(o.rows is not None for o in outcomes) else "refused"


JUDGES: dict[str, Callable[[dict[str, Any], list[Outcome]], str]] = {
    "refuse": _refuse,
    "none": _none,
    "differs": _differs,
    "labels": _labels,
    "reveals": _reveals,
    "ok_sql": _ok_sql,
    "same_shape": _same_shape,
    "inexact": _inexact,
    "answers": _answers,
    "limit": lambda case, outcomes: "",  # that it ends at all, and what lives on, is for the caller to see
}


def _answers_as_tables(outcomes: list[Outcome]) -> duckdb.DuckDBPyConnection:
    """The answers as tables r0, r1, … with columns c0, c1, … beside the raw tables."""
    connection = duckdb.connect()
    connection.execute((CORPUS / "sample_schema.sql").read_text())
    for number, outcome in enumerate(outcomes):
        rows = outcome.rows or []
        width = max((len(r) for r in rows), default=6)
        columns = []
        for place in range(width):
            values = [r[place] for r in rows if r[place] is not None]
            numeric = bool(values) and all(isinstance(v, int | float) for v in values)
            columns.append(f"c{place} {'DOUBLE' if numeric else 'VARCHAR'}")
        connection.execute(f"CREATE TABLE r{number} ({', '.join(columns)})")
        if rows:
            marks = ", ".join("?" * width)
            connection.executemany(f"INSERT INTO r{number} VALUES ({marks})", [[_cell(v) for v in r] for r in rows])
    return connection


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else str(value)
