"""Several statements, each harmless, and what an attacker would compute of their answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Sequence:
    """`reveals`: from the rows of each answer, the `secret`. KeyError and the like: a row it needs is not there."""

    name: str
    statements: tuple[str, ...]
    reveals: Callable[[list[Rows]], float]
    secret: float


def one(rows: Rows, place: int = 0) -> float:
    return float(rows[0][place])


def of(rows: Rows, *keys: str | int) -> float:
    """The sum of the figures of these groups."""
    found = {row[0]: float(row[-1]) for row in rows}
    return sum(found[key] for key in keys)


def every(rows: Rows) -> float:
    return sum(float(row[-1]) for row in rows)
