"""What the rows of a narrowed SELECT carry of their people, and what a figure reads of whom."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from access_broker.sql.arguments import measured_in
from access_broker.sql.conditions import call_and_filter, is_there
from access_broker.sql.relations import Cell, Hidden, SelectInfo

_LOOKUP = "__in"


def read_in(node: exp.Expr) -> Iterable[exp.Column]:
    """The columns whose values a figure is made of, not those that only choose whose: in a FILTER or a branch they tell

    what they would in WHERE or as a key. Whether there is a value is known of those who have none, too.
    """
    call, _ = call_and_filter(node)
    for column in measured_in(call) if not isinstance(call, exp.CountIf) else ():
        test = column.parent
        if not (isinstance(test, exp.Is) and isinstance(test.expression, exp.Null)):
            yield column


def sources_of(column: exp.Column, info: SelectInfo) -> frozenset[str]:
    """On whose rows a column of an item depends."""
    relation = info.relations.get(column.table)
    value = relation.outputs.get(column.name) if relation else None
    if relation is None or value is None:  # nothing is known of it
        return frozenset(h.source for r in info.relations.values() for h in r.hidden)
    return value.rows | {base.source for base in value.columns}


def attributes_of(info: SelectInfo) -> frozenset[str]:
    """Without those that tell of a second person, as a household of its head: nobody is counted beside that one."""
    people = {alias: {its.person for its in info.relations[alias].hidden} for alias in info.attributes}
    return frozenset(alias for alias, persons in people.items() if len(persons) == 1)


def rows_of_pair(cell: Cell) -> exp.Expr:
    """Those that an aggregate of two arguments takes: both are there."""
    call, _ = call_and_filter(cell.node)
    there = [is_there(argument) for argument in call.iter_expressions()]
    return exp.and_(*([cell.filter.copy()] if cell.filter is not None else []), *there)


def times_of(info: SelectInfo, alias: str, its: Hidden) -> tuple[str, ...] | None:
    """Of how many rows of what FROM yields one person may be, see `Hidden.times`."""
    if alias in info.single_rows or its.times is None:
        return its.times
    members = [info.relations[a].hidden for a in sorted(info.tied)]
    if alias not in info.tied or any(len(hidden) != 1 for hidden in members):
        return None
    known = [hidden[0].times for hidden in members]
    return None if None in known else tuple(table for times in known for table in times or ())


def person_of(info: SelectInfo, alias: str, its: Hidden) -> str:
    """Equal for two entities of a row that are the same person in every row, or NULL."""
    if alias not in info.tied or len({h.person for h in info.relations[alias].hidden}) != 1:
        return f"{alias}.{its.person}"
    return "tied"


def two_valued(lookup: exp.In) -> None:
    """NULL among what is looked through would answer for everybody, and so would an empty list for who is NULL:

    whether there is one is about people nobody asked for. `CASE WHEN x IS NOT NULL THEN x IN (… without NULL) END`
    """
    query = lookup.args["query"]
    inner = query.this if isinstance(query, exp.Subquery) else query
    name = inner.named_selects[0]
    column = exp.column(name, table=_LOOKUP, quoted=True)
    listed = exp.select(column).from_(exp.alias_(exp.Subquery(this=inner.copy()), _LOOKUP, table=True, quoted=True))
    found = exp.In(this=lookup.this.copy(), query=exp.Subquery(this=listed.where(is_there(column))))
    lookup.replace(exp.Paren(this=exp.Case(ifs=[exp.If(this=is_there(lookup.this), true=found)])))
