"""Answer mode `dp`: which sums over people a SELECT needs, and the SELECT again with their noisy values in its place.

A row of people becomes what each person adds to each group: at most `rows` rows, cut to the bounds of the measure, in
at most `groups` groups. The sums of that change by a known amount when one person comes or goes, and only those sums,
with noise of that size, are ever seen by anything outside. What is done with them afterwards tells nothing more.
Contribution bounds and unknown groups as in Wilson et al., Differentially private SQL with bounded user contribution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from access_broker.domain.catalogue import Catalogue, GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.auditing import AuditCell, AuditSelect
from access_broker.sql.bounds import Bounds, Clip, Interval, times
from access_broker.sql.canonical import canonical, digest
from access_broker.sql.conditions import call_and_filter, filtered, is_there
from access_broker.sql.lineage import Lineage
from access_broker.sql.nesting import check_nesting, pairs
from access_broker.sql.quantities import Quantity, Share
from access_broker.sql.statement import MARK_CELL, Statement
from access_broker.sql.totals import totals

_MOST_WORK, _MOST_WITH_VALUES = 100_000, 250_000
"""About a second: pairs of conditions, and five times the nodes, for every quantity of a statement.

A SELECT around noisy values may be dearer: there may be many, and epsilon has been charged by then.
"""


@dataclass(frozen=True)
class Recipe:
    """How a cell follows from noisy quantities: `factor` × total, divided by `by` where it is a mean of `within`."""

    total: Quantity
    by: Quantity | None = None
    within: Interval | None = None
    factor: float = 1.0


@dataclass
class NoisedSelect:
    """`totals`: yields per group its keys as text and the sum of each of `quantities`, in that order.

    `probe`: yields nothing but the types of keys and cells. `groups`: in how many groups one person may be.
    """

    select: AuditSelect
    keys: int
    groups: int
    quantities: list[Quantity]
    recipes: list[Recipe]
    totals: Statement = field(repr=False)
    probe: Statement = field(repr=False)


def noised_select(
    statement: Statement, select: AuditSelect, catalogue: Catalogue, clip: Clip, share: Share
) -> NoisedSelect:
    """`select.node` may belong to a tree in which inner SELECTs hold noisy values already.

    Raises Refused AGGREGATE_NOT_ALLOWED, NO_BOUNDS, TOO_COMPLEX, or NOT_SUPPORTED for rows that are of two people.
    """
    return _Writer(statement, select, catalogue, clip, share).write()


class _Writer:
    def __init__(
        self, statement: Statement, select: AuditSelect, catalogue: Catalogue, clip: Clip, share: Share
    ) -> None:
        self._statement, self._select = statement, select
        self._source, self._keys = select.source.copy(), select.keys
        self._tables: dict[str, GrantedTable] = {table.physical: table for table in catalogue.tables}
        self._lineage = Lineage(self._source, self._tables)
        self._single = all(guard.times == () for guard in select.guards)  # nobody stands in two rows
        self._share = Share() if self._single else share if self._keys else Share(share.rows)
        self._bounds = Bounds(self._source, self._tables, clip, share.rows)
        self._person = self._of_one_person()
        self._work, self._most_work = 0, _MOST_WITH_VALUES
        if self._source.find(exp.Values, exp.Explode) is None:
            self._most_work = _MOST_WORK // len(statement.audits)
        self._base = self._canonical_of(self._keys) if self._keys else ""
        self._quantities: dict[str, Quantity] = {}

    def write(self) -> NoisedSelect:
        if self._keys:
            self._people()
        calls = list(self._calls())
        recipes = [self._recipe(cell, call) for cell, call in zip(self._select.cells, calls, strict=True)]
        quantities = list(self._quantities.values())
        groups = None if self._single or not self._keys else self._share.groups
        return NoisedSelect(
            self._select,
            len(self._keys),
            self._share.groups,
            quantities,
            recipes,
            totals(self._statement, self._source, self._keys, self._person, quantities, groups),
            self._probe(calls),
        )

    def _calls(self) -> Iterator[exp.Expr]:
        """The aggregate calls as they were asked, from within the tests for k people."""
        found = {n.meta[MARK_CELL]: n for n in self._select.node.find_all(exp.Paren) if MARK_CELL in n.meta}
        for cell in self._select.cells:
            yield found[self._select.number, cell.number].this.args["ifs"][0].args["true"]

    # --- whose rows ---------------------------------------------------------------------------------------------

    def _of_one_person(self) -> exp.Expr:
        """The person of a row. Rows that could be of two people are refused: noise for one would be too little."""
        entities = [guard.entity.copy() for guard in self._select.guards]
        if len({guard.person for guard in self._select.guards}) != 1:
            raise Refused("NOT_SUPPORTED", name="JOIN")
        return exp.Coalesce(this=entities[0], expressions=entities[1:]) if entities[1:] else entities[0]

    # --- what is added up ---------------------------------------------------------------------------------------

    def _recipe(self, cell: AuditCell, call: exp.Expr) -> Recipe:
        inner, taken = call_and_filter(call)
        arguments = _arguments(inner)
        if cell.function in ("count", "count_star", "count_if"):
            return self._counted(cell, taken, arguments)
        if cell.function not in ("sum", "avg") or cell.distinct or len(arguments) != 1:
            raise Refused("AGGREGATE_NOT_ALLOWED", "S3-P5", name=cell.function)
        argument = arguments[0].unnest()
        chosen = _counts_in_words(argument)
        if chosen is not None and cell.function == "sum":
            return Recipe(self._rows(exp.and_(taken, chosen)))
        if isinstance(argument, exp.Literal) and not argument.is_string and cell.function == "sum":
            return Recipe(self._rows(taken), factor=float(argument.name))
        return self._measured(cell.function, argument, taken)

    def _counted(self, cell: AuditCell, taken: exp.Expr | None, arguments: list[exp.Expr]) -> Recipe:
        columns = (column for argument in arguments for column in argument.find_all(exp.Column))
        bases = [base for column in columns for base in self._lineage.of(column)]
        are_people = bool(bases) and all(table.entity == name for table, name in bases)
        if cell.distinct and not are_people:
            raise Refused("AGGREGATE_NOT_ALLOWED", "S3-P5", name="count(DISTINCT)")
        if cell.function == "count_if":
            taken = exp.and_(taken, *arguments)
        elif not all(isinstance(argument, exp.Literal) for argument in arguments) and (
            not are_people or self._is_padded()
        ):
            taken = exp.and_(taken, *map(is_there, arguments))
        return Recipe(self._people(taken) if cell.distinct else self._rows(taken))

    def _measured(self, function: str, argument: exp.Expr, taken: exp.Expr | None) -> Recipe:
        interval = self._bounds.of(argument)
        if interval is None:
            names = [name for column in argument.find_all(exp.Column) for _, name in self._lineage.of(column)]
            raise Refused("NO_BOUNDS", "S3-P5", name=", ".join(sorted(set(names))) or argument.sql())
        low, high = times(interval, self._share.rows)
        if low == high:
            raise Refused("NO_BOUNDS", "S3-P5", name=argument.sql())
        added = filtered(exp.Sum(this=argument.copy()), taken)
        total = self._quantity(exp.TryCast(this=added, to=exp.DataType.build("DOUBLE")), low, high, is_count=False)
        if function == "sum":
            return Recipe(total)
        return Recipe(total, self._rows(exp.and_(taken, is_there(argument))), interval)

    def _rows(self, taken: exp.Expr | None) -> Quantity:
        if self._share.rows == 1:
            return self._people(taken)  # a person counts once, whatever is counted
        count = filtered(exp.Count(this=exp.Star()), taken)
        return self._quantity(count, 0, self._share.rows, is_count=True)

    def _people(self, taken: exp.Expr | None = None) -> Quantity:
        """Everybody in the group, or who has a row that is taken."""
        if taken is None and self._keys:
            return self._kept(Quantity(None, 0, 1, digest(self._base, str(self._share.groups)), is_count=True))
        return self._quantity(filtered(exp.Count(this=exp.Star()), taken), 0, 1, is_count=True)

    def _quantity(self, expression: exp.Expr, low: float, high: float, *, is_count: bool) -> Quantity:
        text = self._canonical_of([*self._keys, expression])
        told = digest(text, repr((low, high, self._share.groups)), "" if self._keys else "all")
        return self._kept(Quantity(expression, low, high, told, is_count))

    def _kept(self, quantity: Quantity) -> Quantity:
        return self._quantities.setdefault(quantity.digest, quantity)

    def _is_padded(self) -> bool:
        return any(join.side for join in self._source.args.get("joins") or [])

    def _canonical_of(self, shown: list[exp.Expr]) -> str:
        """Of all rows at once, a FILTER is a WHERE in other words."""
        asked = self._source.copy()
        shown = [e.copy() for e in shown]
        for e in shown if not self._keys else ():
            for part in list(e.find_all(exp.Filter)):
                asked = asked.where(part.expression.this.copy(), copy=False)
                part.replace(part.this) if part is not e else shown.__setitem__(0, e.this)
        asked.set("expressions", [exp.alias_(e, f"c{n}", quoted=True) for n, e in enumerate(shown or [exp.null()])])
        self._work += pairs(asked) + 5 * check_nesting(asked)
        if self._work > self._most_work:
            raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
        return canonical(asked)

    def _probe(self, calls: list[exp.Expr]) -> Statement:
        asked = self._source.copy()
        shown = [*(key.copy() for key in self._keys), *(call.copy() for call in calls)] or [exp.Count(this=exp.Star())]
        asked.set("expressions", [exp.alias_(e, f"c{n}", quoted=True) for n, e in enumerate(shown)])
        if self._keys:
            asked.set("group", exp.Group(expressions=[key.copy() for key in self._keys]))
        asked.set("limit", exp.Limit(expression=exp.Literal.number(0)))
        return self._statement.beside(asked, ("count", "count_star", "sum", "avg"))


def _arguments(call: exp.Expr) -> list[exp.Expr]:
    found = call.this.expressions if isinstance(call.this, exp.Distinct) else list(call.iter_expressions())
    return [argument for argument in found if not isinstance(argument, exp.Star)]


def _counts_in_words(argument: exp.Expr) -> exp.Expr | None:
    """The condition of `CASE WHEN condition THEN 1 [ELSE 0] END`, the sum of which is a count."""
    if not isinstance(argument, exp.Case) or argument.this or len(argument.args["ifs"]) != 1:
        return None
    one, other = argument.args["ifs"][0].args["true"], argument.args.get("default")
    is_zero = other is None or isinstance(other, exp.Null) or (isinstance(other, exp.Literal) and other.name == "0")
    return argument.args["ifs"][0].this if isinstance(one, exp.Literal) and one.name == "1" and is_zero else None
