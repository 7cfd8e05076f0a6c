"""Rows that stand in the statement itself: VALUES and series. They are nobody's, and known before anything is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.relations import RELEASED, Relation
from access_broker.sql.scopes import has_aggregate, has_window, strip
from access_broker.sql.series import Series, point

_IN_VALUES = (
    exp.Tuple, exp.Literal, exp.Neg, exp.Paren, exp.Null, exp.Boolean, exp.Cast, exp.DataType, exp.DataTypeParam
)  # fmt: skip
_CHOOSES = ("group", "having", "qualify", "limit", "offset", "distinct", "sample", "windows")


def values_relation(item: exp.Values) -> Relation:
    names = [c.name for c in item.args["alias"].columns] if item.args.get("alias") else []
    told = [n for row in item.expressions for n in row.walk() if isinstance(n, exp.Expression)]
    if not names or not all(isinstance(n, _IN_VALUES) and _is_constant(n) for n in told):
        raise Refused("NOT_SUPPORTED", name="VALUES")
    rows = len(item.expressions)
    columns = dict(zip(names, zip(*(row.expressions for row in item.expressions), strict=False), strict=False))
    keys = [frozenset({name}) for name, column in columns.items() if _all_differ(list(column))]
    outputs = {name: replace(RELEASED, type=_text_type(columns.get(name, ()))) for name in names}
    return Relation(outputs, keys=keys, single=rows == 1, literal=True, most=rows)


def _is_constant(node: exp.Expr) -> bool:
    return not isinstance(node, exp.Cast) or isinstance(node.this, exp.Literal)


def _text_type(column: Iterable[exp.Expr]) -> str:
    """Texts are compared as they are; of other literals the engine chooses the type."""
    return "VARCHAR" if all(isinstance(e, exp.Literal) and e.is_string for e in column) else ""


def _all_differ(column: list[exp.Expr]) -> bool:
    """Certainly: whole numbers, dates or texts of one kind, told in one way."""
    points = [point(e) for e in column]
    texts = [e.name for e in column if isinstance(e, exp.Literal) and e.is_string]
    told = texts if texts else [value for value, _ in points if value is not None]
    kinds = {"INT" if kind == "BIGINT" else kind for _, kind in points}
    return len(kinds) == 1 and len(set(map(str, told))) == len(column)


def series_relation(item: exp.Table, series: Series) -> Relation:
    """A series has one column; no two of its rows are alike."""
    name = item.args["alias"].columns[0].name
    value = replace(RELEASED, type=series.type)
    apart = {name: series.kept_apart_as}
    keys = [frozenset({name})]
    return Relation({name: value}, keys=keys, single=series.rows == 1, literal=True, apart=apart, most=series.rows)


def is_literal(node: exp.Select, relations: dict[str, Relation]) -> bool:
    """Is this SELECT without groups constants only, and the same ones however often it is written down?"""
    plain = not any(node.args.get(part) for part in _CHOOSES)
    parts = [*node.expressions, *(p for name in ("where", "order") if (p := node.args.get(name)))]
    parts += [on for join in node.args.get("joins") or [] if (on := join.args.get("on"))]
    queries = any(isinstance(n, exp.Query) for part in parts for n in part.walk())
    chosen = any(has_aggregate(e) or has_window(e) for e in node.expressions)
    return plain and not queries and not chosen and bool(relations) and all(r.literal for r in relations.values())


def kept_column(node: exp.Expr, relation: Relation) -> str:
    """The column of `relation` whose values `node` tells apart: itself, or cast to a type that does; else ""."""
    node = strip(node)
    if isinstance(node, exp.Cast) and isinstance(inner := strip(node.this), exp.Column):
        kind = node.to.this.name if isinstance(node.to.this, exp.DataType.Type) else ""
        return inner.name if kind in relation.apart.get(inner.name, ()) else ""
    return node.name if isinstance(node, exp.Column) else ""


def kept_apart(node: exp.Select, relations: dict[str, Relation]) -> dict[str, frozenset[str]]:
    """`Relation.apart` of the outputs that are columns as they were."""
    bare = [(e.alias_or_name, e.unalias()) for e in node.expressions if isinstance(e.unalias(), exp.Column)]
    found = {name: relations[c.table].apart.get(c.name) for name, c in bare if c.table in relations}
    return {name: kinds for name, kinds in found.items() if kinds}


def fixed_by(keys: Iterable[exp.Expr], relations: dict[str, Relation]) -> frozenset[str]:
    """The aliases of constants whose row is known where `keys` are."""
    columns: dict[str, set[str]] = {}
    for key in keys:
        column = key.find(exp.Column)
        relation = relations.get(column.table) if column is not None else None
        if column is not None and relation is not None and relation.literal:
            columns.setdefault(column.table, set()).add(kept_column(key, relation))
    return frozenset(a for a, names in columns.items() if any(k <= names for k in relations[a].keys))


def is_padded(node: exp.Select, fixed: frozenset[str]) -> bool:
    """`FROM constants LEFT JOIN …` by these constants alone: a row of theirs without a match is an empty group."""
    joined = [(j.this.alias_or_name, (j.side or "").upper()) for j in node.args.get("joins") or []]
    items = [(node.args["from_"].this.alias_or_name, ""), *joined]
    own = [side for alias, side in items if alias in fixed]
    first = [alias for alias, _ in items[: len(own)]]
    others = [side for alias, side in items if alias not in fixed]
    parts = [*node.args["group"].expressions, *([node.args["where"]] if node.args.get("where") else [])]
    parts += [on for j in node.args.get("joins") or [] if not j.side and (on := j.args.get("on"))]
    if not others or set(first) != fixed or set(others) != {"LEFT"} or any(own):
        return False
    nodes = [n for part in parts for n in part.walk()]
    return not any(isinstance(n, exp.Query) for n in nodes) and all(
        n.table in fixed for n in nodes if isinstance(n, exp.Column)
    )
