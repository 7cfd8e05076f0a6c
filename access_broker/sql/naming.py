"""The groups of an audit query by names: texts that are equal for just the keys that are one key to the engine.

Two keys can be equal and have different texts, 30 days and one month, or what is no number with either sign. By their
texts one person could be told apart from a group that the answer counts them in.
"""

from __future__ import annotations

from sqlglot import exp

_PAIRS, _NAMES = "__pairs", "__names"


def by_name(pairs: exp.Select, keys: int) -> exp.Select:
    """`pairs`, whose first `keys` columns c0, c1, … are the group's, with a name of the group in place of each.

    The name is the text of one of the keys that are equal, the same for the whole group.
    """
    places = range(keys)
    names = exp.select(*(_as(_column(place), f"k{place}") for place in places))
    for place in places:
        text = exp.Cast(this=_column(place), to=exp.DataType.build("VARCHAR"))
        names = names.select(_as(exp.Min(this=text), f"n{place}"), copy=False)
    names = names.from_(exp.table_(_PAIRS, quoted=True)).group_by(*map(_column, places), copy=False)
    same = [exp.NullSafeEQ(this=_column(place, _PAIRS), expression=_named(f"k{place}", _NAMES)) for place in places]
    rest = range(keys, len(pairs.expressions))
    shown = [_as(_named(f"n{place}", _NAMES), f"c{place}") for place in places]
    asked = exp.select(*shown, *(_as(_column(place, _PAIRS), f"c{place}") for place in rest))
    asked = asked.from_(exp.table_(_PAIRS, quoted=True), copy=False)
    asked = asked.join(names.subquery(_NAMES), on=exp.and_(*same), copy=False)
    return asked.with_(exp.to_identifier(_PAIRS, quoted=True), as_=pairs, materialized=True, copy=False)


def _column(place: int, table: str | None = None) -> exp.Column:
    return _named(f"c{place}", table)


def _named(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def _as(expression: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(expression, name, quoted=True)
