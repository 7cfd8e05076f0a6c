"""What to write instead of a form or a function that is refused. The texts are in the translations, as `remedy.KEY`.

A remedy is chosen by the name that the refusal tells, which is one the asker typed, and by nothing else.
"""

from __future__ import annotations

_FORMS = {
    "aggregate_inside": "AGGREGATE|WHERE",
    "at_time_zone": "AT TIME ZONE",
    "brackets": "(… JOIN …)",
    "by_name": "BY NAME",
    "cast": "CAST",
    "catalog": "CATALOG",
    "column_aliases": "COLUMN ALIASES",
    "distinct": "DISTINCT",
    "distinct_on": "DISTINCT ON",
    "explain": "EXPLAIN",
    "fetch": "FETCH|LIMIT|LIMIT OPTIONS|OFFSET",
    "group_by": "GROUP BY|GROUP BY ALL",
    "grouping_sets": "CUBE|GROUPING SETS|ROLLUP|TOTALS",
    "ignore_nulls": "IGNORE NULLS|RESPECT NULLS|HAVING MAX",
    "in": "IN",
    "join": "ASOF JOIN|POSITIONAL JOIN",
    "lateral": "LATERAL|LATERALS|UNNEST",
    "like": "LIKE|ILIKE|ESCAPE",
    "like_instead": "GLOB|SIMILAR TO",
    "lists": "[…]|[…:…]|x.y|LAMBDA|PROPERTY EQ|KWARG|SLICE",
    "metadata": "DESC|DESCRIBE|SHOW|SUMMARIZE|PRAGMA",
    "moments": "TIMESTAMP - TIMESTAMP",
    "null_test": "IS NULL",
    "one_value": "SUBQUERY OF SEVERAL ROWS",
    "order_by": "ORDER BY",
    "pair_known": "two arguments, differencing refused",
    "pair_rows": "two arguments, several rows per person",
    "percentile": "CASE|amanat_percentile: (x, 0.05 … 0.95)",
    "percentile_rows": "amanat_percentile, several rows per person",
    "pivot": "PIVOT|PIVOT … GROUP BY|PIVOT ANY",
    "plain_text": "N'…'|RAW STRING|BYTE STRING|UNICODE STRING|HEX STRING|BIT STRING",
    "powers": "higher powers, differencing refused",
    "read": "CALL|COPY|FROM|TABLE FUNCTION|USE|SET|ATTACH",
    "row_values": "ROW VALUES|TUPLE",
    "sample": "SAMPLE|TABLE SAMPLE",
    "select_into": "SELECT INTO",
    "semi_join": "SEMI JOIN|ANTI JOIN|LEFT SEMI JOIN|LEFT ANTI JOIN",
    "series": "GENERATE_SERIES|WITH ORDINALITY",
    "star": "*|STAR",
    "subquery": "SUBQUERY|EXISTS|FILTER|SUBQUERY IN AGGREGATE",
    "two_people": "JOIN",
    "unpivot": "UNPIVOT",
    "values": "VALUES",
    "window": "WINDOW|CUMEDIST|DENSERANK|FIRSTVALUE|LAG|LASTVALUE|LEAD|NTILE|PERCENTRANK|RANK|ROWNUMBER",
    "with_recursive": "WITH RECURSIVE",
}
_FUNCTIONS = {
    "age": "age|datesub|months_between",
    "chance": "gen_random_uuid|rand|random|setseed|uuid|uuidv4|uuidv7",
    "count_distinct": "approx_count_distinct|approx_distinct",
    "dates": "date_add|dateadd|date_sub",
    "epoch": "epoch|epoch_ms|epoch_ns|epoch_us|julian|to_unixtime|unix_timestamp",
    "fixed_unit": "date_diff|date_part|date_trunc|datediff|datepart|datetrunc|extract|strftime",
    "grouping": "grouping|grouping_id",
    "like_instead": "regexp_extract|regexp_extract_all|regexp_full_match|regexp_like|regexp_matches|regexp_replace|"
    "regexp_split_to_array|similar_to",
    "lists": "array|array_contains|array_has|array_length|array_to_string|flatten|len|list_aggregate|list_contains|"
    "list_filter|list_has|list_sort|list_transform|list_value|map|row|struct|struct_pack|to_map|unnest",
    "metadata": "current_catalog|current_database|current_role|current_schema|current_schemas|current_setting|"
    "current_user|current_version|duckdb_columns|duckdb_tables|pragma_table_info|session_user|user|version",
    "most_frequent": "mode",
    "now": "current_time|current_timestamp|get_current_timestamp|localtime|localtimestamp|now|transaction_timestamp",
    "of_one": "any_value|arbitrary|arg_max|arg_min|argmax|argmin|array_agg|first|group_concat|histogram|last|list|"
    "listagg|max|max_by|min|min_by|nth_value|string_agg",
    "percentile": "approx_quantile|approx_top_k|mad|median|percentile_cont|percentile_disc|quantile|"
    "quantile_cont|quantile_disc|reservoir_quantile",
    "quantifier": "all|any",
    "read": "glob|read_csv|read_csv_auto|read_json|read_json_auto|read_parquet|read_text|sniff_csv",
    "star": "columns",
    "starts_with": "prefix|suffix",
    "statistics": "entropy|favg|fsum|geomean|kurtosis|kurtosis_pop|product|regr_avgx|regr_avgy|regr_count|regr_sxx|"
    "regr_sxy|regr_syy|sem|skewness",
    "text": "ascii|chr|format|initcap|lpad|printf|repeat|reverse|rpad|split_part|str_split|string_split|translate",
    "text_date": "str_to_time|strptime|to_date|try_strptime",
    "time_bucket": "date_bin|time_bucket",
    "timestamp": "from_unixtime|make_timestamp|to_timestamp|unix_to_time",
    "written_date": "date_format|to_char",
}
_NAMES = {
    "metadata": "information_schema|pg_catalog|sqlite_master|sqlite_schema|duckdb_tables|duckdb_columns",
}


def _by_name(remedies: dict[str, str]) -> dict[str, str]:
    return {name.casefold(): key for key, names in remedies.items() for name in names.split("|")}


_FORM, _FUNCTION, _NAME = _by_name(_FORMS), _by_name(_FUNCTIONS), _by_name(_NAMES)
_OF_CODE = {
    "NOT_SUPPORTED": _FUNCTION | _FORM,
    "NOT_A_QUERY": _FORM,
    "SYNTAX": _FORM,
    "FUNCTION_NOT_ALLOWED": _FUNCTION,
    "AGGREGATE_NOT_ALLOWED": _FUNCTION,
}
REMEDIES = tuple(sorted({*_FORMS, *_FUNCTIONS, *_NAMES}))
"""The keys of all texts."""


def remedy_of(code: str, name: str) -> str:
    """The key of the remedy for what was refused by that name; "" where there is only the general advice."""
    plain = " ".join(name.split()).casefold()
    if code == "NOT_GRANTED":
        return _NAME.get(plain.split(".")[0], "")
    if code == "AGGREGATE_ONLY":
        return "null_test" if plain.endswith(" is null") else ""
    known = _OF_CODE.get(code, {})
    found = known.get(plain) or known.get(plain.split("(")[0].strip())
    return found or ("join" if code == "NOT_SUPPORTED" and plain.endswith(" join") else "")


def names_of(key: str) -> tuple[str, ...]:
    """The names a remedy is for, as the page of the reasons lists them."""
    told = [names[key] for names in (_FORMS, _FUNCTIONS, _NAMES) if key in names]
    return tuple(name for names in told for name in names.split("|"))
