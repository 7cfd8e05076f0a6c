"""A SELECT over people with noisy values in its place, so that the rest of the statement goes on with those alone.

The values of a column are one text, a list that the engine takes apart: what a statement costs hardly grows with its
groups. Texts in it are quoted, so that whatever a key may hold comes out as it was, and NULL is the only word that is
not. All columns are taken apart in one SELECT, where the first of one stands beside the first of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql import told
from access_broker.sql.brackets import printed
from access_broker.sql.parse import DIALECT
from access_broker.sql.scopes import table_alias
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

MAX_BYTES = 7 << 19
"""Of the noisy values of one statement: some 60,000 groups of five columns. The engine's process takes a statement of

4 MiB and no longer one.
"""

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"'})


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
) -> list[str]:
    """Changes `tree`: its SELECT `number` reads `rows`, keys first and cells after, instead of people.

    `types`: of the columns. A HAVING becomes a WHERE over the noisy values; the tests for k people go. Returns the
    texts that hold the values.
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
    texts = _lists(len(types), rows)
    select.set("from_", exp.From(this=_relation(types, texts)))
    kept = [] if rows else [exp.false()]
    if having is not None:
        kept.append(having.this)
    if kept:
        select.set("where", exp.Where(this=exp.and_(*kept)))
    del select.meta[MARK_SELECT]
    return texts


def with_values(statement: Statement, texts: Sequence[str]) -> Statement:
    """The same statement, whose plans may also show the lists of values in `texts`.

    Raises Refused RESOURCE_LIMIT for more than is carried to the engine: that there are so many follows from what may
    be shown, noise included.
    """
    if sum(len(text.encode()) + text.count("'") for text in texts) > MAX_BYTES:  # an apostrophe is printed twice
        raise Refused("RESOURCE_LIMIT")
    return replace(statement, told=frozenset(map(told.name_of, texts)))


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
        told=statement.told,
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


def _lists(columns: int, rows: Sequence[Sequence[Cell]]) -> list[str]:
    """One text for each column. Where there is no row, it has one of nothing, which no WHERE lets through."""
    cells = zip(*rows, strict=True) if rows else [(None,)] * columns
    return [f"[{','.join(map(_quoted, column))}]" for column in cells]


def _quoted(value: Cell) -> str:
    return "NULL" if value is None else f'"{value.translate(_ESCAPED)}"'


def _relation(types: Sequence[str], texts: Sequence[str]) -> exp.Subquery:
    shown = []
    for place, (kind, text) in enumerate(zip(types, texts, strict=True)):
        read = exp.Cast(this=exp.Literal.string(text), to=exp.DataType.build(f"{kind}[]", dialect=DIALECT))
        shown.append(exp.alias_(exp.Explode(this=read), f"c{place}", quoted=True))
    return exp.Subquery(this=exp.Select(expressions=shown), alias=table_alias(TOLD))
