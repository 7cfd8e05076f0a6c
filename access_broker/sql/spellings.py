"""The ways of writing that are read as other ones, in their order, each only where its words stand in a statement.

What comes out is a statement with the same answer in fewer forms. Nothing is allowed by it: all of it is looked at
afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.sql.asked_within import spell_out_asked_within
from access_broker.sql.counted_keys import spell_out_counted_keys
from access_broker.sql.dates import spell_out_dates
from access_broker.sql.distinct import spell_out_distinct
from access_broker.sql.grouping import spell_out_groupings
from access_broker.sql.half_joins import spell_out_half_joins, spell_out_inner, spell_out_missing
from access_broker.sql.idioms import spell_out_idioms
from access_broker.sql.key_sets import spell_out_key_sets
from access_broker.sql.lists import spell_out_lists
from access_broker.sql.looked_up import spell_out_looked_up
from access_broker.sql.merged import merge_arguments
from access_broker.sql.percentile import read_percentiles
from access_broker.sql.pivot import spell_out_pivots
from access_broker.sql.scaled import move_factors_out
from access_broker.sql.scopes import kinds_in
from access_broker.sql.spelled_rows import spell_out_rows
from access_broker.sql.spelled_series import spell_out_series
from access_broker.sql.truths import spell_out_truths
from access_broker.sql.tuples import spell_out_tuples
from access_broker.sql.turned import spell_out_right_joins
from access_broker.sql.united import spell_out_united
from access_broker.sql.unpivot import spell_out_unpivots

_Kinds = tuple[type[exp.Expr], ...]
_STEPS: tuple[tuple[_Kinds, Callable[[exp.Query], exp.Query | None]], ...] = (
    ((exp.Union,), spell_out_rows),
    ((exp.With, exp.GenerateSeries, exp.Unnest, exp.Explode, exp.Values), spell_out_series),
    ((exp.Anonymous, exp.Quantile, exp.ApproxQuantile, exp.WithinGroup), read_percentiles),
    ((exp.EQ, exp.NEQ, exp.ArrayContains, exp.In, exp.Bracket), spell_out_lists),
    ((exp.Query,), spell_out_idioms),
    ((exp.Join,), spell_out_half_joins),
    ((exp.Join,), spell_out_right_joins),
    ((exp.Rollup, exp.Cube, exp.GroupingSets), spell_out_groupings),
    ((exp.Distinct,), spell_out_distinct),
    ((exp.SetOperation,), spell_out_united),
    ((exp.Pivot,), spell_out_unpivots),
    ((exp.Pivot,), spell_out_pivots),
)


def spell_out(tree: exp.Query) -> exp.Query:
    """Of a tree as it was parsed; changes it. Raises Refused NOT_SUPPORTED, TOO_COMPLEX, AGGREGATE_NOT_ALLOWED."""
    kinds = kinds_in(tree)
    for about, step in _STEPS:
        if kinds.intersection(about):
            tree = step(tree) or tree
    return tree


def spell_out_qualified(tree: exp.Query, tables: Mapping[tuple[str, str], GrantedTable]) -> None:
    """Of a tree whose columns say of which item they are, `tables` being what is read. Raises Refused NOT_SUPPORTED."""
    kinds = kinds_in(tree)
    if exp.Tuple in kinds:
        spell_out_tuples(tree, tables)
    if kinds.intersection((exp.Intersect, exp.Except)):
        spell_out_key_sets(tree, tables)
    if kinds.intersection((exp.Sub, exp.Add)):
        spell_out_dates(tree, tables)
    if exp.Count in kinds:
        spell_out_counted_keys(tree, tables)
    if exp.Join in kinds:
        spell_out_missing(tree)
        spell_out_inner(tree, tables)
    if kinds.intersection((exp.Exists, exp.In)):
        spell_out_asked_within(tree, tables)
    if kinds.intersection((exp.Subquery, exp.Exists)):
        spell_out_looked_up(tree, tables)
        merge_arguments(tree)
        spell_out_truths(tree)
        move_factors_out(tree)
