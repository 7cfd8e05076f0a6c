"""Row filters: from the text in a contract to a predicate made of nothing but what is listed here.

The text is parsed, and the predicate is printed anew from the parts that are recognised. Anything else, a function, a
cast of a column, a subquery, is refused with the place, so that a filter can be read and believed by a committee.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from access_broker.domain.datasets import Table
from access_broker.domain.text import fold
from access_broker.publish.refusals import invalid
from access_broker.publish.sql_text import quote_name, quote_text

_LONGEST = 4000
_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_CONNECTIVES: Mapping[type[exp.Expr], str] = {exp.And: "AND", exp.Or: "OR"}


def predicate_sql(text: str, table: Table, place: str, alias: str) -> str:
    """The predicate over the source's own values, columns written as `alias."id"`.

    Refuses INVALID at `place` + `.row_filter` for anything outside: columns of this table, literals, comparisons,
    AND/OR/NOT, IN (list), BETWEEN, LIKE, IS NULL and date literals.
    """
    place = f"{place}.row_filter"
    if len(text) > _LONGEST or "\0" in text:
        raise invalid(place, "row_filter_text")
    try:
        parsed = sqlglot.parse(text, dialect="duckdb")
        if len(parsed) != 1 or parsed[0] is None:
            raise invalid(place, "row_filter_text")
        return _Printer(table, place, alias).condition(parsed[0])
    except (SqlglotError, RecursionError):
        raise invalid(place, "row_filter_text") from None


class _Printer:
    """Prints what it recognises; the last line of every chain is a refusal."""

    def __init__(self, table: Table, place: str, alias: str) -> None:
        self._columns = {fold(c.name): c.id for c in table.columns} | {c.id: c.id for c in table.columns}
        self._place = place
        self._alias = alias

    def condition(self, node: exp.Expr) -> str:
        kind = type(node)
        if kind is exp.Like and node.args.get("negate"):  # the parser's way of writing NOT LIKE
            return f"(NOT {self._test(exp.Like(this=node.this, expression=node.expression))})"
        self._no_other_parts(node)
        if kind in _CONNECTIVES:
            return f"({self.condition(node.this)} {_CONNECTIVES[kind]} {self.condition(node.expression)})"
        if kind is exp.Not:
            return f"(NOT {self.condition(node.this)})"
        if kind is exp.Paren:
            return self.condition(node.this)
        if kind in _COMPARISONS:
            return f"({self.value(node.this)} {_COMPARISONS[kind]} {self.value(node.expression)})"
        return self._test(node)

    def _test(self, node: exp.Expr) -> str:
        """Tests of one column against what stands in the filter."""
        match node:
            case exp.In() if node.expressions:
                return f"({self.column(node.this)} IN ({', '.join(self.literal(e) for e in node.expressions)}))"
            case exp.Between():
                low, high = self.literal(node.args["low"]), self.literal(node.args["high"])
                return f"({self.column(node.this)} BETWEEN {low} AND {high})"
            case exp.Like() if isinstance(node.expression, exp.Literal) and node.expression.is_string:
                return f"({self.column(node.this)} LIKE {self.literal(node.expression)})"
            case exp.Is() if isinstance(node.expression, exp.Null):
                return f"({self.column(node.this)} IS NULL)"
        raise self._refusal("row_filter_not_allowed")

    def value(self, node: exp.Expr) -> str:
        return self.column(node) if isinstance(node, exp.Column) else self.literal(node)

    def column(self, node: exp.Expr) -> str:
        self._no_other_parts(node)
        if type(node) is not exp.Column or not isinstance(node.this, exp.Identifier):
            raise self._refusal("row_filter_not_allowed")
        column = self._columns.get(fold(node.name))
        if column is None:
            raise self._refusal("row_filter_column")
        return f"{self._alias}.{quote_name(column)}"

    def literal(self, node: exp.Expr) -> str:
        self._no_other_parts(node)
        match node:
            case exp.Literal() if node.is_string:
                return quote_text(node.name)
            case exp.Literal():
                return self._number(node.name)
            case exp.Neg() if isinstance(node.this, exp.Literal) and not node.this.is_string:
                return f"(-{self._number(node.this.name)})"
            case exp.Boolean():
                return "TRUE" if node.this else "FALSE"
            case exp.Cast() if node.to.this is exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
                return f"DATE {quote_text(self._day(node.this.name))}"
        raise self._refusal("row_filter_not_allowed")

    def _number(self, text: str) -> str:
        if not text.replace(".", "", 1).isdecimal() or not text.isascii():
            raise self._refusal("row_filter_not_allowed")
        return text

    def _day(self, text: str) -> str:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise self._refusal("row_filter_date") from None

    def _no_other_parts(self, node: exp.Expr) -> None:
        """A part the parser kept and the printer does not know would be dropped in silence, and the filter change."""
        known = {"this", "expression", "expressions", "low", "high", "is_string", "to"}
        if any(value for name, value in node.args.items() if name not in known):
            raise self._refusal("row_filter_not_allowed")

    def _refusal(self, why: str) -> Exception:
        return invalid(self._place, why)
