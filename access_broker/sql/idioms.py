"""Ways of writing that mean what another one says, read as that one before anything is looked at.

Each pair means the same to the engine for every value, NULL included; what the gate decides is the second.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlglot import exp

from access_broker.sql.branches import BRANCHES
from access_broker.sql.scopes import given, kinds_in, size_of, strip
from access_broker.sql.truths import spell_out_truth

_BEHIND = frozenset({"order", "limit", "offset"})
_MOST_COPIED = 400  # nodes that a CASE may grow by, what it compares standing before each label
_ALONE = (exp.Query, exp.AggFunc, exp.Window, exp.Tuple, *BRANCHES)


def spell_out_idioms(tree: exp.Query) -> None:
    """`CASE x WHEN 'a' THEN …`: CASE WHEN x = 'a' THEN …. `count(DISTINCT CASE WHEN p THEN x END)`: count(DISTINCT x)
    FILTER (WHERE p). `count(nullif(x, 'a'))`: of a CASE as well. `any_value(x)`: max(x), one of its values, each time
    the same. ELSE NULL: nothing. FETCH FIRST: LIMIT. `FROM (people)`: without parentheses.
    `epoch(t)`: extract(epoch FROM t). `LIKE 'S' || '%'`: one text. `mean(x)`: avg(x). `(SELECT …) ORDER BY 1`: within.
    `date_part('year', d)`: extract(year FROM d). `date_diff('year', d, DATE '2025-06-30')`: 2025 - year(d).
    `year(DATE '2025-06-30') - year(d)`: the same. `strftime` with its format first: last. `GROUP BY (a, b), (c)`: a, b,
    c. A yes or no that is added up: `sql/truths.py`.
    """
    kinds = kinds_in(tree)
    for kind, spell_out in _IDIOMS:
        for node in list(tree.find_all(kind)) if kind in kinds else ():
            spell_out(node)


def _searched(case: exp.Case) -> None:
    """The engine reads it so too. In a comparison a label is no constant that somebody measures with."""
    subject = case.args.get("this")
    if subject is None or subject.find(*_ALONE) or size_of(subject) * len(case.args["ifs"]) > _MOST_COPIED:
        return
    for arm in case.args["ifs"]:
        arm.set("this", exp.EQ(this=subject.copy(), expression=arm.this.copy()))
    case.set("this", None)


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
        part = exp.Extract(this=exp.Var(this="YEAR"), expression=arguments[1].copy())
        call.replace(part)
        _year_written(part)


def _is_text(node: exp.Expr, text: str) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and node.name.lower() == text


def _years_between(call: exp.DateDiff) -> None:
    """The engine takes the one year of the calendar from the other, whatever the days are."""
    until, since = _year_named(call.this), _year_named(call.expression)
    if call.text("unit").upper() == "YEAR" and (until is None) != (since is None):
        years = exp.Sub(this=until or exp.Year(this=call.this), expression=since or exp.Year(this=call.expression))
        call.replace(exp.Paren(this=years))


def _year_written(part: exp.Year | exp.Extract) -> None:
    """In a difference of years: `year(DATE '2025-06-30') - year(d)`."""
    is_year = isinstance(part, exp.Year) or part.name.upper() == "YEAR"
    day = strip(part.this if isinstance(part, exp.Year) else part.expression)
    if is_year and isinstance(day, exp.Cast) and isinstance(part.parent, exp.Sub):
        part.replace(_year_named(day) or part)


def _year_named(node: exp.Expr) -> exp.Expr | None:
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
    (exp.Case, _searched),
    (exp.Case, _else_null),
    (exp.TimeToUnix, _epoch),
    (exp.Like, _pattern),
    (exp.ILike, _pattern),
    (exp.Anonymous, _called_otherwise),
    (exp.TimeToStr, _format_last),
    (exp.DateDiff, _years_between),
    (exp.Year, _year_written),
    (exp.Extract, _year_written),
    (exp.Subquery, _ordered_outside),
    (exp.Subquery, _bare_item),
    (exp.Count, _count_of_some),
    (exp.Sum, spell_out_truth),
    (exp.Avg, spell_out_truth),
    (exp.AnyValue, _any_value),
    (exp.Fetch, _fetch),
    (exp.Group, _bare_keys),
)
"""In this order: what one makes may be for the next."""
