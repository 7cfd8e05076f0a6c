"""Whether a query can yield two rows where one value is meant.

That would be an error of the engine, which no TRY holds: it would tell that there is a row around it to look one up
for, be it of a group of one person that nothing is shown of.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.lineage import NUMBERS
from access_broker.sql.relations import Relation
from access_broker.sql.scopes import Frame, conjuncts, strip


def is_of_one_row(node: exp.Select, result: Relation, frame: Frame) -> bool:
    """It is an aggregate without groups, is cut off after the first row, or looks up a key by a value of its type."""
    return result.single or is_cut_to_one(node) or _is_looked_up(node, frame)


def is_cut_to_one(query: exp.Expr) -> bool:
    """`LIMIT 1`"""
    limit = query.args.get("limit")
    count = limit.expression if isinstance(limit, exp.Limit) else None
    return isinstance(count, exp.Literal) and count.is_int and int(count.name) <= 1


def _is_looked_up(node: exp.Select, frame: Frame) -> bool:
    """Of each item with several rows a whole key equals something that is the same for all its rows."""
    relations = frame.info.relations
    where = node.args.get("where")
    found: dict[str, set[str]] = {alias: set() for alias in relations}
    for part in conjuncts(where.this) if where is not None else ():
        if not isinstance(part, exp.EQ):
            continue
        for own, other in ((strip(part.this), strip(part.expression)), (strip(part.expression), strip(part.this))):
            if isinstance(own, exp.Column) and own.table in relations and _is_given(other, own, frame):
                found[own.table].add(own.name)
    joined = any(join.side for join in node.args.get("joins") or [])
    keyed = (r.single or any(key <= found[alias] for key in r.keys) for alias, r in relations.items())
    return bool(relations) and not joined and all(keyed)


def _is_given(value: exp.Expr, own: exp.Column, frame: Frame) -> bool:
    """Is it one value of the column's type? Of another the engine would convert, and '1' and '01' are one number."""
    output = frame.info.relations[own.table].outputs.get(own.name)
    kind = output.type if output is not None else ""
    if isinstance(value, exp.Column):
        return kind != "" and kind == _type_further_out(value, frame)
    if isinstance(value, exp.Cast):
        return isinstance(value.this, exp.Literal) and kind == value.to.sql(dialect="duckdb") == "DATE"
    if not isinstance(value, exp.Literal):
        return False
    return kind == "VARCHAR" if value.is_string else value.is_int and kind in NUMBERS - {"FLOAT", "DOUBLE"}


def _type_further_out(column: exp.Column, frame: Frame) -> str:
    level = None if column.table in frame.info.relations else frame.outer
    while level is not None:
        relation = level.info.relations.get(column.table)
        if relation is not None:
            output = relation.outputs.get(column.name)
            return output.type if output is not None else ""
        level = level.outer
    return ""
