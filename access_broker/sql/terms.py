"""What an aggregate adds up, taken apart: things measured with their factors, whose rows they are, and a constant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

from sqlglot import exp

from access_broker.sql.conditions import both


class Nature(IntEnum):
    """What somebody may know of the values before they are added up, most first."""

    CONSTANT = 0  # one value for all rows
    COUNTED = 1  # how many rows a person has
    KNOWN = 2  # values that one can ask for one by one: dimensions, open columns, released figures
    MEASURED = 3


@dataclass(frozen=True)
class Term:
    """`factor` times `of`, whose values are `scale` times what is really measured there, and `shift`.

    `taken`: the rows in which it is a part of the whole, None for all that have a value. `years`: of the calendar, as
    numbers that lie so close together that three digits of them would be none.
    """

    factor: float
    of: exp.Expr
    nature: Nature
    scale: float = 1.0
    shift: float = 0.0
    taken: exp.Expr | None = None
    years: bool = False

    @cached_property
    def key(self) -> str:
        return f"{self.of.sql()} {self.taken.sql() if self.taken is not None else ''}"

    @property
    def unit(self) -> float:
        return abs(self.factor * self.scale)

    def among(self, rows: exp.Expr | None) -> Term:
        return replace(self, taken=both(rows, self.taken))


@dataclass(frozen=True)
class Form:
    """The sum of `terms`, no two of the same expression, and a constant."""

    terms: tuple[Term, ...] = ()
    constant: float = 0.0

    def times(self, factor: float) -> Form:
        return Form(tuple(replace(t, factor=t.factor * factor) for t in self.terms if factor), self.constant * factor)

    def plus(self, other: Form) -> Form:
        merged: dict[str, Term] = {}
        for term in (*self.terms, *other.terms):
            known = merged.get(term.key)
            merged[term.key] = replace(term, factor=term.factor + known.factor) if known else term
        return Form(tuple(t for t in merged.values() if t.factor), self.constant + other.constant)

    @property
    def is_one(self) -> bool:
        return len(self.terms) == 1 and self.terms[0].taken is None

    @property
    def is_even(self) -> bool:
        """Is it one thing measured, or several of one weight? Others, weighed in many ways, could be told apart."""
        measured = [t for t in self.terms if t.nature is not Nature.CONSTANT]
        if not measured:
            return len({t.factor for t in self.terms}) <= 1
        return len({round(t.unit / measured[0].unit, 9) for t in measured}) == 1 and len(measured) == len(self.terms)
