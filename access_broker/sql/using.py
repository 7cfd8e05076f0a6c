"""What USING compares in a chain of joins: the column that those before it have in common, not the first item's alone.

`a FULL JOIN b USING (month) FULL JOIN c USING (month)`: a month that b alone has is `coalesce(a.month, b.month)` there,
and a.month is NULL. Compared with a.month it would stand in two rows, or with JOIN in none.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.kinds import Tables
from access_broker.sql.ordered import columns_of
from access_broker.sql.scopes import conjuncts, items_of

_MARK = "amanat.using"
_PADS = frozenset({"RIGHT", "FULL"})


def mark_using(tree: exp.Query) -> None:
    """Before names are looked up, which leaves of USING only what it compares."""
    for join in tree.find_all(exp.Join):
        if join.args.get("using") or join.method:
            join.meta[_MARK] = True


def spell_out_using(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified and has no CTE. Raises Refused AMBIGUOUS_NAME where two columns might be meant."""
    for select in tree.find_all(exp.Select):
        joins = select.args.get("joins") or []
        if any(_MARK in join.meta for join in joins[1:]):
            _spell_out(select, joins, tables)


def _spell_out(select: exp.Select, joins: list[exp.Join], tables: Tables) -> None:
    items, later = items_of(select), {join.this.alias_or_name for join in joins}
    before = [name for name in items if name not in later]
    common: dict[str, list[str]] = {}  # column → the items that it was made one of, in their order
    padded = False
    for join in joins:
        own = join.this.alias_or_name
        if _MARK in join.meta and join.args.get("on"):
            names = [part.expression.name for part in conjuncts(join.args["on"]) if isinstance(part, exp.EQ)]
            for name in names:
                if name not in common:
                    common[name] = _which(name, [(alias, items[alias]) for alias in before], tables)
            pairs = [(_value(name, common[name], padded), exp.column(name, table=own, quoted=True)) for name in names]
            join.set("on", exp.and_(*(exp.EQ(this=left, expression=right) for left, right in pairs)))
        else:
            names = []
        if (join.kind or "").upper() in ("SEMI", "ANTI"):
            continue
        for name in names:
            common[name].append(own)
        before.append(own)
        padded |= (join.side or "").upper() in _PADS


def _which(name: str, items: list[tuple[str, exp.Expr]], tables: Tables) -> list[str]:
    found = [alias for alias, item in items if name in columns_of(item, tables)]
    if len(found) != 1:
        raise Refused("AMBIGUOUS_NAME", name=name)
    return found


def _value(name: str, holders: list[str], padded: bool) -> exp.Expr:
    """Where no row was padded on the left the first one has it."""
    columns = [exp.column(name, table=alias, quoted=True) for alias in holders]
    if len(columns) == 1 or not padded:
        return columns[0]
    return exp.Coalesce(this=columns[0], expressions=columns[1:])
