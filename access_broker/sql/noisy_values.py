"""A SELECT over people with noisy values in its place, so that the rest of the statement goes on with those alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.brackets import printed
from access_broker.sql.parse import DIALECT
from access_broker.sql.statement import HELD, MARK_CELL, MARK_HELD, MARK_READ, MARK_SELECT, Statement

TOLD = "__told"
_PARTS = ("expressions", "having", "qualify", "order", "windows", "distinct")
_KINDS = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "uint8": "UTINYINT",
    "uint16": "USMALLINT",
    "uint32": "UINTEGER",
    "uint64": "UBIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "date32[day]": "DATE",
    "time64[us]": "TIME",
    "timestamp[us]": "TIMESTAMP",
}
"""Arrow type → SQL type, for keys and cells of a SELECT."""

Cell = str | None


def sql_type(arrow_type: object) -> str:
    """Raises Refused NOT_SUPPORTED for a type that groups or figures do not have here."""
    name = str(arrow_type)
    if name.startswith("decimal128("):
        return name.replace("decimal128", "DECIMAL")
    if name not in _KINDS:
        raise Refused("NOT_SUPPORTED", name="GROUP BY")
    return _KINDS[name]


def put_values(
    tree: exp.Query, number: int, types: Sequence[str], rows: Sequence[Sequence[Cell]], keys: Sequence[exp.Expr]
) -> None:
    """Changes `tree`: its SELECT `number` reads `rows`, keys first and cells after, instead of people.

    `types`: of the columns. A HAVING becomes a WHERE over the noisy values; the tests for k people go.
    """
    select = next(n for n in tree.find_all(exp.Select) if n.meta.get(MARK_SELECT) == number)
    for test in [n for n in select.find_all(exp.Paren) if n.meta.get(MARK_HELD) == number]:
        test.replace(exp.true())
    shown = [e for e in select.expressions if e.alias != HELD]
    select.set("expressions", shown)
    for cell in [n for n in select.find_all(exp.Paren) if n.meta.get(MARK_CELL, (None,))[0] == number]:
        cell.replace(_column(len(keys) + cell.meta[MARK_CELL][1]))
    _replace_keys(select, {key.sql(dialect=DIALECT): place for place, key in enumerate(keys)})
    having = select.args.get("having")
    for part in ("joins", "where", "group", "having"):
        select.set(part, None)
    select.set("from_", exp.From(this=_values(types, rows)))
    kept = [] if rows else [exp.false()]
    if having is not None:
        kept.append(having.this)
    if kept:
        select.set("where", exp.Where(this=exp.and_(*kept)))
    del select.meta[MARK_SELECT]


def without_people(statement: Statement, tree: exp.Query, hidden: Mapping[str, str]) -> Statement:
    """The statement that `tree` is. `hidden`: published table → its column of people.

    Raises Refused NOT_VERIFIED while rows of people are still read: that would be our own fault.
    """
    places = sorted({n.meta[MARK_READ] for n in tree.find_all(exp.Subquery) if MARK_READ in n.meta})
    reads = [statement.reads[place] for place in places]
    if any(hidden.get(table) in columns for table, columns in reads):
        raise Refused("NOT_VERIFIED", "S3-P5")
    return Statement(
        sql=printed(tree),
        output_names=statement.output_names,
        reads=reads,
        aggregates=statement.aggregates,
        derived=True,
        guarded=True,
        functions=statement.functions,
        schema=statement.schema,
        series=statement.series,
    )


def _column(place: int) -> exp.Column:
    return exp.column(f"c{place}", table=TOLD, quoted=True)


def _replace_keys(select: exp.Select, keys: Mapping[str, int]) -> None:
    """Group keys wherever they are spoken of, the longest first: one may hold another."""
    for part in _PARTS:
        for node in _parts(select, part):
            for found in [n for n in node.walk() if not isinstance(n, exp.Alias)]:
                place = keys.get(found.sql(dialect=DIALECT)) if isinstance(found, exp.Condition) else None
                if place is not None and (found is node or _is_within(found, node)):
                    found.replace(_column(place))


def _is_within(node: exp.Expr, outer: exp.Expr) -> bool:
    """It was not taken away with something around it."""
    while node.parent is not None:
        node = node.parent
        if node is outer:
            return True
    return False


def _parts(select: exp.Select, name: str) -> list[exp.Expr]:
    part = select.args.get(name)
    return list(part) if isinstance(part, list) else [part] if part is not None else []


def _values(types: Sequence[str], rows: Sequence[Sequence[Cell]]) -> exp.Values:
    names = [exp.to_identifier(f"c{n}", quoted=True) for n in range(len(types))]
    nothing: list[Cell] = [None] * len(types)
    tuples = [exp.Tuple(expressions=list(map(_literal, row, types))) for row in rows or [nothing]]
    alias = exp.TableAlias(this=exp.to_identifier(TOLD, quoted=True), columns=names)
    return exp.Values(expressions=tuples, alias=alias)


def _literal(value: Cell, kind: str) -> exp.Expr:
    told = exp.null() if value is None else exp.Literal.string(value)
    return exp.Cast(this=told, to=exp.DataType.build(kind, dialect=DIALECT))
