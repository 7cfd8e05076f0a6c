"""CTEs that take the name of a table: each gets a name of its own, so that no table can be mistaken for it.

`WITH visits AS (SELECT … FROM visits) SELECT … FROM visits`: within the CTE the table is meant, after it the CTE.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from access_broker.sql.identifiers import set_aside
from access_broker.sql.scopes import table_alias


def name_apart(tree: exp.Query, tables: set[str]) -> None:
    """`tables`: the folded names that are tables. Names in `tree` are folded too."""
    holders = [node for node in tree.walk() if node.args.get("with_")]
    for holder in sorted(holders, key=lambda node: -node.depth):  # innermost first: what they rename is theirs
        ctes = holder.args["with_"].expressions
        for place, cte in enumerate(ctes):
            if cte.alias in tables:
                for table in _meant(holder, ctes[place + 1 :], cte.alias):
                    _refer(table, set_aside(cte.alias))
                cte.args["alias"].set("this", exp.to_identifier(set_aside(cte.alias), quoted=True))


def _meant(holder: exp.Expr, later: list[exp.CTE], name: str) -> Iterator[exp.Table]:
    """References to the CTE: in those after it, and in what they all stand before."""
    with_ = holder.args["with_"]
    places = [*later, *(child for child in holder.iter_expressions() if child is not with_)]
    for place in places:
        yield from [t for t in place.find_all(exp.Table) if t.name == name and not t.db]


def _refer(table: exp.Table, name: str) -> None:
    if not table.alias:
        table.set("alias", table_alias(table.name))
    table.set("this", exp.to_identifier(name, quoted=True))
