"""What a measured column adds to a figure: the rows and the values of published columns that it was made of.

`sum(s)` over a subquery that adds up per person is the same figure as the sum without it, and a column computed in a
subquery stands for each column it is computed of. So that such figures can be compared, what a row weighs is
reckoned where the row is read, and carried outwards beside the column.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.sql.arguments import as_double, has_branches, measured_in, weight_of, weight_of_text
from access_broker.sql.conditions import is_there
from access_broker.sql.lineage import Lineage, carries_people
from access_broker.sql.rebuilt import PLAIN
from access_broker.sql.scopes import given, has_aggregate, has_window

_FOLLOWED = PLAIN | {"group", "having", "order"}
_ADDING_UP = (exp.Count, exp.Sum, exp.Avg)
_COUNTS = "counts"


@dataclass(frozen=True)
class Addend:
    """`label`: of the published column, None where rows are counted. `weight`, `size`: of one row, as expressions over

    the FROM the column stands in: what it weighs, and how much it holds; None for what is no number and no day, where
    each row is one. `own`: it is the column itself, as it is read from the table.
    """

    label: str | None
    weight: exp.Expr | None
    size: exp.Expr | None
    own: bool = False


class Addends:
    """Of the columns of one narrowed SELECT, a copy of ours: columns are added to the subqueries it reads."""

    def __init__(
        self, select: exp.Select, tables: dict[str, GrantedTable], numbers: Iterator[int] | None = None
    ) -> None:
        self._select, self._tables = select, tables
        self._lineage = Lineage(select, tables)
        self._numbers = count() if numbers is None else numbers
        self._found: dict[str, list[Addend]] = {}

    def of(self, column: exp.Column) -> list[Addend]:
        """At least one; where nothing better is known, the column's own value under the name of each it comes from."""
        key = column.sql()
        if key not in self._found:
            self._found[key] = self._of(column)
        return self._found[key]

    def _of(self, column: exp.Column) -> list[Addend]:
        made = self._lineage.made_by(column)
        if made is None:
            return [replace(one, own=True) for one in self._itself(column)]
        inner, computed = made
        if not given(inner) <= _FOLLOWED or has_branches(computed) or has_window(computed) or computed.find(exp.Query):
            return self._itself(column)
        within, grouped = Addends(inner, self._tables, self._numbers), bool(inner.args.get("group"))
        if not grouped and any(map(has_aggregate, inner.expressions)):
            return self._itself(column)
        found = within._added_up(computed) if grouped else within._all_of(measured_in(computed))
        return [self._carried(inner, column, one) for one in found] or self._itself(column)

    def _itself(self, column: exp.Column) -> list[Addend]:
        weight = size = None
        if self._lineage.is_number(column):
            weight, size = weight_of(as_double(column)), exp.Abs(this=as_double(column))
        elif self._lineage.tells_of_days(column):
            weight = self._by_its_day(column)
        return [Addend(label, weight, size) for label in self._lineage.labels(column)]

    def _by_its_day(self, column: exp.Column) -> exp.Expr:
        if self._lineage.made_by(column) is not None:  # a day, a number, a text: nobody can say
            return weight_of_text(column)
        return weight_of(as_double(exp.Extract(this=exp.Var(this="EPOCH"), expression=column.copy())))

    def _all_of(self, columns: list[exp.Column]) -> list[Addend]:
        """Where a row is no number and no day, it adds one."""
        found, a_row = [(c, one) for c in columns for one in self.of(c)], exp.Literal.number(1)
        return [Addend(one.label, if_there(c, one.weight or a_row), if_there(c, one.size or a_row)) for c, one in found]

    def _added_up(self, computed: exp.Expr) -> list[Addend]:
        """Of what a subquery counts or adds up for each person, or groups by; nothing for anything else it computes."""
        calls = list(_calls(computed))
        deferred = carries_people(self._select)
        if not deferred or not all(isinstance(c, _ADDING_UP) and not c.find(exp.Distinct) for c in calls):
            return []
        if not calls:  # equal rows of a person are one
            return [_each(exp.Max, one) for one in self._all_of(measured_in(computed))]
        return [one for call in calls for one in self._by(call)]

    def _by(self, call: exp.Expr) -> list[Addend]:
        columns = measured_in(call)
        if isinstance(call, exp.Count) or not columns:
            rows = call.copy() if isinstance(call, exp.Count) else exp.Count(this=exp.Star())
            return [Addend(None, rows, rows)]
        found = self._all_of(columns)
        if not isinstance(call, exp.Avg):
            return [_each(exp.Sum, one) for one in found]
        return [_mean(call, _each(exp.Sum, one)) for one in (*found, *_counts_in(found))]

    def _carried(self, inner: exp.Select, column: exp.Column, one: Addend) -> Addend:
        """The same, one query further out."""
        weight, size = (None if e is None else self._put(inner, column, e) for e in (one.weight, one.size))
        return Addend(one.label, weight, size)

    def _put(self, inner: exp.Select, column: exp.Column, expression: exp.Expr) -> exp.Expr:
        name = f"__w{next(self._numbers)}"
        inner.append("expressions", exp.alias_(expression.copy(), name, quoted=True))
        return exp.column(name, table=column.table, quoted=True)


def _calls(node: exp.Expr) -> Iterator[exp.Expr]:
    """The outermost aggregates of an expression, with their FILTER."""
    if isinstance(node, exp.AggFunc | exp.Filter | exp.Window):
        yield node
        return
    for part in node.iter_expressions():
        yield from _calls(part)


def _each(call: type[exp.AggFunc], one: Addend) -> Addend:
    weight, size = (None if e is None else call(this=e.copy()) for e in (one.weight, one.size))
    return Addend(one.label, weight, size)


def _counts_in(found: list[Addend]) -> Iterator[Addend]:
    """Counts as numbers: one person's rows, counted in other parts, are as many, and their mean is another one."""
    for one in found:
        if one.label is None and one.weight is not None:
            yield Addend(_COUNTS, weight_of(as_double(one.weight)), one.size)


def _mean(call: exp.Expr, one: Addend) -> Addend:
    """It weighs what its rows weigh on the average: where everybody has two, a sum of means is half the sum of all.

    Whole again where it is not, of seven rows say, so that sums of weights stay exact.
    """
    if one.label is None or one.weight is None:
        return one
    mean = exp.Div(this=exp.paren(one.weight), expression=exp.Count(this=call.this.copy()))
    return Addend(one.label, exp.Round(this=mean), exp.Abs(this=as_double(call)))


def if_there(column: exp.Column, value: exp.Expr | None) -> exp.Expr | None:
    """Nothing for a row that has nothing to add."""
    return None if value is None else exp.paren(exp.Case(ifs=[exp.If(this=is_there(column), true=value.copy())]))
