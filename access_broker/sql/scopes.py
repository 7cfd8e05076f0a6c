"""Where an expression stands: the sources it can see, the query around it, and whether rows or groups are meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.relations import BaseColumn, SelectInfo, Value


@dataclass
class Frame:
    """One SELECT while it is read.

    `groups`: rendered group key → its value, set once the groups are known. `correlated`: columns of outer queries
    that this one reads; `inner`: the columns, of this query or outer ones, that the subquery just read asked for. A
    column `*` of a source stands for what is read of its rows and is no column of it, a count per person say.
    `equalities`: (alias, column, alias, column) that hold for every row; `ties`: pairs of aliases whose rows belong to
    the same entity; `loosely_tied`: some of them by other values than the entities' numbers. `nullable`: aliases that
    an outer join pads with NULL; `chosen`: those of them that are nobody's and of which a condition chooses rows.
    `nobodys`: an outer join keeps rows of nobody.
    """

    info: SelectInfo
    outer: Frame | None = None
    groups: dict[str, Value] | None = None
    correlated: set[BaseColumn] = field(default_factory=set)
    inner: set[BaseColumn] = field(default_factory=set)
    equalities: list[tuple[str, str, str, str]] = field(default_factory=list)
    ties: list[tuple[str, str]] = field(default_factory=list)
    nullable: set[str] = field(default_factory=set)
    chosen: set[str] = field(default_factory=set)
    nobodys: bool = False
    loosely_tied: bool = False

    @property
    def sources(self) -> frozenset[str]:
        return frozenset().union(*(r.sources for r in self.info.relations.values()))


def own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of an expression without those of queries inside it."""
    yield node
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query):
            yield from own_nodes(child)


def kinds_in(tree: exp.Expr) -> frozenset[type]:
    """The classes of all nodes, those that they are derived from included."""
    return frozenset().union(*(kind.__mro__ for kind in {type(node) for node in tree.walk()}))


def given(node: exp.Expr) -> set[str]:
    """The names of its arguments that are there."""
    return {name for name, value in node.args.items() if value}


def size_of(*nodes: exp.Expr) -> int:
    """How many nodes they are made of."""
    return sum(1 for node in nodes for _ in node.walk())


def table_alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(name, quoted=True))


def from_items(select: exp.Expr) -> list[exp.Expr]:
    """What stands in FROM, in its order; two may have one name."""
    from_ = select.args.get("from_")
    return [*([from_.this] if from_ else []), *(join.this for join in select.args.get("joins") or [])]


def items_of(select: exp.Select) -> dict[str, exp.Expr]:
    """What stands in FROM, by the name it has there."""
    return {item.alias_or_name: item for item in from_items(select)}


def pads_its_first(select: exp.Select) -> bool:
    """Does an outer join of it keep rows for which there is nothing in what stands before it?"""
    return any((join.side or "").upper() not in ("", "LEFT") for join in select.args.get("joins") or [])


def is_window_call(node: exp.Expr) -> bool:
    """True for the function a window applies: `sum` in `sum(x) OVER ()`, which aggregates no group."""
    parent = node.parent
    if isinstance(parent, exp.Filter) and parent.this is node:
        node, parent = parent, parent.parent
    return isinstance(parent, exp.Window) and parent.this is node


def is_within(node: exp.Expr, query: exp.Expr) -> bool:
    place: exp.Expr | None = node
    while place is not None and place is not query:
        place = place.parent
    return place is query


def has_aggregate(node: exp.Expr) -> bool:
    return any(type(n) in allowed.AGGREGATES and not is_window_call(n) for n in own_nodes(node))


def has_window(node: exp.Expr) -> bool:
    return any(isinstance(n, exp.Window) for n in own_nodes(node))


def render(node: exp.Expr) -> str:
    """The spelling under which a group key is found again."""
    return node.unalias().sql(dialect="duckdb", normalize=False, comments=False)


def spelled(node: exp.Expr) -> str:
    """Its text before names are looked up. Names are folded as they will be, texts in quotes are what they are."""
    copied = node.copy()
    for name in copied.find_all(exp.Identifier, exp.Var):
        name.set("this", fold(name.name))
        name.set("quoted", isinstance(name, exp.Identifier))
    return copied.sql(comments=False)


def strip(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren | exp.Alias):
        node = node.this
    return node


def equal_columns(frame: Frame) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of (alias, column) that have one value in every row, each pair both ways round.

    Of another type the engine would convert, and '1' and '01' are one number: those are not the same.
    """
    relations = frame.info.relations
    pairs = [((a, c), (b, d)) for a, c, b, d in frame.equalities]
    same = [(x, y) for x, y in pairs if relations[x[0]].outputs[x[1]].type == relations[y[0]].outputs[y[1]].type != ""]
    return [*same, *((y, x) for x, y in same)]


def equated_with(columns: set[tuple[str, str]], frame: Frame) -> set[tuple[str, str]]:
    """All (alias, column) that have in every row the value of one of `columns`."""
    found, pairs = set(columns), equal_columns(frame)
    while new := {other for one, other in pairs if one in found} - found:
        found |= new
    return found


def conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    node = strip(node)
    if isinstance(node, exp.And):
        yield from conjuncts(node.left)
        yield from conjuncts(node.right)
    else:
        yield node


def components(aliases: list[str], links: list[tuple[str, str]]) -> list[set[str]]:
    """Connected components of `aliases` under `links`."""
    parts: list[set[str]] = [{a} for a in aliases]
    for left, right in links:
        touched = [p for p in parts if left in p or right in p]
        if len(touched) > 1:
            parts = [p for p in parts if p not in touched] + [set().union(*touched)]
    return parts
