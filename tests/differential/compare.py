"""The gate's answer beside the perfect one."""

from __future__ import annotations

import collections
import decimal
import math
from pathlib import Path
from typing import Any

import duckdb

from tests.differential.queries import Question
from tests.support.inside import Inside
from tests.support.judge import CORPUS

Row = tuple[Any, ...]


class Compared:
    """`told` counts figures released and withheld, and answers refused as a whole: a test of nothing would show."""

    def __init__(self, folder: Path) -> None:
        self.house = Inside(CORPUS / "scenario.yaml", folder, only=("P1",))
        with self.house.records.read() as reader:
            published = reader.publication("P1")
        assert published
        self.raw = duckdb.connect(published.path, read_only=True)
        self.told: collections.Counter[str] = collections.Counter()

    def difference(self, question: Question) -> str:
        """What is wrong with the gate's answer, or ""."""
        given = self.house.ask("P1", question.asked)
        perfect = self.raw.execute(question.perfect).fetchall()
        if question.held:
            told = self.raw.execute(question.held).fetchone()
            if not (told and told[0]):
                self.told["refused"] += 1
                return "" if given.code == "BELOW_K" else f"{given.code or given.rows} instead of a refusal"
        if given.rows is None:
            return f"refused with {given.code}, and should give {perfect[:3]}"
        for cell in (c for row in given.rows for c in row):
            self.told["withheld" if cell is None else "released"] += 1
        return "" if same(given.rows, perfect) else f"{given.rows[:5]} instead of {perfect[:5]}"

    def close(self) -> None:
        self.raw.close()
        self.house.close()


def same(left: list[Row], right: list[Row]) -> bool:
    """The same rows in whatever order; floating point may differ by the order of an addition."""
    if len(left) != len(right):
        return False
    return all(
        len(a) == len(b) and all(map(_same, a, b))
        for a, b in zip(sorted(left, key=_place), sorted(right, key=_place), strict=True)
    )


def _same(a: Any, b: Any) -> bool:
    numbers = int | float | decimal.Decimal
    if isinstance(a, numbers) and isinstance(b, numbers):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))
    return str(a)[:10] == str(b)[:10] if hasattr(a, "year") else bool(a == b)


def _place(row: Row) -> list[str]:
    return [f"{float(v):.4e}" if isinstance(v, int | float | decimal.Decimal) else str(v)[:10] for v in row]
