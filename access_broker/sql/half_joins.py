"""Joins that only ask whether there is a match, as the EXISTS they are.

`a SEMI JOIN b ON p`: WHERE EXISTS. `a ANTI JOIN b ON p`, and `a LEFT JOIN b ON a.x = b.x WHERE b.x IS NULL` where
nothing else of b is read: WHERE NOT EXISTS. Beside the rows of a there would be no person of b to count. And a LEFT
JOIN whose WHERE asks for a match is a JOIN.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.sql.scopes import conjuncts, from_items, given, strip, table_alias

_ITEM = "__half"
_KEEPS_ALL = frozenset({"RIGHT", "FULL"})
_NULL_IF_NULL = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like)


def spell_out_half_joins(tree: exp.Query) -> None:
    """SEMI and ANTI JOIN, before names are looked up. What cannot be said with EXISTS stays as it is.

    Raises Refused NOT_SUPPORTED for USING after a comma, which would be taken for one with the first item of all.
    """
    for join in list(tree.find_all(exp.Join)):
        select = join.parent
        if join.args.get("using") and isinstance(select, exp.Select) and _follows_a_comma(join, select):
            raise Refused("NOT_SUPPORTED", name="USING")
        if (join.kind or "").upper() in ("SEMI", "ANTI") and not join.side and isinstance(select, exp.Select):
            _using_to_on(join, select)
            if _says_whose(join.args.get("on")) and not join.method and not _kept_later(join, select):
                _asked_for(join, select, there=(join.kind or "").upper() == "SEMI")


def spell_out_missing(tree: exp.Query) -> None:
    """LEFT JOIN … IS NULL. `tree` is qualified."""
    for select in list(tree.find_all(exp.Select)):
        for join in list(select.args.get("joins") or []):
            tests = _tests_for_nothing(join, select)
            if tests and not _kept_later(join, select) and not _is_read(join, select, tests):
                for test in tests:
                    test.replace(exp.true())
                _asked_for(join, select, there=False)


def spell_out_inner(tree: exp.Query, tables: Mapping[tuple[str, str], GrantedTable]) -> None:
    """`open LEFT JOIN people ON … WHERE people.x = 1` as the JOIN it is: WHERE leaves nobody's rows out. `tree` is

    qualified. Where the first item is people itself, what is joined to them may be kept apart from them, and stays.
    """
    for select in list(tree.find_all(exp.Select)):
        where, joins = select.args.get("where"), select.args.get("joins") or []
        first = next(iter(from_items(select)), None)
        table = tables.get((first.db, first.name)) if isinstance(first, exp.Table) else None
        if where is None or table is None or table.entity is not None or any(_keeps_others(j) for j in joins):
            continue
        there = {name for part in conjuncts(where.this) if (name := _never_of_nothing(part))}
        for join in joins:
            if (join.side or "").upper() == "LEFT" and join.args.get("on") and join.this.alias_or_name in there:
                join.set("side", None)
                join.set("kind", None)  # LEFT OUTER


def _keeps_others(join: exp.Join) -> bool:
    return bool(join.method) or (join.side or "").upper() in _KEEPS_ALL


def _never_of_nothing(part: exp.Expr) -> str:
    """The item that must have a value for `part` to be true; "" where nobody can say."""
    denied = strip(part.this) if isinstance(part, exp.Not) else None
    if isinstance(denied, exp.Is) and isinstance(denied.expression, exp.Null):
        part = denied
    elif not isinstance(part, _NULL_IF_NULL) or part.args.get("query"):
        return ""
    asked = strip(part.this)
    return asked.table if isinstance(asked, exp.Column) else ""


def _follows_a_comma(join: exp.Join, select: exp.Select) -> bool:
    joins = select.args["joins"]
    before = joins[: joins.index(join)]
    return any(given(other) == {"this"} for other in before)


def _asked_for(join: exp.Join, select: exp.Select, *, there: bool) -> None:
    asked = exp.select(exp.Literal.number(1)).from_(join.this.copy()).where(join.args["on"].copy())
    exists: exp.Expr = exp.Exists(this=asked)
    select.args["joins"].remove(join)
    select.where(exists if there else exp.Not(this=exists), copy=False)


def _using_to_on(join: exp.Join, select: exp.Select) -> None:
    """Only where one item stands before it, so that there is no question whose column is meant."""
    using, from_ = join.args.get("using"), select.args.get("from_")
    if not using or from_ is None or select.args["joins"][0] is not join:
        return
    if isinstance(join.this, exp.Subquery) and not join.this.alias:
        join.this.set("alias", table_alias(_ITEM))
    left, right = from_.this.alias_or_name, join.this.alias_or_name
    if left and right:
        sides = [(exp.column(name.copy(), table=left), exp.column(name.copy(), table=right)) for name in using]
        join.set("on", exp.and_(*(exp.EQ(this=one, expression=other) for one, other in sides)))
        join.set("using", None)


def _says_whose(on: exp.Expr | None) -> bool:
    """Within EXISTS a bare name would be taken for the joined item's, though it may be another's too."""
    return on is not None and all(column.table for column in on.find_all(exp.Column))


def _kept_later(join: exp.Join, select: exp.Select) -> bool:
    """Does a later join keep rows that this one would drop? Then it is no condition on all of them."""
    joins = select.args["joins"]
    return any((later.side or "").upper() in _KEEPS_ALL for later in joins[joins.index(join) + 1 :])


def _tests_for_nothing(join: exp.Join, select: exp.Select) -> list[exp.Expr]:
    """The parts of WHERE that say IS NULL of what a match cannot have NULL in; [] where there is no such."""
    own, where = join.this.alias_or_name, select.args.get("where")
    if (join.side or "").upper() != "LEFT" or not join.args.get("on") or where is None or join.method:
        return []
    never = {
        side.name
        for part in conjuncts(join.args["on"])
        if isinstance(part, exp.EQ)
        for side in (strip(part.left), strip(part.right))
        if isinstance(side, exp.Column) and side.table == own
    }
    tests = [part for part in conjuncts(where.this) if _is_null_test_of(part, own)]
    return tests if any(part.this.name in never for part in tests) else []


def _is_null_test_of(part: exp.Expr, own: str) -> bool:
    column = part.this if isinstance(part, exp.Is) and isinstance(part.expression, exp.Null) else None
    return isinstance(column, exp.Column) and column.table == own


def _is_read(join: exp.Join, select: exp.Select, tests: list[exp.Expr]) -> bool:
    """Is anything of the joined item asked for beyond ON and `tests`?"""
    aside = {id(column) for part in (join, *tests) for column in part.find_all(exp.Column)}
    own = join.this.alias_or_name
    return any(column.table == own and id(column) not in aside for column in select.find_all(exp.Column))
