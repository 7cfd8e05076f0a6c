"""Statements from beyond the allow-list: single rows, foreign functions, errors, files, catalogue, odd names."""

from __future__ import annotations

import random
import re
from functools import cache

import duckdb

MARK_LETTERS = re.compile("[\u13a0-\u13ff]")
COLUMNS = {
    "citizens": (
        "national_id full_name phone birth_date gender province city income disease wealth weight height points score "
        "note since seen salary diary"
    ).split(),
    "visits": "national_id visit_date clinic cost remark".split(),
    "دستمزد": "شخص شغل مبلغ کارفرما person amount employer".split(),
    "provinces": "province region population".split(),
}

FORMS = (
    "SELECT {c} FROM {t} LIMIT 5",
    "SELECT DISTINCT {c} FROM {t}",
    "SELECT {c}, count(*) FROM {t} GROUP BY {c}",
    "SELECT {g}({c}) FROM {t}",
    "SELECT {g}({c}) FROM {t} WHERE province = 'Pedernales'",
    "SELECT gender, {g}({c}) FROM {t} GROUP BY gender",
    "SELECT {f}({c}) FROM {t}",
    "SELECT {f}({c}, {n}) FROM {t} LIMIT 3",
    "SELECT sum({f}({c})) FROM {t}",
    "SELECT count(*) FROM {t} WHERE {c} > {n}",
    "SELECT count(*) FROM {t} WHERE {f}({c}) = {n}",
    "SELECT count(*) FROM {t} WHERE city = 'Oviedo' AND {c} > {n}",
    "SELECT province FROM {t} ORDER BY {c} LIMIT 1",
    "SELECT gender, count(*) FROM {t} GROUP BY gender HAVING max({c}) > {n}",
    "SELECT gender, count(*) FROM {t} GROUP BY gender ORDER BY min({c})",
    "SELECT row_number() OVER (ORDER BY {c}), {c} FROM {t}",
    "SELECT lag({c}) OVER (ORDER BY {c}) FROM {t} LIMIT 3",
    "SELECT {c}::TINYINT FROM {t}",
    "SELECT count(*) FROM {t} WHERE CAST({c} AS INTEGER) > 3",
    "SELECT sum(1 / ({c} - {n})) FROM {t}",
    "SELECT error({c}) FROM {t}",
    "SELECT CASE WHEN {c} = {n} THEN error('x' || {c}) ELSE 1 END FROM {t}",
    "SELECT (SELECT {c} FROM {t} LIMIT 1) AS x, count(*) FROM citizens",
    "SELECT count(*) FROM citizens WHERE income > (SELECT avg({c}) FROM {t})",
    "SELECT * FROM {t}",
    "SELECT {t} FROM {t} LIMIT 1",
    "SELECT COLUMNS('.*') FROM {t}",
    "SELECT * REPLACE ({f}({c}) AS {c}) FROM {t}",
    "SELECT * EXCLUDE ({c}) FROM {t}",
    "SELECT list({c}) FROM {t}",
    "SELECT struct_pack(a := {c}) FROM {t}",
    "SELECT unnest([{c}, {c}]) FROM {t}",
    "SELECT string_agg({c}, ',') FROM {t} GROUP BY gender",
    "SELECT sum(income) FROM citizens WHERE national_id IN (SELECT national_id FROM visits WHERE clinic = 'Clinic Z')",
    "SELECT a.{c}, b.n FROM {t} a JOIN (SELECT count(*) n FROM citizens) b ON TRUE",
    "SELECT {c} FROM {t} UNION ALL SELECT province FROM provinces",
    "SELECT province FROM provinces UNION SELECT {c}::VARCHAR FROM {t}",
    "SELECT p.province, (SELECT {g}(c.{c}) FROM citizens c WHERE c.province = p.province) FROM provinces p",
    "SELECT x.* FROM provinces p, LATERAL (SELECT {c} FROM {t} LIMIT 1) x",
    "PIVOT {t} ON gender USING {g}({c})",
    "UNPIVOT (SELECT {c} FROM {t}) ON {c}",
    "SELECT {c} FROM {t} USING SAMPLE 3 ROWS",
    "SELECT {c} FROM {t} TABLESAMPLE 50%",
    "SELECT {g}({c}) FROM {t} QUALIFY row_number() OVER () = 1",
    "SELECT count(*) FROM {t} GROUP BY ROLLUP ({c})",
    "SELECT {c} FROM {t} GROUP BY GROUPING SETS (({c}), ())",
    "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n, {c} FROM r, {t}",
    "FROM {t} SELECT {c}",
    "FROM {t}",
    "TABLE {t}",
    "DESCRIBE {t}",
    "SUMMARIZE {t}",
    "SHOW ALL TABLES",
    "EXPLAIN ANALYZE SELECT {c} FROM {t}",
    "PRAGMA table_info('{t}')",
    "SELECT * FROM {x}()",
    "SELECT * FROM {x}('t1')",
    "SELECT {x}('t1', 1)",
    "SELECT stats({c}) FROM {t} LIMIT 1",
    "SELECT * FROM information_schema.columns",
    "SELECT * FROM main.t1",
    "SELECT * FROM published.main.t1 LIMIT 2",
    "SELECT __ek FROM {t}",
    "SELECT sum(__ek) FROM citizens",
    "SELECT rowid, {c} FROM {t}",
    "SELECT #1 FROM {t}",
    "COPY (SELECT {c} FROM {t}) TO '/dev/stdout'",
    "WITH x AS (COPY (SELECT {c} FROM {t}) TO 'x') SELECT 1",
    "ATTACH 'x.db'; SELECT {c} FROM {t}",
    "SELECT 1; SELECT {c} FROM {t}",
    "SET VARIABLE a = (SELECT {c} FROM {t} LIMIT 1); SELECT getvariable('a')",
    "SELECT query('SELECT {c} FROM {t}')",
    "SELECT * FROM query_table('{t}')",
    "PREPARE p AS SELECT {c} FROM {t}",
    "CREATE TEMP TABLE z AS SELECT {c} FROM {t}",
    'SELECT "{c}" AS "Name" FROM "{t}"',
    "SELECT c.{c}\u200b FROM {t} c",
    "SELECT \u202e{c} FROM {t}",
    "SELECT {c} /* all */ FROM -- rows\n {t}",
    "SELECT {t}.{c} FROM {t}, {t} AS z",
    "SELECT {c} AS n FROM {t} WHERE n > 3",
    "SELECT count(*) AS {c} FROM {t} ORDER BY {c}",
    "SELECT avg({c}) OVER (PARTITION BY national_id) FROM {t}",
    "SELECT sum({c}) FILTER (WHERE national_id = 1) FROM {t}",
    "SELECT arg_max(full_name, {c}) FROM {t}",
    "SELECT count(*) FROM {t} WHERE {c} LIKE 'ᎠᎡ%'",
    "SELECT avg({c}) FROM {t} WHERE city = 'ᎡᏃᎼᏛᏇ'",
    "VALUES ((SELECT {c} FROM {t} LIMIT 1))",
    "SELECT amanat_percentile({c}, 0.5) FROM {t}",
    "SELECT quantile_cont({c}, 0.5), median({c}), mode({c}) FROM {t}",
)


def statement(chance: random.Random) -> str:
    table = chance.choice(tuple(COLUMNS))
    form = chance.choice(FORMS)
    scalars, aggregates, tables = functions()
    return form.format(
        t=chance.choice((table, "citizens")),
        c=chance.choice(COLUMNS[chance.choice((table, "citizens"))]),
        f=chance.choice(scalars),
        g=chance.choice(aggregates),
        x=chance.choice(tables),
        n=chance.choice(("0", "1000", "500000000000000", "'a'", "NULL")),
    )


@cache
def functions() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Every scalar, aggregate and table function of the engine at hand: a new release brings its own."""
    found = duckdb.connect().execute(
        "SELECT DISTINCT function_type, function_name FROM duckdb_functions() "
        "WHERE regexp_matches(function_name, '^[a-z_0-9]+$') ORDER BY ALL"
    )
    by_type: dict[str, list[str]] = {}
    for kind, name in found.fetchall():
        by_type.setdefault(kind, []).append(name)
    return tuple(by_type["scalar"]), tuple(by_type["aggregate"]), tuple(by_type["table"])
