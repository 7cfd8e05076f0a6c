"""The analyser's vocabulary: what a value is made of, what a relation still exposes, what a SELECT turned out to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable


@dataclass(frozen=True, order=True)
class BaseColumn:
    """A column of one occurrence of a base table: (source id, column id)."""

    source: str
    column: str


class Shape(IntEnum):
    """How a value follows from its columns. Only up to AFFINE may it be an argument over protected rows:
    anything else can be bent into an indicator of one person (`income * (city = 'x')::int`)."""

    CONSTANT = 0
    PLAIN = 1  # the column itself
    AFFINE = 2  # scaled and shifted by constants, sums of such, a year of a date
    OPAQUE = 3


@dataclass(frozen=True)
class Value:
    """`columns`: row-level columns it is computed from. `rows`: sources on whose single rows it depends otherwise
    (a per-entity count). With both empty it is released: constants, open post-processing, checked aggregates."""

    columns: frozenset[BaseColumn] = frozenset()
    rows: frozenset[str] = frozenset()
    plain: BaseColumn | None = None
    shape: Shape = Shape.CONSTANT
    type: str = ""  # the engine's, where it is known for certain
    padded: bool = False  # NULL where an outer join found nothing
    chosen: bool = False  # and where it finds something, a condition on rows that are nobody's says
    length: int = 1  # of how many texts it may be put together
    counted: bool = False  # of one person's rows those that have something: 0 where a sum would be NULL
    summed: bool = False  # over one person's rows: who has many of them has much

    @property
    def is_count(self) -> bool:
        """Of rows of one person, and of nothing that they hold."""
        return self.counted or (bool(self.rows) and not self.columns)

    @property
    def released(self) -> bool:
        return not self.columns and not self.rows


RELEASED = Value(shape=Shape.PLAIN)
CONSTANT = Value()


def combine(*values: Value, shape: Shape = Shape.OPAQUE) -> Value:
    """A value computed from `values`; constant when all are."""
    columns = frozenset().union(*(v.columns for v in values)) if values else frozenset()
    rows = frozenset().union(*(v.rows for v in values)) if values else frozenset()
    if not columns and not rows:
        shape = max([v.shape for v in values], default=Shape.CONSTANT)
    length = max([v.length for v in values], default=1)
    padded, chosen = any(v.padded for v in values), any(v.chosen for v in values)
    counted, summed = any(v.counted for v in values), any(v.summed for v in values)
    return Value(columns, rows, None, shape, "", padded, chosen, length, counted, summed)


@dataclass(frozen=True)
class Hidden:
    """A source's entity column as a relation carries it.

    `times`: published tables whose rows of one person, multiplied, are the most rows a person has here; () says that
    nobody stands in two rows, None that nothing is known. `person`: equal for two that are the same one in every row.
    `aside`: in every row the same person as another that the relation carries, or nobody.
    """

    source: str
    name: str
    times: tuple[str, ...] | None = None
    person: str = ""
    aside: bool = False


@dataclass
class Relation:
    """What a FROM item offers.

    `sources`: base tables whose single rows still show. `keys`: sets of outputs that are unique. `single`: at most
    one row. `twice`: an output name that stands for two columns. `closed`: the relation of an IN, EXISTS or scalar
    subquery, a side of a UNION or the answer itself, whose width is fixed, so that nothing is carried out of it.
    `hidden`: the entity columns it carries out, filled by the rewriter. `literal`: its rows stand in the statement, and
    nothing else. `apart`: output → types as which its values still are unique. `most`: how many rows series and VALUES
    may make of each other in it. `nobodys`: some of its rows may be of nobody, where an outer join found no person.
    `copies`: how many lists of one person's rows are multiplied in it (`sql/copies.py`); 0 is one row each. `weight`:
    in what was added up of them for each. `one`: it has not two rows, where one value is meant (`sql/single_row.py`).
    """

    outputs: dict[str, Value]
    sources: frozenset[str] = frozenset()
    keys: list[frozenset[str]] = field(default_factory=list)
    single: bool = False
    twice: str = ""
    closed: bool = False
    hidden: list[Hidden] = field(default_factory=list)
    literal: bool = False
    apart: dict[str, frozenset[str]] = field(default_factory=dict)
    most: int = 1
    nobodys: bool = False
    copies: int = 0
    weight: int = 0
    one: bool = False


@dataclass
class BaseTable:
    """One occurrence of a base table in the tree, with the columns the statement names."""

    source: str
    node: exp.Table
    table: GrantedTable
    relation: Relation
    used: set[str] = field(default_factory=set)


@dataclass
class Cell:
    """One aggregate over row-level sources. It is shown only when every region holds enough entities.

    `node`: the expression to guard (with its FILTER). `filter`: the FILTER's condition; those it takes and those it
    leaves out must each be enough. `regions`: further conditions within the filter, each for enough entities: the
    branches of a CASE, the non-NULL argument. `known`: an open value that follows from the group's keys. `weights`:
    what everybody may know of each row and the aggregate multiplies with, of which nobody may have a large part.
    `summed`: what was added up per person and is multiplied with, likewise: who has many rows has a large sum.
    """

    node: exp.Expr
    function: str
    filter: exp.Expr | None = None
    regions: list[exp.Expr] = field(default_factory=list)
    known: bool = False
    weights: list[exp.Expr] = field(default_factory=list)
    summed: list[exp.Expr] = field(default_factory=list)


@dataclass
class SelectInfo:
    """One SELECT after analysis. `aggregated`: one row per group. `deferred`: one row per entity, checked outside.

    `fixed`: aliases of constants of which a group has one row only. `padded`: each row of these is a group, and what is
    joined to it may be nothing. `single_rows`: aliases in FROM no row of which stands in two rows of what FROM yields.
    `tied`: aliases whose rows meet only within one entity, and which nothing else multiplies. `single_in_group` and
    `tied_in_group`: the same of what FROM yields for one group, where some items are `fixed`. `one_per_entity`: the
    source whose entity column alone is the group key, by the number it is published as. `attributes`: aliases that a
    LEFT JOIN adds to people as what is known of them, one row or none of the same person; where each group is one
    person, any number of rows.
    """

    node: exp.Select
    relations: dict[str, Relation]
    aggregated: bool = False
    deferred: bool = False
    grouped: bool = False
    fixed: frozenset[str] = frozenset()
    padded: bool = False
    single_in_group: frozenset[str] = frozenset()
    tied_in_group: frozenset[str] = frozenset()
    single_rows: frozenset[str] = frozenset()
    tied: frozenset[str] = frozenset()
    one_per_entity: str = ""
    attributes: frozenset[str] = frozenset()
    cells: list[Cell] = field(default_factory=list)
    result: Relation | None = None
