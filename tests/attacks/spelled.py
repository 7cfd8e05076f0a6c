"""Statements that told of one person by a form that is read as another, or by an argument nobody looked at whole."""

from __future__ import annotations

_CHOSEN = (
    "(SELECT v.national_id FROM visits v JOIN citizens d ON d.national_id = v.national_id WHERE v.visit_date ="
    " DATE '2025-12-28' OR (d.city = 'Oviedo' AND d.disease = 'HIV'))"
)


def _chained(item: str, number: int) -> str:
    """Rows of a person joined to their own, so many times."""
    first, *others = [f"{item} v{n}" for n in range(number)]
    return first + "".join(f" JOIN {other} ON v{n}.national_id = v0.national_id" for n, other in enumerate(others, 1))


_TWO = f"(SELECT v0.national_id FROM {_chained('visits', 2)})"

SPELLED: dict[str, list[str]] = {
    "one person on the far side of what everybody knows": [
        "SELECT covar_pop(income, year(birth_date)) FROM citizens"
        " WHERE year(birth_date) = 1981 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT regr_slope(income, year(birth_date)), avg(income), count(*) FROM citizens"
        " WHERE year(birth_date) = 1980 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT corr(date_diff('day', birth_date, DATE '2000-01-01'), income) FROM citizens"
        " WHERE year(birth_date) = 1983 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT regr_slope(v.cost, c.n) FROM visits v JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) c"
        " USING (national_id) WHERE v.clinic = 'Clinic Z' OR v.visit_date = DATE '2025-01-05'",
        "SELECT regr_slope(cost, date_diff('day', visit_date, DATE '2025-01-01')) FROM visits",
        "SELECT covar_pop(income + year(birth_date), income) FROM citizens",
        "SELECT sum(income * year(birth_date)) FROM citizens",
        "SELECT var_pop(income * 0.001 + 1000000 * year(birth_date)) FROM citizens",
        "SELECT stddev_pop(income + 1000 * year(birth_date)) FROM citizens",
        "SELECT var_pop(x) FROM (SELECT national_id, avg(income) + 1000 * avg(year(birth_date)) AS x FROM citizens"
        " GROUP BY 1)",
        "SELECT regr_slope(c.income, q.n) FROM citizens c JOIN (SELECT national_id, count(clinic) AS n FROM visits"
        " GROUP BY 1 HAVING count(*) = 200) q USING (national_id)",
    ],
    "one person in more rows than all others": [
        f"SELECT avg(c.income), count(*) FROM citizens c JOIN {_chained(_CHOSEN, 7)} ON c.national_id = v0.national_id",
        f"SELECT avg(c.income) FROM {_chained(_CHOSEN, 7)} JOIN citizens c ON c.national_id = v0.national_id",
        f"SELECT count(*) FROM {_chained('visits', 3)}",
        f"SELECT sum(v0.cost) FROM {_chained('visits', 3)}",
        f"SELECT count(*) FROM {_chained(_TWO, 2)}",
        f"SELECT avg(n) FROM (SELECT v0.national_id, count(*) AS n FROM {_chained('visits', 3)} GROUP BY 1) q",
        f"SELECT avg(s) FROM (SELECT c.national_id, sum(c.income) AS s FROM citizens c JOIN {_chained(_CHOSEN, 6)}"
        " ON c.national_id = v0.national_id GROUP BY 1) q",
        f"SELECT count(*) FROM (SELECT v0.national_id FROM {_chained('visits', 3)}) q",
        f"SELECT avg(q.cost) FROM (SELECT v1.cost FROM {_chained('visits', 3)}) q",
        "SELECT count(v.cost) FROM citizens c LEFT JOIN visits u ON u.national_id = c.national_id LEFT JOIN visits v"
        " ON v.national_id = c.national_id LEFT JOIN visits w ON w.national_id = c.national_id",
        "WITH p AS (SELECT a.national_id, a.cost, b.clinic FROM visits a JOIN visits b USING (national_id))"
        " SELECT avg(p.cost) FROM p JOIN p q USING (national_id)",
    ],
    "a part that is read as another without its brackets": [
        "SELECT count(nullif(year(birth_date) - 1990, TRUE IS FALSE)), count(*) FROM citizens WHERE"
        " year(birth_date) = 1991 OR year(birth_date) = 1985 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT count(nullif(year(birth_date) - 1990, 1 > 2)) FROM citizens WHERE year(birth_date) = 1991"
        " OR year(birth_date) = 1985 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT count(*) FROM citizens WHERE NOT city IS NULL || 'x'",
        "SELECT count(*) FROM citizens WHERE city IS TRUE || 'x'",
    ],
    "an error for a group that is not shown": [
        "SELECT visit_date, clinic, count(*) FROM visits c GROUP BY 1, 2 HAVING (SELECT 1 FROM provinces p WHERE"
        " c.clinic = 'Clinic Z' AND c.visit_date = DATE '2025-03-14') IS NULL",
        "SELECT clinic, count(*), (SELECT 1 FROM provinces p WHERE c.clinic = 'Clinic Y') FROM visits c GROUP BY 1",
        "SELECT clinic, ntile(CASE WHEN clinic = 'Clinic Y' THEN 0 ELSE 1 END) OVER (ORDER BY clinic) FROM visits"
        " GROUP BY 1",
        "SELECT clinic, count(*) FROM visits GROUP BY 1 HAVING (SELECT region FROM provinces) IS NULL",
    ],
    "two that are known of all but one": [
        "SELECT covar_pop(year(birth_date), date_diff('day', DATE '2024-01-01', visit_date)), count(*) FROM citizens c"
        " JOIN visits v USING (national_id) WHERE year(birth_date) = 1980 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT regr_slope(date_diff('day', DATE '2024-01-01', visit_date), year(birth_date)) FROM citizens c"
        " JOIN visits v USING (national_id) WHERE year(birth_date) = 1980 OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT covar_pop(year(birth_date), q.n), avg(q.n) FROM citizens c JOIN (SELECT national_id, count(*) AS n"
        " FROM visits GROUP BY 1) q USING (national_id) WHERE year(birth_date) = 1983"
        " OR (city = 'Oviedo' AND disease = 'HIV')",
        "SELECT var_pop(1000 * year(birth_date) + q.n) FROM citizens c JOIN (SELECT national_id, count(*) AS n"
        " FROM visits GROUP BY 1) q USING (national_id)",
        "SELECT var_pop(year(birth_date) + date_diff('day', DATE '2024-01-01', visit_date)) FROM citizens c"
        " JOIN visits v USING (national_id)",
        "SELECT var_pop(x) FROM (SELECT year(birth_date) - year(visit_date) AS x FROM citizens c"
        " JOIN visits v USING (national_id)) t",
        "SELECT stddev_pop(date_diff('day', birth_date, visit_date)) FROM citizens JOIN visits USING (national_id)",
        "SELECT var_pop(visit_date - birth_date) FROM citizens JOIN visits USING (national_id)",
        "SELECT var_pop(1000 * year(visit_date) + date_diff('day', DATE '2024-01-01', visit_date)) FROM visits",
    ],
    "a branch beside the other argument": [
        "SELECT covar_pop(CASE WHEN city IN ('City1', 'Oviedo') THEN income ELSE 0 END, income) FROM citizens",
        "SELECT regr_slope(income, coalesce(income, 0)) FROM citizens",
        "SELECT corr(v.cost, if(c.gender = 'F', c.income, 0)) FROM citizens c JOIN visits v USING (national_id)",
    ],
    "a day beyond the last one": [
        "SELECT count(visit_date + INTERVAL '106731480' DAY) FROM visits WHERE clinic = 'Clinic A'",
        "SELECT avg(visit_date - INTERVAL '106731480' DAY) FROM visits",
        "SELECT count(d) FROM (SELECT visit_date + INTERVAL '106731480' DAY AS d FROM visits)",
    ],
    "neighbours that are nobody": [
        "SELECT amanat_percentile(coalesce(income, 0), 0.5) FROM citizens",
        "SELECT amanat_percentile(coalesce(q.n, 0), 0.2) FROM citizens c LEFT JOIN"
        " (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) q USING (national_id)",
        "SELECT amanat_percentile(s, 0.5) FROM (SELECT coalesce(income, 0) AS s FROM citizens)",
        "SELECT amanat_percentile(s, 0.5) FROM (SELECT national_id, coalesce(sum(cost), 0) AS s FROM visits"
        " GROUP BY 1)",
    ],
    "a value put in for who has none, further in": [
        "SELECT sum(s) FROM (SELECT national_id, sum(coalesce(income, 0)) AS s FROM citizens GROUP BY 1)",
        "SELECT sum(n) FROM (SELECT national_id, count(income) + 1 AS n FROM citizens GROUP BY 1)",
        "SELECT sum(s) FROM (SELECT coalesce(income, 0) AS s FROM citizens ORDER BY city LIMIT 5000)",
    ],
    "a branch beside another column": [
        "SELECT sum(CASE WHEN city = 'Bahoruco' THEN 0 END + income) FROM citizens",
        "SELECT sum(income - if(city = 'Bahoruco', 1, NULL)) FROM citizens",
        "SELECT avg(-(CASE WHEN gender = 'F' THEN income ELSE 0 END) + year(birth_date)) FROM citizens",
        "SELECT sum(CAST(CASE WHEN gender = 'F' THEN income END AS DOUBLE) * income) FROM citizens",
        "SELECT sum(v.cost + nullif(c.income, 5)) FROM citizens c JOIN visits v ON v.national_id = c.national_id",
        "SELECT sum(x + income) FROM (SELECT income, CASE WHEN city = 'Oviedo' THEN 0 END AS x FROM citizens)",
        "SELECT sum(coalesce(CASE WHEN gender = 'F' THEN income END, income)) FROM citizens",
    ],
    "a text taken for a number by those whose text is one": [
        "SELECT count(TRY_CAST(city AS DOUBLE)) FROM citizens",
        "SELECT sum(CAST(city AS DOUBLE)), count(*) FROM citizens",
        "SELECT sum(CASE WHEN gender = 'F' THEN CAST(city AS DOUBLE) ELSE 0 END) FROM citizens",
        "SELECT sum(city * 1) FROM citizens",
        "SELECT avg(-city) FROM citizens",
        "SELECT sum(coalesce(city, '0') + 1) FROM citizens",
        "SELECT sum(x) FROM (SELECT CAST(city AS DOUBLE) AS x FROM citizens)",
        "SELECT count(x + 1) FROM (SELECT lower(disease) AS x FROM citizens)",
    ],
    "almost an empty probe": [
        "SELECT * FROM citizens WHERE 1 = 0 OR income > 5",
        "SELECT * FROM citizens WHERE NOT (1 = 0)",
        "SELECT income FROM citizens WHERE 1 = (SELECT 0)",
        "SELECT income FROM citizens WHERE CASE WHEN city = 'Oviedo' THEN FALSE ELSE TRUE END",
        "SELECT income FROM citizens LIMIT 5 OFFSET 0",
        "SELECT income FROM citizens UNION ALL SELECT income FROM citizens WHERE 1 = 0",
        "SELECT * FROM (SELECT income FROM citizens LIMIT 0) UNION ALL SELECT income FROM citizens",
        "WITH p AS (SELECT * FROM citizens WHERE 1 = 0) SELECT c.income FROM citizens c LEFT JOIN p"
        " ON c.national_id = p.national_id",
        "WITH p AS (SELECT * FROM citizens LIMIT 0) SELECT (SELECT count(*) FROM p), max(income) FROM citizens",
        "SELECT c.income FROM citizens c LEFT JOIN provinces p ON 1 = 0",
        "SELECT count(*) FROM (SELECT income FROM citizens LIMIT 0)",
        "SELECT count(*) FROM citizens WHERE 1 = 0",
        "SELECT 1 FROM citizens WHERE 1 = 0 HAVING count(*) = 0",
    ],
    "an empty probe of what was not granted": [
        "SELECT full_name FROM citizens LIMIT 0",
        "SELECT city FROM citizens WHERE 1 = 0 AND full_name = 'Ana Perez'",
        "SELECT * FROM (SELECT max(full_name) FROM citizens) t WHERE 1 = 0",
        "SELECT city FROM citizens c WHERE EXISTS (SELECT 1 FROM visits v WHERE v.full_name = c.city) LIMIT 0",
        "SELECT * FROM raw.citizens WHERE 1 = 0",
        "SELECT * FROM duckdb_columns() LIMIT 0",
        "SELECT __ek FROM citizens LIMIT 0",
        "SELECT c.city FROM citizens c JOIN visits v ON c.city = v.clinic LIMIT 0",
        "SELECT c.city FROM citizens c, visits v WHERE 1 = 0",
        "SELECT lpad(city, 9, 'y') FROM citizens LIMIT 0",
    ],
    "a date as a weight": [
        "SELECT sum(date_diff('day', k.d, k.e)) FROM citizens c JOIN (VALUES ('Oviedo', DATE '2000-01-01', DATE"
        " '2000-01-02'), ('City1', DATE '2001-01-01', DATE '2001-01-01')) k(city, d, e) ON k.city = c.city",
        "SELECT sum(c.birth_date - k.d) FROM citizens c JOIN (VALUES ('Oviedo', DATE '2000-01-01'), ('City1', DATE"
        " '2001-01-01')) k(city, d) ON k.city = c.city",
        "SELECT sum(x - birth_date) FROM (SELECT birth_date, CASE WHEN city = 'Oviedo' THEN DATE '2000-01-01' ELSE"
        " DATE '2000-01-02' END AS x FROM citizens) d",
        "SELECT sum(coalesce(nullif(birth_date, DATE '1990-01-01'), DATE '1800-01-01') - birth_date) FROM citizens",
        "SELECT sum(CASE WHEN b.visit_date - a.visit_date = 17 THEN 1 ELSE 0 END * a.cost) FROM visits a JOIN visits b"
        " ON a.national_id = b.national_id",
        "SELECT sum(a.cost * (b.visit_date - a.visit_date)) FROM visits a JOIN visits b"
        " ON a.national_id = b.national_id",
        "SELECT sum(date_diff('month', c.birth_date, v.visit_date)) FROM visits v JOIN citizens c USING (national_id)",
    ],
    "days of a few": [
        "SELECT sum(visit_date - DATE '2025-03-14') FROM visits WHERE clinic = 'Clinic Z'",
        "SELECT count(*) FROM visits WHERE CASE WHEN clinic = 'Clinic Z' THEN visit_date + 2000000000 >"
        " DATE '2025-01-01' END",
        "SELECT count(b.visit_date - a.visit_date) FROM visits a LEFT JOIN visits b ON a.national_id = b.national_id"
        " AND b.clinic <> 'Clinic Z'",
        "SELECT max(visit_date) - min(visit_date) FROM visits",
        "SELECT clinic, count(*) FROM visits GROUP BY clinic HAVING max(visit_date) - min(visit_date) > 100",
        "SELECT avg(d) FROM (SELECT national_id, max(visit_date) - min(visit_date) AS d FROM visits GROUP BY 1)",
        "SELECT avg(visit_date + INTERVAL 1 DAY - visit_date) FROM visits",
    ],
    "a match that only a few have": [
        "SELECT count(*) FROM citizens c SEMI JOIN visits v ON v.national_id = c.national_id AND v.clinic = 'Clinic Z'",
        "SELECT count(*) FROM citizens c SEMI JOIN visits v ON v.clinic = 'Clinic Z'",
        "SELECT count(*) FROM citizens c ANTI JOIN visits v ON v.national_id = c.national_id AND v.cost > 4999",
        "SELECT count(*) FROM citizens c SEMI JOIN visits v ON v.cost = c.income",
        "SELECT count(*) FROM citizens c ANTI JOIN citizens d ON d.city = c.city",
        "SELECT p.province FROM provinces p ANTI JOIN citizens c ON c.province = p.province AND c.disease = 'HIV'",
        "SELECT p.province FROM provinces p LEFT JOIN citizens c ON c.province = p.province AND c.disease = 'HIV'"
        " WHERE c.province IS NULL",
        "SELECT count(*) FROM citizens c SEMI JOIN (SELECT national_id FROM visits GROUP BY 1 HAVING sum(cost) >"
        " 100000) v USING (national_id)",
        "SELECT count(*) FROM citizens c SEMI JOIN (SELECT national_id FROM visits ORDER BY cost DESC LIMIT 20) v"
        " USING (national_id)",
        "SELECT * FROM citizens c SEMI JOIN visits v USING (national_id) LIMIT 5",
        "SELECT count(*) FROM citizens c SEMI JOIN visits v ON v.national_id = c.national_id AND clinic = 'Clinic A'",
    ],
    "a flag of a subquery": [
        "SELECT sum(f) FROM (SELECT CASE WHEN city = 'Oviedo' THEN 1 ELSE 0 END AS f FROM citizens) t",
        "SELECT sum(g) FROM (SELECT f * 1 AS g FROM (SELECT CASE WHEN city = 'Oviedo' THEN 1 ELSE 0 END AS f"
        " FROM citizens) t) u",
        "SELECT sum(g * 1000 + h) FROM (SELECT CASE WHEN city = 'Oviedo' THEN 1 ELSE 0 END AS g, CASE WHEN gender = 'F'"
        " THEN 1 ELSE 0 END AS h FROM citizens) u",
        "SELECT avg(g) FROM (SELECT DISTINCT CASE WHEN city = 'Oviedo' THEN 1 ELSE 0 END AS g, national_id"
        " FROM citizens) u",
        "SELECT sum(g) FROM (SELECT CASE WHEN city = 'Oviedo' THEN 1 ELSE 0 END AS g FROM citizens LIMIT 6000) u",
        "SELECT sum(g) FROM (SELECT nullif(income, 987654.32) AS g FROM citizens) u",
        "SELECT count(g) FROM (SELECT nullif(city, 'Oviedo') AS g FROM citizens) u",
        "SELECT count(g) FROM (SELECT gender, g FROM (SELECT gender, nullif(city, 'Oviedo') AS g FROM citizens) x) u",
        "SELECT count(g) FROM (SELECT CASE WHEN income > 900000 THEN 1 END AS g FROM citizens) u",
        "SELECT count_if(f) FROM (SELECT city = 'Oviedo' AS f FROM citizens) t",
        "SELECT sum(s) FROM (SELECT v.national_id, CASE WHEN v.clinic = 'Clinic Z' THEN 1 ELSE 0 END AS s"
        " FROM visits v) q JOIN citizens c ON c.national_id = q.national_id",
        "SELECT sum(CASE WHEN q.n > 100 THEN 1 ELSE 0 END) FROM (SELECT c.national_id, v.n FROM citizens c LEFT JOIN"
        " (SELECT national_id, count(*) n FROM visits GROUP BY 1) v USING (national_id)) q",
    ],
    "contrary conditions of what was chosen": [
        "SELECT avg(CASE WHEN city <> 'Oviedo' THEN 1 WHEN city = 'Oviedo' THEN 0 END) FROM citizens",
        "SELECT avg(CASE WHEN income > 900000 THEN 1 WHEN income <= 900000 THEN 0 END) FROM citizens",
        "SELECT avg(CASE WHEN nullif(city, 'Oviedo') = 'City1' THEN 1 WHEN nullif(city, 'Oviedo') <> 'City1' THEN 0"
        " END) FROM citizens",
        "SELECT avg(CASE WHEN x = 'City1' THEN 1 WHEN x <> 'City1' THEN 0 END) FROM (SELECT CASE WHEN city <> 'Oviedo'"
        " THEN city END AS x FROM citizens) t",
        "SELECT avg(CASE WHEN disease = 'flu' THEN income WHEN disease <> 'flu' THEN 0 END) FROM citizens",
        "SELECT count(nullif(city, 'Oviedo')) FROM citizens",
        "SELECT count(nullif(income, 0)) FROM citizens",
        "SELECT count(*) FROM citizens WHERE CASE WHEN city = 'Oviedo' THEN 1 ELSE NULL END = 1",
        "SELECT count(*) FROM citizens WHERE city LIKE 'Ov' || 'iedo'",
    ],
    "rows of values that name a few": [
        "SELECT count(*) FROM citizens WHERE (income, gender) > (900000, 'A')",
        "SELECT count(*) FROM citizens WHERE (gender, income) IN (('F', 987654.32), ('M', 1))",
        "SELECT count(*) FROM citizens WHERE (national_id, gender) IN (('999-0000001-1', 'F'), ('x', 'M'))",
        "SELECT count(*) FILTER (WHERE (city, disease) = ('Oviedo', 'HIV')) FROM citizens",
        "SELECT sum(CASE WHEN (city, disease) = ('Oviedo', 'HIV') THEN 1 ELSE 0 END) FROM citizens",
        "SELECT sum(((city, disease) = ('Oviedo', 'HIV'))::INT) FROM citizens",
    ],
    "a pivot of what is not granted, or of each": [
        "PIVOT citizens ON full_name IN ('Zoila Unica') USING count(*) GROUP BY gender",
        "PIVOT citizens ON income IN (987654.32) USING count(*) GROUP BY gender",
        "PIVOT citizens ON national_id IN ('999-0000001-1') USING count(*) GROUP BY gender",
        "PIVOT citizens ON gender IN ('F', 'M') USING max(income) GROUP BY disease",
        "PIVOT citizens ON gender IN ('F', 'M') USING any_value(full_name) GROUP BY disease",
        "PIVOT citizens ON gender IN ('F', 'M') USING count(*) GROUP BY national_id",
        "PIVOT citizens ON gender IN ('F', 'M') USING count(*) GROUP BY income",
        "PIVOT citizens ON gender IN ('F', 'M') USING count(*) GROUP BY __ek",
        "PIVOT citizens ON __ek IN (1, 2) USING count(*) GROUP BY gender",
        "PIVOT citizens ON gender IN ('F', 'M') USING count(*)",
        "PIVOT raw.citizens ON gender IN ('F', 'M') USING count(*) GROUP BY disease",
    ],
    "a table's name for something else": [
        "WITH provinces AS (SELECT full_name FROM citizens) SELECT full_name FROM provinces",
        "WITH provinces AS (SELECT income, city FROM citizens) SELECT income FROM provinces",
        "WITH provinces(province, population) AS (SELECT city, income FROM citizens) SELECT province, population"
        " FROM provinces",
        "WITH provinces AS (SELECT income AS population, city AS province FROM citizens) SELECT max(population)"
        " FROM provinces",
        "SELECT population FROM (SELECT income AS population FROM citizens) AS provinces",
        "WITH visits AS (SELECT * FROM citizens) SELECT full_name FROM visits",
        'SELECT * FROM "~citizens"',
    ],
    "a looked up text as a weight or twice": [
        "SELECT max(k.w) FROM citizens c JOIN (VALUES ('Oviedo', 'b'), ('City1', 'a')) k(g, w) ON c.city = k.g",
        "SELECT count(k.w) FROM citizens c LEFT JOIN (VALUES ('Oviedo', 'b')) k(g, w) ON c.city = k.g",
        "SELECT count(*) FILTER (WHERE k.w IS NULL) FROM citizens c LEFT JOIN (VALUES ('Oviedo', 'b')) k(p, w)"
        " ON k.p = c.city",
        "SELECT count(*) FROM citizens c JOIN (VALUES ('Oviedo'), ('City1'), ('City1')) k(g) ON c.city = k.g",
        "SELECT count(*) FROM visits v JOIN (VALUES ('2025-03-14'), ('2025-3-14')) k(d) ON v.visit_date = k.d",
        "SELECT count(*) FROM citizens c JOIN (VALUES ('City1'), ('City2')) k(g) ON c.city <> k.g",
        "SELECT avg(CASE WHEN k.w = 'b' THEN 1 WHEN k.w <> 'b' THEN 0 END) FROM citizens c LEFT JOIN (VALUES ('Azua',"
        " 'b'), ('Barahona', 'a'), ('Duarte', 'a'), ('La Vega', 'a'), ('Santiago', 'a'), ('Distrito', 'a'),"
        " ('Samana', 'a')) k(p, w) ON k.p = c.province",
        "SELECT count(DISTINCT k.h) FROM citizens c JOIN (VALUES ('Oviedo', 1), ('City1', 2)) k(g, h) ON c.city = k.g",
    ],
    "what only a few have, beside everybody": [
        f"SELECT {figure} FROM citizens c LEFT JOIN (SELECT national_id, count(*) n, sum(cost) s FROM visits"
        " WHERE clinic = 'Clinic Z' GROUP BY 1) v USING (national_id)"
        for figure in (
            "count(*) FILTER (WHERE v.n = 1)",
            "sum(CASE WHEN v.n IS NULL THEN 0 ELSE 1 END)",
            "count(v.n)",
            "max(v.n)",
            "sum(v.s)",
            "count(DISTINCT v.n)",
        )
    ],
    "how much each has, as a group": [
        f"SELECT {band} AS band, count(*) FROM citizens c LEFT JOIN (SELECT national_id, sum(cost) s FROM visits"
        " GROUP BY 1) v USING (national_id) GROUP BY 1"
        for band in ("v.s > 5000", "CASE WHEN v.s > 5000 THEN 'a' ELSE 'b' END", "round(v.s, -3)")
    ],
    "single rows by what orders them": [
        "SELECT gender, count(*) AS income FROM citizens GROUP BY 1 ORDER BY -income",
        "SELECT gender, count(*) AS n FROM citizens GROUP BY 1 ORDER BY upper(city)",
        "SELECT gender, max(income) AS m FROM citizens GROUP BY 1 ORDER BY -m",
        "SELECT city AS c FROM citizens ORDER BY length(c) LIMIT 1",
        "SELECT province, (SELECT max(income) FROM citizens) AS m FROM provinces ORDER BY -m",
        "(SELECT income FROM citizens) ORDER BY -income LIMIT 1",
        "SELECT avg(income) FROM ((SELECT income FROM citizens) ORDER BY income LIMIT 1)",
        "SELECT avg(income) FROM ((SELECT income FROM citizens WHERE gender = 'F') LIMIT 1)",
    ],
    "who is absent, counted by their key": [
        f"SELECT {figure} FROM (SELECT c.national_id, c.income, count(v.national_id) AS n FROM citizens c LEFT JOIN"
        " visits v ON v.national_id = c.national_id AND v.clinic = 'Clinic Z' GROUP BY ALL) WHERE "
        f"{some}"
        for figure, some in (
            ("count(*)", "n = 1"),
            ("count(*)", "n = 0"),
            ("count(*) FILTER (WHERE n > 0)", "TRUE"),
            ("sum(n)", "TRUE"),
            ("max(n)", "TRUE"),
            ("count(nullif(n, 0))", "TRUE"),
            ("sum(n * income)", "TRUE"),
            ("corr(n, income)", "TRUE"),
        )
    ],
    "years that are compared or amplified": [
        f"SELECT {figure} FROM visits v JOIN citizens c USING (national_id)"
        for figure in (
            "sum(date_diff('year', c.birth_date, v.visit_date))",
            "sum(abs(date_diff('year', v.visit_date, DATE '2025-01-01')))",
            "sum(date_diff('year', v.visit_date, DATE '2025-01-01') * 1e12)",
            "sum(v.cost * date_diff('year', c.birth_date, DATE '2025-01-01'))",
            "avg(date_diff('month', c.birth_date, DATE '2025-01-01'))",
            "avg(date_part('month', v.visit_date))",
        )
    ],
    "one person's value by the order within a group": [
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY income) FROM citizens",
        "SELECT gender, percentile_disc(1) WITHIN GROUP (ORDER BY cost) FILTER (WHERE clinic = 'Clinic A')"
        " FROM visits JOIN citizens USING (national_id) GROUP BY gender",
        "SELECT percentile_disc(0) WITHIN GROUP (ORDER BY n)"
        " FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY 1)",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY income DESC) FROM citizens",
    ],
    "who is neither yes nor no": [
        "SELECT avg((city <> 'Oviedo' OR nullif(disease, 'HIV') = 'x')::INT) FROM citizens",
        "SELECT avg(x::INT) FROM (SELECT nullif(city, 'Oviedo') = 'City1' AS x FROM citizens)",
        "SELECT sum((city = 'Oviedo' AND disease = 'HIV')::INT) FROM citizens",
        "SELECT sum(city = 'Oviedo' AND disease = 'HIV') FROM citizens",
        "SELECT sum(NOT (city = 'Oviedo' AND disease = 'HIV')) FROM citizens",
        "SELECT sum(CASE city WHEN 'Oviedo' THEN 1 ELSE 0 END) FROM citizens WHERE disease = 'HIV'",
        "SELECT sum((income > 40000)::INT) FROM citizens",
        "SELECT avg(CASE income WHEN 40000 THEN 1 ELSE 0 END) FROM citizens",
        "SELECT avg((income IS NULL)::INT) FROM citizens",
    ],
    "this year as a lever": [
        "SELECT avg(income * year(current_date)) FROM citizens",
        "SELECT avg((income - year(current_date)) * 1000000000) FROM citizens",
        "SELECT avg(income" + " - year(current_date)" * 9 + ") FROM citizens",
    ],
}
