"""What a narrowed statement can tell about itself afterwards: of whom each of its groups and cells is made.

For every aggregating SELECT over guarded sources that is checked where it stands there is one `AuditSelect`. Nothing
of it is copied or printed before somebody asks, so that statements nobody audits cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from sqlglot import exp

from access_broker.sql.arguments import presence
from access_broker.sql.conditions import call_and_filter
from access_broker.sql.scopes import items_of


@dataclass(frozen=True)
class Guard:
    """One guarded source of a SELECT: whose rows `entity` tells, and how many of them a figure needs.

    `times`: published tables whose rows of one person, multiplied, are the most rows one has here; () if nobody stands
    in two rows, so that counting rows is counting people, None if nothing is known. `person`: equal for sources whose
    rows meet as one person only, or as nobody.
    """

    source: str
    entity: exp.Expr
    k: int
    times: tuple[str, ...] | None = None
    person: str = ""


@dataclass(frozen=True)
class AuditCell:
    """One aggregate of a SELECT.

    `number`: its place among the cells of its SELECT. `arguments`: what it measures, none for count(*). `taken`: its
    FILTER. `regions`: every condition that must hold k people each, FILTER and its complement included. `distinct`:
    it counts values, not rows. `share`: the p of a percentile. All belong to the statement: copy before putting them
    anywhere.
    """

    number: int
    function: str
    arguments: tuple[exp.Expr, ...]
    distinct: bool
    taken: exp.Expr | None
    regions: tuple[exp.Expr, ...]
    share: Decimal | None = None

    def made_of(self) -> exp.Expr | None:
        """The rows it is computed of, as a condition; None for every row of the group.

        A row whose argument is NULL takes no part. A constant has no column and takes every row.
        """
        parts = [self.taken.copy()] if self.taken is not None else []
        if self.function == "count_if":
            parts += [argument.copy() for argument in self.arguments]
        else:
            there = [presence(argument) for argument in self.arguments]
            parts += [part for part in there if part is not None]
        return exp.and_(*parts) if parts else None


@dataclass
class AuditSelect:
    """One aggregating SELECT over guarded sources, as it was narrowed.

    `number`: how `Statement.withholding` finds it again. `grouped`: it has GROUP BY. `top`: its groups are the rows of
    the answer (before ORDER BY, LIMIT, QUALIFY); otherwise queries around it go on with them.
    """

    number: int
    grouped: bool
    top: bool
    guards: list[Guard]
    cells: list[AuditCell]
    node: exp.Select = field(repr=False)

    @cached_property
    def source(self) -> exp.Select:
        """`SELECT FROM … WHERE …`, narrowed and without projections: a copy to append projections and keys to."""
        kept = {name: self.node.args[name] for name in ("from_", "joins", "where") if self.node.args.get(name)}
        return exp.Select(**{k: [e.copy() for e in v] if isinstance(v, list) else v.copy() for k, v in kept.items()})

    @cached_property
    def keys(self) -> list[exp.Expr]:
        """The group keys as expressions over `source`, in the order of GROUP BY."""
        group = self.node.args.get("group")
        return [key.copy() for key in group.expressions] if group else []

    @cached_property
    def having(self) -> exp.Expr | None:
        """Which groups come through: the asker's HAVING and every guard of the group. Goes with GROUP BY `keys`."""
        having = self.node.args.get("having")
        return having.this.copy() if having else None

    @cached_property
    def correlated(self) -> bool:
        """It reads columns of a query around it, and so has no rows of its own to look at."""
        whole = self.source.copy()
        whole.set("expressions", [key.copy() for key in self.keys])
        return reads_further_out(whole)


def reads_further_out(query: exp.Expr, known: frozenset[str] = frozenset()) -> bool:
    """Does a narrowed query name FROM items that are neither its own nor `known`? Scope by scope: an item within may

    have the name of one further out, and does not stand for it.
    """
    if isinstance(query, exp.SetOperation):
        return any(reads_further_out(side, known) for side in (query.this, query.expression))
    if isinstance(query, exp.Subquery):
        return reads_further_out(query.this, known)
    items = items_of(query) if isinstance(query, exp.Select) else {}
    derived = [item for item in items.values() if isinstance(item, exp.Subquery)]
    if any(reads_further_out(item, known) for item in derived):  # FROM items do not see each other
        return True
    return any(_names_another(part, known | items.keys()) for part in query.iter_expressions())


def _names_another(node: exp.Expr, known: frozenset[str]) -> bool:
    if isinstance(node, exp.Column):
        return bool(node.table) and node.table not in known
    if isinstance(node, exp.From | exp.Join):  # what is derived there was looked at before
        return any(_names_another(part, known) for part in node.iter_expressions() if part is not node.this)
    if isinstance(node, exp.Query):
        return reads_further_out(node, known)
    return any(_names_another(part, known) for part in node.iter_expressions())


def cell_of(number: int, function: str, node: exp.Expr, taken: exp.Expr | None, regions: list[exp.Expr]) -> AuditCell:
    """`node`: the aggregate call as it was asked, with its FILTER."""
    call, _ = call_and_filter(node)
    distinct = isinstance(call.this, exp.Distinct)
    found = call.this.expressions if distinct else list(call.iter_expressions())
    found = [call.this] if isinstance(call, exp.Quantile) else found
    arguments = () if function == "count_star" else tuple(e for e in found if not isinstance(e, exp.Star))
    share = Decimal(call.args["quantile"].name) if isinstance(call, exp.Quantile) else None
    return AuditCell(number, function, arguments, distinct, taken, tuple(regions), share)
