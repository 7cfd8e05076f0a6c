"""Names to columns: tables looked up in the contract's own catalogue, stars expanded, every column qualified.

Only what the contract was granted exists here. A name that is not found is `Unknown`, whatever else it may be the
name of: a typo, a denied column and a table of another dataset give the same answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from access_broker.domain.catalogue import Catalogue, GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Unknown, Use
from access_broker.domain.text import fold
from access_broker.sql.brackets import put_brackets
from access_broker.sql.expansion import check_expansion
from access_broker.sql.grouping import check_aliases_of_keys
from access_broker.sql.identifiers import as_asked
from access_broker.sql.inline import inline_ctes
from access_broker.sql.nesting import check_nesting
from access_broker.sql.ordered import spell_out_order
from access_broker.sql.own_names import give_own_names
from access_broker.sql.parse import DIALECT, Parsed, check_nodes, check_size
from access_broker.sql.percentile import as_typed
from access_broker.sql.scopes import conjuncts, items_of, own_nodes, table_alias
from access_broker.sql.shadows import name_apart
from access_broker.sql.spellings import spell_out_qualified
from access_broker.sql.using import mark_using, spell_out_using

_UNKNOWN_COLUMN = re.compile(r"Column '?\"?([^'\"]+)\"?'? could not be resolved|Unknown column: (\S+)")
_AMBIGUOUS = re.compile(r"mbiguous")


class UnknownNames(Exception):  # noqa: N818 - becomes a refusal once the policy has been asked
    def __init__(self, unknown: list[Unknown]) -> None:
        super().__init__(str(unknown))
        self.unknown = unknown


@dataclass
class Resolved:
    """A qualified tree. `tables`: (dataset, table id) as they stand in the tree → granted table."""

    tree: exp.Query
    output_names: list[str]
    tables: dict[tuple[str, str], GrantedTable] = field(default_factory=dict)


def resolve(parsed: Parsed, catalogue: Catalogue) -> Resolved:
    """Qualify the tree against `catalogue`. Raises UnknownNames, or Refused AMBIGUOUS_NAME | NOT_SUPPORTED |
    TOO_COMPLEX."""
    tree = parsed.tree
    tables = _place_tables(tree, catalogue)
    check_expansion(tree)
    mark_using(tree)
    try:
        tree = qualify(
            tree,
            schema=_schema(frozenset(tables.values())) if tables else None,
            dialect=DIALECT,
            validate_qualify_columns=False,
            quote_identifiers=True,
            identify=True,
        )
    except OptimizeError as error:
        raise _name_error(str(error), tree) from None
    except Exception:
        # qualify is not written for hostile trees: any surprise of its is a statement we do not understand
        raise Refused("NOT_SUPPORTED") from None
    tree = inline_ctes(tree)
    spell_out_using(tree, tables)
    give_own_names(tree)
    check_aliases_of_keys(tree, tables)
    _merge_equal_columns(tree)
    spell_out_order(tree, tables)
    check_nodes(tree)  # qualify makes nodes of its own, whole-row references among them
    check_nesting(tree)
    names = [parsed.typed.get(e.alias_or_name, _default_name(e)) for e in tree.selects]
    spell_out_qualified(tree, tables)
    put_brackets(tree)
    check_size(tree)
    give_own_names(tree)  # what was copied brought its names along
    return Resolved(tree, names, tables)


@lru_cache(256)
def _schema(tables: frozenset[GrantedTable]) -> MappingSchema:
    """What `qualify` may know of the tables that a statement names. It only reads it."""
    datasets: dict[str, object] = {
        dataset: {t.table: {fold(c.name): c.type for c in t.columns} for t in tables if t.dataset == dataset}
        for dataset in {t.dataset for t in tables}
    }
    return MappingSchema(datasets, dialect=DIALECT)


def _merge_equal_columns(tree: exp.Query) -> None:
    """`coalesce(a.k, b.k)`, which USING makes of `k`, is `a.k` where a join holds the two equal, or finds no b.

    Within a query of its own the names may be of other items.
    """
    for select in tree.find_all(exp.Select):
        pairs = set()
        for join in select.args.get("joins") or []:
            if join.args.get("on") and (join.side or "LEFT").upper() == "LEFT":
                pairs |= {pair for node in conjuncts(join.args["on"]) for pair in _equal(node, join)}
        for merged in [n for n in own_nodes(select) if isinstance(n, exp.Coalesce)] if pairs else []:
            if tuple(column.sql() for column in [merged.this, *merged.expressions]) in pairs:
                merged.replace(merged.this.copy())


def _equal(node: exp.Expr, join: exp.Join) -> list[tuple[str, str]]:
    """The columns of `a.k = b.k`, that of the joined item last; both ways round where no row is padded."""
    if not isinstance(node, exp.EQ):
        return []
    sides = [side for side in (node.left, node.right) if isinstance(side, exp.Column)]
    joined = [side.sql() for side in sides if side.table == join.this.alias_or_name]
    before = [side.sql() for side in sides if side.table != join.this.alias_or_name]
    both = list(zip(before, joined, strict=False))
    return both if join.side else [*both, *zip(joined, before, strict=False)]


def _default_name(projection: exp.Expr) -> str:
    name = projection.alias_or_name
    if not name.startswith("_col_"):
        return name
    plain = as_typed(_as_computed(projection.unalias()).copy())
    for column in plain.find_all(exp.Column):
        column.set("table", None)
    for identifier in plain.find_all(exp.Identifier):
        identifier.set("quoted", False)
    return plain.sql(dialect=DIALECT, normalize_functions="lower")[:60]


def _as_computed(item: exp.Expr) -> exp.Expr:
    """Of a column that a query in FROM computes without naming it: what it computes."""
    select = item.parent_select
    derived = items_of(select).get(item.table) if isinstance(item, exp.Column) and select is not None else None
    shown = derived.this.selects if isinstance(derived, exp.Subquery) else []
    found = [e.unalias() for e in shown if e.alias_or_name == item.name and item.name.startswith("_col_")]
    return _as_computed(found[0]) if found else item


def _place_tables(tree: exp.Query, catalogue: Catalogue) -> dict[tuple[str, str], GrantedTable]:
    name_apart(tree, {fold(t.name) for t in catalogue.tables})
    ctes = {c.alias for c in tree.find_all(exp.CTE)}
    placed: dict[tuple[str, str], GrantedTable] = {}
    unknown: list[Unknown] = []
    for node in list(tree.find_all(exp.Table)):
        if isinstance(node.this, exp.GenerateSeries):
            continue
        if not isinstance(node.this, exp.Identifier):
            raise Refused("NOT_SUPPORTED", name="TABLE FUNCTION")
        if not node.db and node.name in ctes:
            continue
        found = _lookup(catalogue, node.db, node.name)
        if len(found) > 1:
            raise Refused("AMBIGUOUS_NAME", name=node.name)
        if not found:
            typed = [as_asked(part) for part in (node.db, node.name) if part]
            unknown.append(Unknown(".".join(typed), "*", Use.ROWS))
            continue
        table = found[0]
        if not node.alias:
            node.set("alias", table_alias(fold(table.name)))
        node.set("db", exp.to_identifier(table.dataset, quoted=True))
        node.set("this", exp.to_identifier(table.table, quoted=True))
        placed[(table.dataset, table.table)] = table
    if unknown:
        raise UnknownNames(unknown)
    return placed


def _lookup(catalogue: Catalogue, dataset: str, name: str) -> list[GrantedTable]:
    return [t for t in catalogue.tables if fold(t.name) == name and dataset in ("", t.dataset)]


def _name_error(message: str, tree: exp.Query) -> Exception:
    if _AMBIGUOUS.search(message):
        return Refused("AMBIGUOUS_NAME")
    match = _UNKNOWN_COLUMN.search(message)
    if not match:
        return Refused("NOT_SUPPORTED")
    name = (match.group(1) or match.group(2)).strip("\"'.,")
    return UnknownNames([Unknown(_table_of(tree, name), as_asked(name), Use.PROJECT)])


def _table_of(tree: exp.Query, column: str) -> str:
    """The name of the table a column was asked from, as far as the text says it; for the explanation only."""
    for node in tree.find_all(exp.Column):
        if node.name == column:
            for table in tree.find_all(exp.Table):
                if node.table in ("", table.alias, table.name):
                    return f"{table.db}.{table.name}" if table.db else str(table.name)
    return ""
