"""The columns of an audit query, each of them once, and counted before anything is written.

A figure is counted and added up over one condition several times, and what a row weighs is the same in all of them.
Made anew for each column, they would keep the gateway busy for seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.parts import Parts

MOST_COLUMNS, MOST_TEXT = 1_000, 300_000
"""In all audit queries of a statement: columns, and their characters."""


@dataclass
class Size:
    """Of what is written for one statement. It follows from its text, never from who is in it."""

    columns: int = 0
    text: int = 0

    def take(self, text: int) -> None:
        """Raises Refused TOO_COMPLEX where one more column, so long, is too much."""
        self.columns, self.text = self.columns + 1, self.text + text
        for taken, most in ((self.columns, MOST_COLUMNS), (self.text, MOST_TEXT)):
            if taken > most:
                raise Refused("TOO_COMPLEX", limit=most)


class AuditColumns:
    """Of one query. Places are counted from the person's column on: 0 is the first after it. May raise as `Size`."""

    def __init__(self, size: Size) -> None:
        self._size, self._parts = size, Parts()
        self._places: dict[tuple[str, ...], int] = {}
        self._texts: dict[int, tuple[exp.Expr, str]] = {}
        self.written: list[exp.Expr] = []

    def count(self, rows: exp.Expr | None) -> int:
        """Of the rows that a condition takes, None for all of them."""
        return self._place(("count", self.text_of(rows)), lambda: self._over(exp.Count(this=exp.Star()), rows))

    def sum(self, value: exp.Expr, rows: exp.Expr | None) -> int:
        """Of a value over those rows."""
        text = self.text_of(value)
        key = "sum", self.text_of(rows), text
        return self._place(key, lambda: self._over(self._parts.put(exp.Sum(), value, text), rows))

    def whole(self, aggregate: exp.Expr) -> int:
        """Any other one, as it is."""
        return self._place(("whole", self.text_of(aggregate)), lambda: aggregate)

    def text_of(self, node: exp.Expr | None) -> str:
        """Printed once for each node, which is kept so that no other one takes its place; nothing for None."""
        if node is None:
            return ""
        if id(node) not in self._texts:
            self._texts[id(node)] = node, node.sql()
        return self._texts[id(node)][1]

    def _over(self, call: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        if rows is None:
            return call
        return exp.Filter(this=call, expression=self._parts.put(exp.Where(), rows, self.text_of(rows)))

    def _place(self, key: tuple[str, ...], write: Callable[[], exp.Expr]) -> int:
        if key not in self._places:
            self._size.take(sum(map(len, key)))
            self._places[key] = len(self.written)
            self.written.append(write())
        return self._places[key]
