"""The shape of DuckDB's plan as JSON: every key that its operators, expressions and their details carry.

That JSON is internal to DuckDB and may change with any version. A key nobody has looked at, or an object of no known
kind, refuses the statement; tests/sql/plan_golden.json fails when a new version changes any of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

DUCKDB = "2.0.0"
"""The version whose plans were looked at."""

TOP_KEYS = frozenset({"error", "plans"})

OPERATOR_KEYS: frozenset[str] = frozenset(
    """
    type children table_index expressions projections orders projection_map limit_val offset_val unpruned_offset
    aggregate_index distinct_validity group_index grouping_functions grouping_sets groupings_index groups arguments
    at_clause column_indexes extra_info function_data has_pushed_projection has_serialize input_table_names
    input_table_types named_parameters names ordinality_idx parameters projected_input projection_ids qname
    returned_types row_group_order_options scan_partition_indices source_ordinality table_filters
    table_filters_by_projection window_index allow_out_of_order column_count setop_all conditions delim_flipped
    duplicate_eliminated_columns join_type left_projection_map mark_index mark_types right_projection_map expr_types
    condition ctename materialize bound_columns chunk_types cte_index is_recurring bindings return_types
    sample_options distinct_targets distinct_type order_by
    """.split()
)

EXPRESSION_KEYS: frozenset[str] = frozenset(
    """
    expression_class type alias query_location query_location_length return_type children index arguments qname
    function_data has_serialize is_operator aggregate_type filter order_bys state_export value case_checks else_expr
    arg_orders default_expr distinct end end_expr exclude_clause filters ignore_nulls offset_expr orders partitions
    sql_range_end sql_range_end_boundary sql_range_order_casts sql_range_order_type sql_range_start
    sql_range_start_boundary start start_expr lambda_expr captures parameter_count parameter_names
    """.split()
)

UNNEST_KEYS: frozenset[str] = frozenset("type children unnest_index expressions".split())
"""Of the one operator that takes lists apart (`told.py`)."""

DETAIL_KEYS: frozenset[str] = frozenset(
    """
    id type_info alias child_type extension_info scale type width filters multi_column_filters path arguments catalog
    check_overflow desc is_create_index is_default_cast is_index_scan order qualified_name quantiles result_ids
    return_type schema separator table try_cast child_indexes field has_index index index_type file_filter_expressions
    file_filters filtered_files sample_options total_files days is_null micros months value upper lower then_expr
    when_expr expression null_order constant_integer constant_percentage comparison left right orders column_index
    table_index is_percentage method repeatable sample_rate sample_size seed class literal query_location
    query_location_length kind text boundary direction function_name offset_type order_casts order_type result_casts
    bind_data stype aggr_expr sort_key is_grade_up default_collation lambda_expr has_initial
    """.split()
)
"""Keys of what is neither operator nor expression: types, constants, sort orders, frames. None of them is `children`
or `expressions`, so that nothing that computes or reads can pass as a detail."""


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a plan, or of a part of it, in no order."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            yield one
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)


def called(node: dict[str, Any]) -> str:
    """The engine's name of what an expression calls; "" for one that calls nothing."""
    return str(((node.get("qname") or {}).get("path") or [""])[-1])
