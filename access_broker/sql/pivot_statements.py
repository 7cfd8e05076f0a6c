"""`PIVOT people ON gender IN ('F', 'M') USING count(*) GROUP BY disease` and `UNPIVOT (…) ON a, b` as queries.

They become the forms that stand in FROM, or a SELECT where the groups are told: before anything else is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql.pivot import cells, names_of

_ENDS = (TokenType.ORDER_BY, TokenType.LIMIT, TokenType.OFFSET)
_OPENS, _CLOSES = (TokenType.L_PAREN, TokenType.L_BRACKET), (TokenType.R_PAREN, TokenType.R_BRACKET)


def in_brackets(text: str, tokens: Sequence[Token]) -> str:
    """What orders or cuts the rows of such a statement, put round it: the parser knows it of queries alone."""
    depth, start = 0, None
    for token in tokens:
        depth += (token.token_type in _OPENS) - (token.token_type in _CLOSES)
        if depth:
            continue
        if token.token_type in (TokenType.SELECT, TokenType.FROM):
            return text
        if start is None and token.text.upper() in ("PIVOT", "UNPIVOT"):
            start = token.start
        elif start is not None and token.token_type in _ENDS:
            return f"{text[:start]}SELECT * FROM ({text[start : token.start]}) {text[token.start :]}"
    return text


def spell_out_pivot_statements(tree: exp.Expr) -> exp.Expr:
    """Also those that stand in parentheses, and PIVOT of a query by its name.

    Raises Refused NOT_SUPPORTED where the columns of the answer are not known without data.
    """
    for subquery in [s for s in tree.find_all(exp.Subquery) if _is_statement(s.this)]:
        subquery.set("this", _as_query(subquery.this))
    tree = _as_query(tree) if isinstance(tree, exp.Pivot) and _is_statement(tree) else tree
    queries = {fold(cte.alias): cte.this for cte in tree.find_all(exp.CTE)}
    for item in [t for t in tree.find_all(exp.Table) if t.args.get("pivots")]:
        _as_subquery(item, queries.get(fold(item.name)) if not item.db else None)
    return tree


def _is_statement(node: object) -> bool:
    return isinstance(node, exp.Pivot) and isinstance(node.this, exp.Expr)


def _as_query(pivot: exp.Pivot) -> exp.Select:
    source = pivot.this.copy()
    if not isinstance(source, exp.Subquery | exp.Table):
        source = exp.Subquery(this=source)
    if pivot.args.get("unpivot"):
        source.set("pivots", [_unpivot(pivot)])
        query = exp.select("*").from_(source)
    else:
        query = _select(pivot, source)
    query.set("with_", pivot.args.get("with_"))
    return query


def _select(pivot: exp.Pivot, source: exp.Expr) -> exp.Select:
    group, keys, aggregates = pivot.args.get("group"), pivot.expressions, pivot.args.get("using")
    if len(keys) != 1 or not isinstance(keys[0], exp.In) or not isinstance(aggregates, list):
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    if group is None:
        source.set("pivots", [exp.Pivot(expressions=aggregates, fields=keys)])
        return exp.select("*").from_(source)
    query = exp.select(*(key.copy() for key in group.expressions), *cells(aggregates, keys[0])).from_(source)
    query.set("group", group.copy())
    return query


def _unpivot(pivot: exp.Pivot) -> exp.Pivot:
    """The engine's names are `name` and `value` where none are told."""
    into = pivot.args.get("into")
    name, values = (into.this, into.expressions) if into is not None else (None, [])
    if not pivot.expressions or len(values) > 1 or pivot.args.get("group"):
        raise Refused("NOT_SUPPORTED", name="UNPIVOT")
    key = exp.to_identifier(name.name if name is not None else "name", quoted=True)
    value = exp.to_identifier(values[0].name if values else "value", quoted=True)
    items = exp.In(this=key, expressions=[item.copy() for item in pivot.expressions])
    return exp.Pivot(expressions=[value], fields=[items], unpivot=True)


def _as_subquery(item: exp.Table, query: exp.Expr | None) -> None:
    """A query by its name becomes one whose columns are named. Of a table they would be all, its key among them."""
    pivots = item.args["pivots"]
    grouped = len(pivots) == 1 and pivots[0].args.get("group") and not pivots[0].args.get("unpivot")
    columns = [exp.Star()] if grouped else [exp.column(name, quoted=True) for name in names_of(query)]
    read = exp.select(*columns).from_(exp.Table(this=item.this.copy(), db=item.args.get("db")))
    item.replace(exp.Subquery(this=read, alias=item.args.get("alias"), pivots=pivots))
