"""What a statement touches: which columns of which sources, and for what. Free of modes, so it says only facts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """`AGGREGATE` uses carry the function in `Touch.function`. The pseudo-column `*` stands for the rows themselves.

    `AGGREGATE` of `*` says that the statement puts many values into one, wherever that stands in it.
    """

    PROJECT = "project"  # the value reaches the answer, row by row
    GROUP = "group"  # (part of) a grouping key
    FILTER = "filter"  # decides which rows count
    AGGREGATE = "aggregate"  # argument of an aggregate function
    COUNT_DISTINCT = "count_distinct"
    JOIN = "join"  # one side of a plain equality with a column of another source
    NULL_TEST = "null_test"
    ENTITY_GROUP = "entity_group"  # GROUP BY the bare column: one row per entity, checked further out
    ROWS = "rows"  # column `*`: row multiplicity reaches the answer without an aggregate
    COUNT_ROWS = "count_rows"  # column `*`: rows are only counted
    TRANSFORM = "transform"  # inside an aggregate, in a form that can single out a person
    SEMI = "semi"  # column `*`: EXISTS/IN tied to the entity of another source, named in `Touch.function`
    CROSS = "cross"  # column `*`: multiplied with sources it has no plain equality with
    SHAPE = "shape"  # name and type, never a value: the statement is a probe and can hold no row


@dataclass(frozen=True)
class SourceUse:
    """One occurrence of a base table in the statement; `table` is `dataset.table` by stable ids."""

    id: str
    table: str


@dataclass(frozen=True)
class Touch:
    source: str
    column: str
    use: Use
    function: str = ""


@dataclass(frozen=True)
class JoinTouch:
    """A plain equality between columns of two sources: (source id, column id) each."""

    left: tuple[str, str]
    right: tuple[str, str]


@dataclass(frozen=True)
class Unknown:
    """A name that is not in what the contract was granted. Whether it exists elsewhere is nobody's business."""

    table: str
    column: str
    use: Use


@dataclass(frozen=True)
class Footprint:
    sources: tuple[SourceUse, ...]
    touches: tuple[Touch, ...]
    joins: tuple[JoinTouch, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    functions: tuple[str, ...] = ()  # every function name in the statement, for the record and the verifier
    probe: bool = False  # it asks for names and types alone, see `Use.SHAPE`
