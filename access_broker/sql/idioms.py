"""Ways of writing that mean what another one says, read as that one before anything is looked at.

Each pair means the same to the engine for every value, NULL included; what the gate decides is the second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlglot import exp

from access_broker.sql.scopes import given, kinds_in, strip

_WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT"})
_NUMBERS = _WHOLE | {"FLOAT", "DOUBLE"}
_CONTRARY: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.GTE,
    exp.GTE: exp.LT,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
}
_BEHIND = frozenset({"order", "limit", "offset"})
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like)


def spell_out_idioms(tree: exp.Query) -> None:
    """`count(DISTINCT CASE WHEN p THEN x END)`: count(DISTINCT x) FILTER (WHERE p). `sum(p::INTEGER)`, and `avg`, where
    p compares a column: of a CASE of 1 and 0. `count(nullif(x, 'a'))`: of a CASE as well. `any_value(x)`: max(x), one
    of its values, each time the same. ELSE NULL: nothing. FETCH FIRST: LIMIT. `FROM (people)`: without parentheses.
    `epoch(t)`: extract(epoch FROM t). `LIKE 'S' || '%'`: one text. `mean(x)`: avg(x). `(SELECT …) ORDER BY 1`: within.
    `date_part('year', d)`: extract(year FROM d). `date_diff('year', d, DATE '2025-06-30')`: 2025 - year(d). `strftime`
    with its format first: last. `GROUP BY (a, b), (c)`: a, b, c.
    """
    kinds = kinds_in(tree)
    for kind, spell_out in _IDIOMS:
        for node in list(tree.find_all(kind)) if kind in kinds else ():
            spell_out(node)


def _else_null(case: exp.Case) -> None:
    if isinstance(case.args.get("default"), exp.Null):
        case.set("default", None)


def _epoch(moment: exp.TimeToUnix) -> None:
    moment.replace(exp.Extract(this=exp.Var(this="EPOCH"), expression=moment.this))


def _pattern(like: exp.Binary) -> None:
    pattern = _constant_text(like.expression)
    if pattern is not None:
        like.set("expression", exp.Literal.string(pattern))


def _constant_text(node: exp.Expr) -> str | None:
    """The text that a pattern put together of literals is; None for any other."""
    node = strip(node)
    if isinstance(node, exp.DPipe):
        parts = [_constant_text(node.left), _constant_text(node.right)]
        return None if None in parts else "".join(part for part in parts if part is not None)
    if isinstance(node, exp.Lower | exp.Upper):
        text = _constant_text(node.this)
        if text is None or not text.isascii():
            return None
        return text.lower() if isinstance(node, exp.Lower) else text.upper()
    return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


def _called_otherwise(call: exp.Anonymous) -> None:
    name, arguments = call.name.lower(), call.expressions
    if name == "mean" and len(arguments) == 1:
        call.replace(exp.Avg(this=arguments[0].copy()))
    elif name in ("date_part", "datepart") and len(arguments) == 2 and _is_text(arguments[0], "year"):
        call.replace(exp.Extract(this=exp.Var(this="YEAR"), expression=arguments[1].copy()))


def _is_text(node: exp.Expr, text: str) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and node.name.lower() == text


def _years_between(call: exp.DateDiff) -> None:
    """The engine takes the one year of the calendar from the other, whatever the days are."""
    until, since = _year_named(call.this), _year_named(call.expression)
    if call.text("unit").upper() == "YEAR" and (until is None) != (since is None):
        years = exp.Sub(this=until or exp.Year(this=call.this), expression=since or exp.Year(this=call.expression))
        call.replace(exp.Paren(this=years))


def _year_named(node: exp.Expr) -> exp.Literal | None:
    """The year of a day that is written out."""
    day = strip(node)
    if isinstance(day, exp.Cast) and day.to.this == exp.DataType.Type.DATE:
        day = day.this
    try:
        named = date.fromisoformat(day.name) if isinstance(day, exp.Literal) and day.is_string else None
    except ValueError:
        return None
    return exp.Literal(this=str(named.year), is_string=False) if named is not None else None


def _format_last(call: exp.TimeToStr) -> None:
    first, last = call.this, call.args.get("format")
    if isinstance(first, exp.Literal) and first.is_string and not isinstance(last, exp.Literal):
        call.set("this", last)
        call.set("format", first)


def _ordered_outside(whole: exp.Subquery) -> None:
    """What stands behind the parentheses belongs to the query in them, unless that is cut off already."""
    behind = given(whole) & _BEHIND
    query = whole.this
    while isinstance(query, exp.Subquery) and given(query) == {"this"}:
        query = query.this
    if behind and isinstance(query, exp.Select | exp.SetOperation) and not given(query) & {"limit", "offset"}:
        for name in behind:
            query.set(name, whole.args[name].pop())


def _bare_item(item: exp.Subquery) -> None:
    table = item.this
    if not isinstance(table, exp.Table) or given(item) != {"this"}:
        return
    joins = table.args.get("joins") or []
    select = item.parent.parent if isinstance(item.parent, exp.From) else None
    if not joins:
        item.replace(table)
    elif select is not None:  # they come first in any case
        table.set("joins", None)
        item.replace(table)
        select.set("joins", [*joins, *(select.args.get("joins") or [])])


def _count_of_some(call: exp.Count) -> None:
    distinct = call.this
    if isinstance(distinct, exp.Nullif) and isinstance(distinct.expression, exp.Literal):
        other = exp.NEQ(this=distinct.this.copy(), expression=distinct.expression.copy())
        distinct.replace(exp.Case(ifs=[exp.If(this=other, true=exp.Literal.number(1))]))
        return
    if not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1 or isinstance(call.parent, exp.Filter):
        return
    case = distinct.expressions[0].unnest()
    if not isinstance(case, exp.Case) or given(case) != {"ifs"} or len(case.args["ifs"]) != 1:
        return
    (branch,) = case.args["ifs"]
    counted = exp.Count(this=exp.Distinct(expressions=[branch.args["true"].copy()]), big_int=True)
    call.replace(exp.Filter(this=counted, expression=exp.Where(this=branch.this.copy())))


def _truth_as_number(cast: exp.Cast) -> None:
    kind, says = cast.to.this, cast.this.unnest()
    types = _WHOLE if isinstance(cast.parent, exp.Sum) else _NUMBERS if isinstance(cast.parent, exp.Avg) else ()
    fits = isinstance(kind, exp.DataType.Type) and kind.name in types
    if type(cast) is exp.Cast and fits and _compares_a_column(says):
        yes = exp.If(this=says.copy(), true=exp.Literal.number(1))
        no = exp.If(this=exp.Not(this=exp.Paren(this=says.copy())), true=exp.Literal.number(0))
        cast.replace(exp.Case(ifs=[yes, no]))


def is_truth_as_number(case: exp.Expr) -> bool:
    """One number where a column compares so, one where it does not, NULL where the column is: nobody else is left over.

    Of any other condition, who is left over can be chosen: one person, by `nullif(city, 'that')`.
    """
    if not isinstance(case, exp.Case) or given(case) != {"ifs"} or len(case.args["ifs"]) != 2:
        return False
    yes, no = case.args["ifs"]
    shown = [strip(yes.args["true"]), strip(no.args["true"])]
    are_numbers = all(isinstance(e, exp.Literal) and not e.is_string for e in shown)
    return are_numbers and _are_contrary(yes.this, no.this) and _compares_a_column(without_not(yes.this))


def _are_contrary(one: exp.Expr, other: exp.Expr) -> bool:
    one, other = strip(one), strip(other)
    if isinstance(one, exp.Not) != isinstance(other, exp.Not):
        return without_not(one) == without_not(other)
    turned = _CONTRARY.get(type(one))
    return turned is type(other) and (one.this, one.expression) == (other.this, other.expression)


def without_not(node: exp.Expr) -> exp.Expr:
    """What a condition says, be it denied or not."""
    node = strip(node)
    return strip(node.this) if isinstance(node, exp.Not) else node


def _compares_a_column(node: exp.Expr) -> bool:
    """NULL only where the column is: it is on the left, and beside it are only literals."""
    if not isinstance(node, _COMPARISONS) or not isinstance(node.this, exp.Column) or node.args.get("query"):
        return False
    beside = list(node.iter_expressions())[1:]
    return bool(beside) and all(isinstance(part, exp.Literal) for part in beside)


def _any_value(call: exp.AnyValue) -> None:
    if given(call) != {"this"} or isinstance(call.this, exp.Order | exp.Distinct | exp.HavingMax):
        return
    whole = call.parent if isinstance(call.parent, exp.IgnoreNulls) else call  # it ignores them in any case
    whole.replace(exp.Max(this=call.this.copy()))


def _fetch(node: exp.Fetch) -> None:
    options = node.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        return
    count = node.args.get("count") or exp.Literal.number(1)
    node.replace(exp.Limit(expression=count.copy()))


def _bare_keys(group: exp.Group) -> None:
    keys = [part for key in group.expressions for part in _within_brackets(key)]
    if keys:
        group.set("expressions", keys)
    elif group.expressions and group.parent_select is not None and group.parent_select.find(exp.AggFunc):
        group.pop()  # `GROUP BY ()`: one row for all, as an aggregate has it


def _within_brackets(key: exp.Expr) -> list[exp.Expr]:
    key = strip(key)
    return [part for e in key.expressions for part in _within_brackets(e)] if isinstance(key, exp.Tuple) else [key]


_IDIOMS: tuple[tuple[type[exp.Expr], Callable[[Any], None]], ...] = (
    (exp.Case, _else_null),
    (exp.TimeToUnix, _epoch),
    (exp.Like, _pattern),
    (exp.ILike, _pattern),
    (exp.Anonymous, _called_otherwise),
    (exp.TimeToStr, _format_last),
    (exp.DateDiff, _years_between),
    (exp.Subquery, _ordered_outside),
    (exp.Subquery, _bare_item),
    (exp.Count, _count_of_some),
    (exp.Cast, _truth_as_number),
    (exp.AnyValue, _any_value),
    (exp.Fetch, _fetch),
    (exp.Group, _bare_keys),
)
"""In this order: what one makes may be for the next."""
