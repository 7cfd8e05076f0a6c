"""The allow-lists: everything the gate understands. What is not here is refused, whatever it may mean.

Adding a line widens what can be asked; add the attack that it might open to `tests/corpus` in the same change.
"""

from __future__ import annotations

from sqlglot import exp

MAX_TEXT = 20_000  # bytes; longer statements are machine-made
MAX_NODES = 4_000
MAX_DEPTH = 60  # nesting of the tree; DuckDB accepts 900 parentheses, a reader does not
MAX_LITERAL = 2_000  # characters of one literal
MAX_COLUMNS = 200  # projections of one SELECT
MAX_SERIES = 10_000  # rows of one series, and of all beside a table; 27 years of days
MAX_TOGETHER = 10_000_000  # rows that the series and VALUES of one FROM may make of each other

STRUCTURE: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Select, exp.Subquery, exp.From, exp.Join, exp.Table, exp.TableAlias, exp.With, exp.CTE, exp.Where,
        exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.Star,
        exp.Column, exp.Identifier, exp.Alias, exp.Union, exp.Intersect, exp.Except, exp.Window, exp.WindowSpec,
        exp.Filter, exp.Paren, exp.Tuple, exp.Pivot, exp.TableSample, exp.Values, exp.GenerateSeries,
    }
)  # fmt: skip

VALUES: frozenset[type[exp.Expr]] = frozenset(
    {exp.Literal, exp.Null, exp.Boolean, exp.Var, exp.DataType, exp.DataTypeParam, exp.Interval, exp.IntervalSpan}
)

OPERATORS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
        exp.Like, exp.ILike, exp.Escape, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe,
        exp.Exists, exp.NullSafeEQ, exp.NullSafeNEQ,
    }
)  # fmt: skip

SCALARS: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Abs, exp.Case, exp.Cast, exp.Ceil, exp.Coalesce, exp.Concat, exp.ConcatWs, exp.Contains, exp.DateDiff,
        exp.DateFromParts, exp.DateTrunc, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear,
        exp.Dayname, exp.EndsWith, exp.Exp, exp.Extract, exp.Floor, exp.Greatest, exp.Hour, exp.If, exp.LastDay,
        exp.Least, exp.Left, exp.Length, exp.Ln, exp.Log, exp.Lower, exp.Minute, exp.Month, exp.Monthname, exp.Nullif,
        exp.Pow, exp.Quarter, exp.Replace, exp.Right, exp.Round, exp.Second, exp.Sign, exp.Sqrt, exp.StartsWith,
        exp.StrPosition, exp.Substring, exp.TimestampTrunc, exp.TimeToStr, exp.Trim, exp.Trunc, exp.TryCast, exp.Upper,
        exp.Week, exp.WeekOfYear, exp.Year,
    }
)  # fmt: skip

NAMED_SCALARS: frozenset[str] = frozenset(
    {"date_part", "datepart", "century", "decade", "isoyear", "weekday", "yearweek"}
)
"""Functions sqlglot has no class for (`exp.Anonymous`), by lower-case name."""

AGGREGATES: dict[type[exp.Expr], str] = {
    exp.ArgMax: "arg_max",
    exp.ArgMin: "arg_min",
    exp.ArrayAgg: "list",
    exp.Avg: "avg",
    exp.Corr: "corr",
    exp.Count: "count",
    exp.CountIf: "count_if",
    exp.CovarPop: "covar_pop",
    exp.CovarSamp: "covar_samp",
    exp.First: "first",
    exp.GroupConcat: "string_agg",
    exp.Last: "last",
    exp.LogicalAnd: "bool_and",
    exp.LogicalOr: "bool_or",
    exp.Max: "max",
    exp.Median: "median",
    exp.Min: "min",
    exp.Mode: "mode",
    exp.PercentileCont: "quantile_cont",
    exp.PercentileDisc: "quantile_disc",
    exp.Quantile: "amanat_percentile",  # see percentile.py: a quantile() that is typed never gets here
    exp.RegrIntercept: "regr_intercept",
    exp.RegrR2: "regr_r2",
    exp.RegrSlope: "regr_slope",
    exp.Stddev: "stddev_samp",
    exp.StddevPop: "stddev_pop",
    exp.StddevSamp: "stddev_samp",
    exp.Sum: "sum",
    exp.Variance: "var_samp",
    exp.VariancePop: "var_pop",
}
"""Aggregates the gate reads, by the name policies use. Which of them a contract may use is policy data."""

PACKING: frozenset[str] = frozenset({"list", "string_agg"})
"""Aggregates whose one value holds many."""

WINDOW_ONLY: dict[type[exp.Expr], str] = {
    exp.CumeDist: "cume_dist",
    exp.DenseRank: "dense_rank",
    exp.FirstValue: "first_value",
    exp.Lag: "lag",
    exp.LastValue: "last_value",
    exp.Lead: "lead",
    exp.Ntile: "ntile",
    exp.PercentRank: "percent_rank",
    exp.Rank: "rank",
    exp.RowNumber: "row_number",
}
"""What may only be asked over a window, by the name it is written with."""

_WINDOW_NAMES = {"dense_rank": "WINDOW_RANK_DENSE"}
BOUND_WINDOWS = {"WINDOW_AGGREGATE"} | {_WINDOW_NAMES.get(n, f"WINDOW_{n.upper()}") for n in WINDOW_ONLY.values()}
"""Windows a verified plan may hold: DuckDB names all of them as they are written, but for one."""

TYPES: frozenset[str] = frozenset(
    """
    BOOLEAN TINYINT SMALLINT INT BIGINT FLOAT DOUBLE DECIMAL VARCHAR TEXT DATE TIMESTAMP TIMESTAMPNTZ
    TIMESTAMPTZ TIME INTERVAL CHAR UTINYINT USMALLINT UINT UBIGINT
    """.split()
)
"""Cast targets. No lists, structs, maps, JSON, BLOB or BIT: they carry whole rows and raw bytes. No INT128:
what is computed in it may have more digits than a DECIMAL it is compared with, an error in the row that has them."""

NODES = STRUCTURE | VALUES | OPERATORS | SCALARS | frozenset(AGGREGATES) | frozenset(WINDOW_ONLY)

ARGUMENTS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset(
        """
    with_ expressions from_ joins where group having qualify order limit offset distinct windows sample
    """.split()
    ),
    exp.Table: frozenset(["this", "db", "alias", "sample"]),
    exp.Join: frozenset(["this", "on", "using", "side", "kind", "method"]),
    exp.Subquery: frozenset(["this", "alias", "pivots", "with_"]),
    exp.Union: frozenset(["this", "expression", "with_", "order", "limit", "offset", "distinct"]),
    exp.Intersect: frozenset(["this", "expression", "with_", "order", "limit", "offset", "distinct"]),
    exp.Except: frozenset(["this", "expression", "with_", "order", "limit", "offset", "distinct"]),
    exp.With: frozenset(["expressions"]),
    exp.CTE: frozenset(["this", "alias", "materialized"]),
    exp.Group: frozenset(["expressions", "all"]),
    exp.Distinct: frozenset(["expressions"]),
    exp.In: frozenset(["this", "expressions", "query"]),
    exp.Limit: frozenset(["expression"]),
    exp.Offset: frozenset(["expression"]),
    exp.Order: frozenset(["this", "expressions"]),
    exp.Window: frozenset(["this", "partition_by", "order", "spec", "over", "alias"]),
    exp.Star: frozenset(["except_", "replace", "rename"]),
    exp.Values: frozenset(["expressions", "alias"]),
    exp.GenerateSeries: frozenset(["start", "end", "step"]),
    exp.TableSample: frozenset(["method", "percent", "size", "seed", "rows"]),
    exp.Cast: frozenset(["this", "to"]),
    exp.TryCast: frozenset(["this", "to", "safe"]),
    exp.ArrayAgg: frozenset(["this", "nulls_excluded"]),
    exp.GroupConcat: frozenset(["this", "separator"]),
    exp.LastDay: frozenset(["this"]),
    exp.Length: frozenset(["this"]),
    exp.Pivot: frozenset(["expressions", "fields", "alias", "columns", "pivot_column_naming"]),
}
"""Arguments a structural node may carry; a modifier nobody thought of is refused with the node it hangs on."""

FUNCTION_ARGUMENTS: frozenset[str] = frozenset(
    """
    this expression expressions unit substr start length decimals format replacement position ifs true false default
    offset year month day quantile
    """.split()
)
"""Arguments of functions that are not in ARGUMENTS. Others belong to other dialects, and are printed as functions that
nobody asked for."""

LITERAL_ARGUMENTS: dict[type[exp.Expr], tuple[str, ...]] = {
    exp.DateDiff: ("unit",),
    exp.DateTrunc: ("unit",),
    exp.Escape: ("expression",),
    exp.Extract: ("this",),
    exp.ILike: ("expression",),
    exp.Like: ("expression",),
    exp.TimestampTrunc: ("unit",),
    exp.TimeToStr: ("format",),
}
"""Arguments that must be literals: computed from a person's row, a wrong one would be an error that tells of it."""

_PARTS = frozenset("JULIAN TIMEZONE_HOUR TIMEZONE_MINUTE".split())
UNREAD_UNITS: dict[type[exp.Expr], frozenset[str]] = {
    exp.Interval: frozenset(
        """
    MICROSECOND MICROSECONDS MILLISECOND MILLISECONDS DECADE DECADES CENTURY CENTURIES MILLENNIUM MILLENNIA
    """.split()
    ),
    exp.DateDiff: frozenset("NANOSECOND NANOSECONDS".split()),
    exp.Extract: _PARTS,
    exp.Anonymous: _PARTS,
}
"""Units for which the engine calls a function that is not in BOUND_SCALARS, though it would not for others."""

BOUND_OPERATORS: frozenset[str] = frozenset(
    {
        "LOGICAL_AGGREGATE_AND_GROUP_BY", "LOGICAL_ANY_JOIN", "LOGICAL_COMPARISON_JOIN", "LOGICAL_CROSS_PRODUCT",
        "LOGICAL_CTE_REF", "LOGICAL_DELIM_GET", "LOGICAL_DELIM_JOIN", "LOGICAL_DEPENDENT_JOIN", "LOGICAL_DISTINCT",
        "LOGICAL_DUMMY_SCAN", "LOGICAL_EMPTY_RESULT", "LOGICAL_EXCEPT", "LOGICAL_EXPRESSION_GET", "LOGICAL_FILTER",
        "LOGICAL_GET", "LOGICAL_INTERSECT", "LOGICAL_LIMIT", "LOGICAL_MATERIALIZED_CTE", "LOGICAL_ORDER_BY",
        "LOGICAL_PROJECTION", "LOGICAL_SAMPLE", "LOGICAL_TOP_N", "LOGICAL_UNION", "LOGICAL_WINDOW",
    }
)  # fmt: skip
"""Operators a verified plan may hold (DuckDB 2.0.0 names)."""

BOUND_SCALARS: frozenset[str] = frozenset(
    """
    + - * / // % || = != <> < > <= >= ~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape
    __cast __try_cast abs add subtract multiply divide mod ceil ceiling coalesce concat concat_ws contains century
    date_diff datediff date_part datepart date_trunc datetrunc day dayofmonth dayofweek dayofyear
    dayname decade ends_with suffix exp extract floor greatest isodow last_day least left length len ln log log10
    lower lcase make_date month monthname nullif pow power prefix starts_with quarter replace right round sign sqrt
    strftime strpos instr position substring substr trim ltrim rtrim upper ucase week weekofyear year error to_days
    to_hours to_minutes to_months to_quarters to_seconds to_weeks to_years normalized_interval
    hour minute second millisecond microsecond epoch isoyear yearweek weekday era millennium timezone trunc
    """.split()
) | {"is not distinct from", "is distinct from"}
"""Bound scalar functions a verified plan may call. `error` is what DuckDB adds to every scalar subquery,
`normalized_interval` to every comparison of intervals."""

BOUND_EXPRESSIONS: frozenset[str] = frozenset(
    {
        "BOUND_REF", "BOUND_COLUMN_REF", "BOUND_CONSTANT", "BOUND_FUNCTION", "BOUND_OPERATOR", "BOUND_CONJUNCTION",
        "BOUND_COMPARISON", "BOUND_CASE", "BOUND_BETWEEN", "BOUND_AGGREGATE", "BOUND_WINDOW", "BOUND_CAST",
        "BOUND_LAMBDA",
    }
)  # fmt: skip
"""Expression classes a verified plan may hold. No unnests, parameters or whole-row references. A lambda is an argument
of a function that is no scalar an asker may call: it is there only where `arithmetic.let` printed one."""

ENGINE_AGGREGATES: dict[str, str] = {
    "argmax": "arg_max",
    "argmin": "arg_min",
    "array_agg": "list",
    "group_concat": "string_agg",
    "listagg": "string_agg",
    "max_by": "arg_max",
    "min_by": "arg_min",
    "stddev": "stddev_samp",
    "variance": "var_samp",
}
"""DuckDB's name for an aggregate → ours."""
