"""Statements that once told something of one person, by the way they went. Each must be refused or tell nothing."""

from __future__ import annotations

from tests.attacks.spelled import SPELLED
from tests.attacks.within import WITHIN

ONE = "c.city = 'Oviedo' AND c.disease = 'HIV'"
BIG = "442721857769029238784"

_DOUBLED = ", ".join(f"a{n} + a{n} AS a{n + 1}" for n in range(40))
_CUBES = "provinces"
_QUERIES = "SELECT population AS x FROM provinces"
for _n in range(30):
    _CUBES = f"(SELECT region, province, population, 1 AS x FROM {_CUBES} t GROUP BY CUBE (1, 2, 3, 4))"
    _QUERIES = f"SELECT greatest(x, x) AS x FROM ({_QUERIES}) t"

WAYS: dict[str, list[str]] = SPELLED | {
    "a few words that grow without end": [
        f"SELECT 1 AS a0, {_DOUBLED}",
        f"SELECT count(*) FROM citizens WHERE income > (SELECT 1 AS a0, {_DOUBLED})",
        f"SELECT count(*) FROM {_CUBES} z",
        "SELECT count(*) FROM provinces GROUP BY " + ", ".join(["CUBE (region, province, population)"] * 30),
        f"SELECT count(x) FROM ({_QUERIES}) t",
        "SELECT count(*) FROM provinces p " + " ".join(f"JOIN provinces p{n} USING (province)" for n in range(300)),
        "SELECT -('NaN'::DOUBLE)",
    ],
    "windows of people before DISTINCT": [
        "SELECT DISTINCT city FROM citizens QUALIFY count(*) OVER (PARTITION BY city) = 2",
        "SELECT DISTINCT city, count(*) OVER (PARTITION BY city) FROM citizens",
        "SELECT DISTINCT gender FROM citizens QUALIFY count(*) FILTER (WHERE city = 'Oviedo') OVER () = 2",
    ],
    "an interval hides what is in it": [
        "WITH x AS (SELECT national_id, income, city FROM citizens) SELECT t.i, INTERVAL (SELECT x.income FROM x WHERE"
        " x.national_id = t.i) SECOND a FROM (SELECT 1 i UNION ALL SELECT 2) t WHERE (SELECT count(*) FROM x) > 0",
        "SELECT count(*), INTERVAL (SELECT max(x.income) FROM citizens x WHERE x.city = 'Oviedo') SECOND FROM citizens",
        "SELECT count(*) FROM citizens WHERE DATE '2020-01-01' + INTERVAL (income) SECOND > DATE '2020-01-05'",
    ],
    "an aggregate of a column further out": [
        "SELECT count(*), (SELECT sum(CASE WHEN c.city = 'Oviedo' AND c.disease = 'HIV' THEN c.income ELSE 0 END))"
        " FROM citizens c",
        "SELECT gender, (SELECT avg(CASE WHEN c.city = 'Oviedo' THEN c.income END)) FROM citizens c GROUP BY 1",
    ],
    "a released item as a weight": [
        "SELECT sum(c.income * t.w) FROM citizens c JOIN (VALUES ('Oviedo', 1), ('City1', 0)) t(city, w)"
        " ON c.city = t.city",
        "SELECT sum(t.w) FROM citizens c JOIN (VALUES ('Oviedo', 1), ('City1', 0)) t(city, w) ON c.city = t.city",
        "SELECT count(t.x) FROM citizens c LEFT JOIN (SELECT 'Oviedo' x) t ON c.city = t.x",
    ],
    "rows multiplied by a condition": [
        "SELECT count(*) FROM citizens c CROSS JOIN provinces p WHERE c.city = 'Oviedo' OR p.province = 'Azua'",
        "SELECT count(*) FROM citizens c, (VALUES (1), (2), (3)) t(w) WHERE c.city = 'Oviedo' OR t.w = 1",
        "SELECT avg(t.w) FROM citizens c, (VALUES (0), (1)) t(w) WHERE c.city = 'Oviedo' OR t.w = 0",
        "SELECT count(*) FROM (SELECT city, 1 AS one FROM citizens) c JOIN (SELECT clinic, 1 AS one FROM visits) v"
        " ON c.one = v.one WHERE c.city = 'Oviedo' OR v.clinic = 'Clinic Z'",
        "SELECT count(*) FROM citizens a JOIN provinces p ON a.province = p.province JOIN citizens b"
        " ON b.province = p.province WHERE a.city = 'Oviedo' OR b.city = 'City1'",
    ],
    "a few by another way of writing": [
        "SELECT sum((city = 'Oviedo')::INT) FROM citizens",
        "SELECT avg((city <> 'Oviedo')::INT) FROM citizens",
        "SELECT sum((nullif(city, 'Oviedo') <> 'x')::INT), count(*) FROM citizens",
        "SELECT avg((nullif(city, 'Oviedo') <> 'x')::INT) FROM citizens",
        "SELECT sum((income > 900000)::INT) FROM citizens",
        "SELECT sum((city = 'Oviedo' AND disease = 'HIV')::INT) FROM citizens",
        "SELECT sum(CASE WHEN nullif(city, 'Oviedo') <> 'x' THEN 1 WHEN NOT (nullif(city, 'Oviedo') <> 'x') THEN 0 END)"
        " FROM citizens",
        "SELECT avg((x = 'City1')::INT) FROM (SELECT nullif(city, 'Oviedo') AS x FROM citizens)",
        "SELECT avg((d.gender = 'F')::INT) FROM citizens c LEFT JOIN citizens d ON c.national_id = d.national_id"
        " AND d.city <> 'Oviedo'",
        "SELECT count(DISTINCT CASE WHEN city = 'Oviedo' THEN national_id END) FROM citizens",
        "SELECT count(DISTINCT CASE WHEN city <> 'Oviedo' THEN national_id END) FROM citizens",
        "SELECT count(DISTINCT CASE WHEN income > 900000 THEN national_id END) FROM citizens",
        "SELECT any_value(income) FROM citizens",
        "SELECT any_value(full_name) FROM citizens",
        "SELECT any_value(disease ORDER BY income DESC) FROM citizens",
        "SELECT dense_rank() OVER (ORDER BY income) FROM citizens",
        "SELECT ntile(5032) OVER (ORDER BY income) FROM citizens",
        "SELECT trunc(income) FROM citizens",
        "SELECT sum(trunc(income, -5)) FROM citizens",
        "SELECT epoch(birth_date), income FROM citizens FETCH FIRST 1 ROW ONLY",
        "SELECT national_id FROM visits FETCH FIRST 1 ROW ONLY",
    ],
    "open values that tell who is in a group": [
        "SELECT min(population) FROM citizens JOIN provinces USING (province) WHERE disease = 'HIV'",
        "SELECT disease, min(population) FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT disease, max(region) FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT disease, any_value(region) FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT disease, count(DISTINCT region) FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT disease, bool_or(region = 'South') FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT disease, mode(population) FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT disease, median(population) FROM citizens JOIN provinces USING (province) GROUP BY disease",
        "SELECT city, sum(population) FROM citizens JOIN provinces USING (province) GROUP BY city",
        "SELECT city, avg(population), stddev_samp(population) FROM citizens JOIN provinces USING (province)"
        " GROUP BY city",
        "SELECT c.disease, max(g.n) FROM citizens c JOIN (SELECT province, count(*) AS n FROM citizens GROUP BY"
        " province) g ON c.province = g.province GROUP BY c.disease",
        "SELECT c.disease, max(t.n) FROM citizens c JOIN (VALUES ('F', 1), ('M', 2)) t(g, n) ON c.gender = t.g"
        " GROUP BY c.disease",
        "SELECT disease, min(n) FROM (SELECT c.disease, p.population AS n FROM citizens c JOIN provinces p"
        " USING (province)) GROUP BY disease",
        "SELECT gender FROM citizens JOIN provinces USING (province) GROUP BY gender HAVING min(population) = 31587",
        "SELECT gender FROM citizens JOIN provinces USING (province) GROUP BY gender ORDER BY min(population)",
    ],
    "open values behind a measure, and per person": [
        "SELECT disease, sum(x) FROM (SELECT c.disease, p.population + c.income * 0 AS x FROM citizens c"
        " JOIN provinces p USING (province)) GROUP BY disease",
        "SELECT disease, sum(m) FROM (SELECT c.national_id, c.disease, avg(p.population) AS m FROM citizens c"
        " JOIN provinces p USING (province) GROUP BY c.national_id, c.disease) GROUP BY disease",
        "SELECT p.province, length(string_agg(p.region, ',')) FROM citizens c JOIN provinces p USING (province)"
        " GROUP BY p.province",
        "SELECT sum(m) FROM (SELECT c.national_id, p.population AS m FROM citizens c JOIN provinces p USING (province)"
        " GROUP BY c.national_id, p.population)",
    ],
    "rows of nobody say that there is nobody": [
        f"SELECT p.region, count(*), count(c.gender) FROM provinces p LEFT JOIN citizens c ON c.province = p.province"
        f" AND (c.province <> 'Pedernales' OR ({ONE})) GROUP BY p.region",
        "SELECT count(*), count(c.gender) FROM (SELECT city, count(*) AS n FROM citizens GROUP BY city) g"
        " LEFT JOIN citizens c ON c.city = g.city AND (c.city <> 'City1' OR c.disease = 'HIV')",
        "SELECT region, count(*) FROM (SELECT p.region, c.gender FROM provinces p LEFT JOIN citizens c"
        " ON c.province = p.province AND (c.province <> 'Pedernales' OR c.disease = 'HIV')) GROUP BY region",
    ],
    "an outer join as a FILTER whose complement nobody counts": [
        "SELECT disease, count(*), count(p.population) FROM citizens c LEFT JOIN provinces p"
        " ON c.province = p.province AND p.province <> 'Pedernales' GROUP BY disease",
        "SELECT disease, count(p.population) FROM citizens c LEFT JOIN (SELECT * FROM provinces"
        " WHERE province <> 'Pedernales') p ON c.province = p.province GROUP BY disease",
        "SELECT disease, count(p.population) FROM (SELECT disease, nullif(province, 'Pedernales') AS x FROM citizens) c"
        " LEFT JOIN provinces p ON c.x = p.province GROUP BY disease",
        "SELECT sum(x) FROM (SELECT coalesce(d.income, 1000000) AS x FROM citizens c LEFT JOIN citizens d"
        " ON c.national_id = d.national_id AND NOT (d.city = 'Oviedo' AND d.disease = 'HIV'))",
    ],
    "one person's figure picked out of all": [
        "SELECT max(n) FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY national_id)",
        "SELECT string_agg(n, ',') FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY national_id)",
        "SELECT mode(n), median(n) FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY national_id)",
        "SELECT c.gender, max(q.n) FROM citizens c JOIN (SELECT national_id, sum(1) AS n FROM visits"
        " GROUP BY national_id) q USING (national_id) GROUP BY c.gender",
    ],
    "a series as a weight": [
        "SELECT count(*) FROM citizens c, range(3) g(n) WHERE c.city = 'Oviedo' OR g.n = 1",
        "SELECT sum(g.n) FROM range(3) g(n) JOIN citizens c ON c.city = 'Oviedo' OR g.n = 1",
        "SELECT g.n, sum(g.n) FROM range(3) g(n) JOIN citizens c ON c.city <> 'Oviedo' OR g.n < 2 GROUP BY g.n",
        "SELECT g.n, sum(c.income * g.n) FROM range(3) g(n) JOIN citizens c ON c.gender = 'F' OR g.n < 2 GROUP BY g.n",
        f"SELECT count(*) FROM range(9) g(n) LEFT JOIN citizens c ON {ONE} AND g.n < 2",
        f"SELECT c.gender, count(*) FROM range(9) g(n) LEFT JOIN citizens c ON ({ONE}) OR g.n = 1 GROUP BY c.gender",
        f"SELECT count(*) FROM citizens c LEFT JOIN unnest([1, 2, 3]) g(n) ON {ONE}",
        f"SELECT g.n, count(*) FROM citizens c LEFT JOIN range(3) g(n) ON {ONE} AND g.n < 9 GROUP BY g.n",
        f"SELECT g.n, count(*) FROM citizens c FULL JOIN range(3) g(n) ON {ONE} AND g.n < 9 GROUP BY g.n",
        "SELECT g.n, count(*) FROM range(2) g(n), range(3) h(n), citizens c WHERE c.city = 'Oviedo' OR h.n = 1"
        " GROUP BY g.n",
        "SELECT t.x, count(*) FROM (VALUES (1, 'F'), (1, 'M'), (1, 'M')) t(x, s) JOIN citizens c ON c.gender = t.s"
        " GROUP BY t.x",
        "SELECT t.x, count(*) FROM (VALUES (1.0), (1), (2)) t(x) JOIN citizens c ON c.gender = 'F' OR t.x = 2"
        " GROUP BY t.x",
        "SELECT t.x, count(*) FROM (SELECT unnest([1, 1, 2]) AS x) t JOIN citizens c ON c.gender = 'F' OR t.x = 2"
        " GROUP BY t.x",
        "SELECT g.d::DATE, count(*) FROM range(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-03', INTERVAL 6 HOUR) g(d)"
        " JOIN visits v ON v.visit_date < g.d OR v.clinic = 'Clinic Z' GROUP BY 1",
        "SELECT who, count(*) FROM (SELECT g.n, v.national_id AS who, count(*) AS m FROM range(3) g(n) JOIN visits v"
        " ON v.clinic = 'Clinic Z' OR g.n = 1 GROUP BY g.n, v.national_id) q GROUP BY who",
        "SELECT m, count(*) FROM (SELECT v.national_id, count(*) AS m FROM range(3) g(n) JOIN visits v"
        " ON v.clinic = 'Clinic Z' OR g.n = 1 GROUP BY v.national_id) q GROUP BY m",
    ],
    "a series whose rows the statement does not say": [
        "SELECT 1 FROM citizens c, range(c.income::BIGINT)",
        "SELECT * FROM range((SELECT count(*) FROM citizens WHERE city = 'Oviedo'))",
        "SELECT unnest(range((SELECT count(*) FROM citizens WHERE city = 'Oviedo')))",
        "SELECT unnest([income]) FROM citizens",
        "SELECT unnest([(SELECT min(income) FROM citizens)])",
        "SELECT * FROM unnest([1, (SELECT max(income) FROM citizens)]) t(x)",
        "SELECT range(3), count(*) FROM citizens",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < (SELECT count(*) FROM citizens"
        " WHERE city = 'Oviedo')) SELECT x FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + (SELECT 1 FROM citizens LIMIT 1) FROM r WHERE x < 9)"
        " SELECT x FROM r",
        "WITH RECURSIVE r(x) AS (SELECT (SELECT min(income) FROM citizens) UNION ALL SELECT x + 1 FROM r WHERE x < 9)"
        " SELECT x FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r, citizens WHERE x < 9) SELECT x FROM r",
    ],
    "a series that has no end, or a far one": [
        "SELECT count(*) FROM range(500000000)",
        "SELECT count(*) FROM range(1, 9, 0)",
        "SELECT count(*) FROM range(9, 1, -1)",
        "SELECT count(*) FROM generate_series(1, 999999999999999999, 1)",
        "SELECT count(*) FROM range(9000) a, range(9000) b",
        "WITH s AS (SELECT unnest(range(5000)) AS x) SELECT count(*) FROM s a, s b, s c",
        "SELECT count(*) FROM generate_series(DATE '1000-01-01', DATE '2999-01-01', INTERVAL 1 DAY)",
        "SELECT count(*) FROM generate_series(DATE '2024-01-01', DATE '2025-01-01', INTERVAL 0 DAY)",
        "SELECT count(*) FROM generate_series(DATE '2024-01-01', DATE '2025-01-01', INTERVAL 1 MICROSECOND)",
        "SELECT count(*) FROM generate_series(DATE '2024-01-01', DATE '2025-01-01', INTERVAL 999999 YEAR)",
        "SELECT count(*) FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP 'infinity', INTERVAL 1 DAY)",
        "SELECT count(*) FROM unnest(range(500000000)) t(x)",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x > 0) SELECT count(*) FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 1000000) SELECT count(*) FROM r",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 0 FROM r WHERE x < 9) SELECT count(*) FROM r",
    ],
    "a transformed open column": [
        "SELECT sum((p.province = 'Pedernales')::INT) FROM citizens c JOIN provinces p ON c.province = p.province",
        "SELECT sum(coalesce(p.population, 0)) FROM citizens c LEFT JOIN provinces p ON c.province = p.province"
        " AND c.city = 'Oviedo' AND c.disease = 'HIV'",
        "SELECT count(p.population) FROM citizens c LEFT JOIN provinces p ON c.province = p.province"
        " AND c.city = 'Oviedo'",
    ],
    "branches that cut each other": [
        "SELECT sum(CASE WHEN city IN ('Oviedo', 'City1') THEN CASE WHEN city IN ('Oviedo', 'City2') THEN income"
        " ELSE 0 END ELSE 0 END) FROM citizens",
        "SELECT sum(income * CASE WHEN city IN ('Oviedo', 'City1') THEN 1 ELSE 0 END"
        " * CASE WHEN city IN ('Oviedo', 'City2') THEN 1 ELSE 0 END) FROM citizens",
        "SELECT sum(CASE WHEN city IN ('Oviedo', 'City1') THEN income ELSE 0 END"
        " - CASE WHEN city = 'City1' THEN income ELSE 0 END) FROM citizens",
        "SELECT covar_pop(CASE WHEN city IN ('Oviedo', 'City1') THEN income END,"
        " CASE WHEN city IN ('Oviedo', 'City2') THEN income END) FROM citizens",
    ],
    "a set asked by key as a number": [
        "SELECT sum((c.national_id IN (SELECT v.national_id FROM visits v WHERE v.clinic = 'Clinic Z'))::INT)"
        " FROM citizens c",
    ],
    "a lookup that may be false ties nobody": [
        f"SELECT count(*) FROM citizens d WHERE EXISTS (SELECT d.national_id IN (SELECT c.national_id) FROM citizens c"
        f" WHERE {ONE})",
        f"SELECT count(*) FROM citizens d WHERE EXISTS (SELECT 1 FROM citizens c WHERE {ONE}"
        " AND (d.gender <> 'X' OR d.national_id IN (SELECT c.national_id)))",
        f"SELECT count(*) FROM citizens d WHERE EXISTS (SELECT 1 FROM citizens c WHERE {ONE}"
        " AND NOT d.national_id IN (SELECT c.national_id))",
        f"SELECT count(*) FROM citizens d WHERE EXISTS (SELECT 1 FROM citizens c WHERE {ONE}"
        " AND (d.gender <> 'X' OR c.national_id IN (SELECT e.national_id FROM citizens e"
        " WHERE e.national_id = d.national_id)))",
        f"SELECT count(*) FROM citizens d WHERE d.national_id IN (SELECT d.national_id FROM citizens c WHERE {ONE})",
        f"SELECT count(*) FILTER (WHERE EXISTS (SELECT coalesce(d.national_id IN (SELECT c.national_id), TRUE)"
        f" FROM citizens c WHERE {ONE})) FROM citizens d",
    ],
    "distinct values tell who is there": [
        "SELECT count(DISTINCT CASE WHEN city = 'Oviedo' AND disease = 'HIV' THEN 1 ELSE 0 END) FROM citizens",
        "SELECT count(DISTINCT clinic) FROM visits WHERE clinic = 'Clinic A' OR clinic = 'Clinic Z'",
        "SELECT count(DISTINCT n) FROM (SELECT national_id, count(*) FILTER (WHERE clinic = 'Clinic Z') AS n"
        " FROM visits GROUP BY national_id)",
    ],
    "errors before the count": [
        "SELECT count(*) FROM citizens WHERE city = 'Oviedo' AND gender = 'F' HAVING sum(income * 1e30) > 0",
    ],
    "floating point is not affine": [
        f"SELECT sum((income::DOUBLE + {BIG}) - {BIG}) / 65536 FROM citizens WHERE city = 'City1'",
        "SELECT sum((income::DOUBLE - 77476) / 0) FROM citizens WHERE city = 'City1'",
        "SELECT sum((income::DOUBLE - 77476) / (1 - 1)) FROM citizens WHERE city = 'City1'",
    ],
    "one name for two columns": [
        "SELECT count(*) FROM (SELECT income AS a, city AS a FROM citizens) q WHERE q.a > 50000",
        "WITH q AS (SELECT income AS a, city AS A FROM citizens) SELECT q.a, count(*) FROM q GROUP BY q.a",
        "WITH x AS (SELECT city, income FROM citizens) SELECT count(*) FROM x AS t(income, city) WHERE t.city > 50000",
    ],
    "a NULL test of something made": [
        "SELECT avg(income) FROM (SELECT CASE WHEN national_id % 460 = 7 THEN 1 END y, income FROM citizens) q"
        " WHERE y IS NOT NULL",
    ],
    "two references taken for one": [
        "WITH c AS (SELECT national_id, city FROM citizens), v AS (SELECT national_id, clinic, visit_date FROM visits)"
        " SELECT count(*) FROM c JOIN v ON c.national_id = v.national_id WHERE EXISTS (SELECT 1 FROM v w WHERE"
        " w.clinic = 'Clinic Z' AND w.visit_date = DATE '2025-03-14')",
        "WITH c AS (SELECT city, income, national_id FROM citizens) SELECT count(*) FROM c, c d"
        " WHERE c.city = 'Oviedo' OR d.city = 'Oviedo'",
        "WITH x AS (SELECT national_id, city, disease, gender, income FROM citizens) SELECT sum(a.income * (SELECT"
        " (count(*) - 2524) / 2508 FROM x b WHERE b.gender = 'F' OR EXISTS (SELECT 1 FROM (SELECT 1 o) p WHERE p.o = 1"
        " AND a.city = 'Oviedo'))) FROM x a",
    ],
    "what an outer join pads as a weight": [
        f"SELECT sum(c.income * coalesce(t.x, 1)) FROM citizens c LEFT JOIN (SELECT 0 AS x) t ON NOT ({ONE})",
        f"SELECT sum(coalesce(p.population * 0, 1)) FROM citizens c LEFT JOIN provinces p ON c.province = p.province"
        f" AND NOT ({ONE})",
        f"SELECT sum(c.income + t.x + u.x) FROM citizens c LEFT JOIN (SELECT 0 AS x) t ON c.city = 'City1' OR ({ONE})"
        " LEFT JOIN (SELECT 0 AS x) u ON c.city IN ('City2', 'Oviedo')",
        "SELECT sum(t.x * CASE WHEN c.city IN ('City1', 'Oviedo') THEN 1 ELSE 0 END) FROM citizens c"
        " LEFT JOIN (SELECT 1 AS x) t ON c.city IN ('City2', 'Oviedo')",
        "SELECT sum(1 - q.n) FROM (SELECT c.national_id, count(d.gender) n FROM citizens c LEFT JOIN citizens d"
        " ON c.national_id = d.national_id AND NOT (d.city = 'Oviedo' AND d.disease = 'HIV') GROUP BY c.national_id) q",
        "SELECT sum(c.income * coalesce(t.x, 1)) FROM citizens c LEFT JOIN (SELECT 'Oviedo' AS city, 0 AS x) t"
        " ON c.city = t.city",
    ],
    "items that fix each other and nothing else": [
        "SELECT count(*) FROM citizens c, (SELECT gender, count(*) n FROM citizens GROUP BY gender) g, (SELECT gender,"
        f" count(*) n FROM citizens GROUP BY gender) h WHERE g.gender = h.gender AND (({ONE}) OR g.gender = 'F')",
        f"SELECT count(*) FROM citizens c, provinces p, provinces q WHERE p.province = q.province AND (({ONE})"
        " OR p.province = 'Azua')",
        "SELECT count(*) FROM provinces p CROSS JOIN citizens c LEFT JOIN (SELECT 1 AS x) t ON c.province = p.province"
        f" WHERE ({ONE}) OR p.province = 'Azua'",
        "SELECT count(*) FROM citizens c CROSS JOIN citizens b LEFT JOIN (SELECT 1 AS x) t"
        f" ON c.national_id = b.national_id WHERE ({ONE}) OR b.city = 'City1'",
        "SELECT count(*) FROM (SELECT 1 AS one, city, disease FROM citizens) c JOIN (SELECT CASE WHEN gender = 'F'"
        " THEN '1' ELSE '01' END AS k, count(*) AS n FROM citizens GROUP BY 1) g ON c.one = g.k"
        f" WHERE ({ONE}) OR g.k = '1'",
    ],
    "a tie told where it does not hold": [
        "SELECT count(*) FROM citizens c WHERE EXISTS (SELECT 1 FROM citizens d CROSS JOIN visits v LEFT JOIN"
        " (SELECT 1 AS o) t ON v.national_id = d.national_id WHERE d.national_id = c.national_id"
        " AND v.clinic = 'Clinic Z' AND v.visit_date = DATE '2025-03-14' AND (1 = 1 OR EXISTS (SELECT 1 FROM"
        " (SELECT 1 AS o) u WHERE v.national_id = d.national_id)))",
    ],
    "a constant that is not seen": [
        "SELECT sum((income + pow(2, 72)) - pow(2, 72)) FROM citizens WHERE city IN ('Oviedo', 'City1')",
        "SELECT sum((income + CAST('4722366482869645213696' AS DOUBLE)) - CAST('4722366482869645213696' AS DOUBLE))"
        " FROM citizens",
        "SELECT sum((c.income + t.x) - t.x) FROM citizens c, (SELECT pow(2, 72) AS x) t",
        "SELECT sum(t.a - 1e6) FROM (SELECT income / 1000000 + 1000000 AS a FROM citizens) t",
        "SELECT sum(CAST(income / 10000 / 10000 + 100000 AS FLOAT) - 100000) FROM citizens",
        "SELECT sum((income / 1000000 / 10000 / 1000000 * 1 + 1000000) - 1000000) FROM citizens",
        "SELECT var_pop(income * pow(10, 150)) FROM citizens",
    ],
    "a coarse unit as a comparison": [
        "SELECT city, sum(date_diff('century', DATE '1999-12-31', birth_date)) FROM citizens GROUP BY 1",
    ],
    "a window over groups of one person each": [
        "WITH t AS (SELECT national_id, count(*) OVER () AS w FROM visits WHERE clinic IN ('Clinic A', 'Clinic Z') "
        "GROUP BY national_id) SELECT w, count(*) FROM t GROUP BY w",
        "WITH t AS (SELECT national_id, row_number() OVER () AS w FROM visits GROUP BY national_id) "
        "SELECT count(*) FROM t WHERE w > 5",
        "WITH t AS (SELECT national_id, lag(count(*)) OVER w AS n FROM visits GROUP BY national_id "
        "WINDOW w AS (ORDER BY count(*))) SELECT n, count(*) FROM t GROUP BY n",
        "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits GROUP BY national_id "
        "QUALIFY row_number() OVER (ORDER BY count(*)) < 10)",
    ],
    "the group of everybody an outer join found nothing for": [
        "WITH t AS (SELECT v.national_id, count(*) AS n FROM citizens c LEFT JOIN visits v "
        "ON c.national_id = v.national_id AND v.clinic = 'Clinic Z' GROUP BY v.national_id) "
        "SELECT n, count(*) FROM t GROUP BY n",
    ],
    "a text that grows for one person": [
        "WITH a AS (SELECT clinic || clinic AS c FROM visits), b AS (SELECT c || c AS c FROM a), "
        "d AS (SELECT c || c || c || c AS c FROM b), e AS (SELECT c || c || c || c AS c FROM d) "
        "SELECT count(*) FROM e WHERE length(c) > 0",
        f"SELECT count(*) FROM visits WHERE clinic = 'Clinic Z' AND length(replace(clinic, 'C', '{'C' * 900}')) > 0",
        "SELECT count(*) FROM visits WHERE length(replace(clinic, 'C', clinic || clinic)) > 0",
    ],
    "a conversion that only some numbers survive": [
        f"SELECT count(*) FROM visits WHERE CASE WHEN clinic = 'Clinic Z' THEN year(visit_date) < 0.{'0' * 36}1 END",
        f"SELECT count(*) FROM visits WHERE year(visit_date) IN (0.{'0' * 36}1)",
        f"SELECT year(visit_date) = 0.{'0' * 36}1 AS x, count(*) FROM visits GROUP BY 1",
    ],
    "a conversion that there is not, for whoever needs it": [
        "SELECT count(*) FROM visits WHERE CASE WHEN clinic = 'Clinic Z' THEN visit_date = day(visit_date) END",
        "SELECT clinic, count(*) FROM visits WHERE CASE WHEN clinic = 'Clinic Z' THEN visit_date = 1 ELSE TRUE END"
        " GROUP BY clinic",
        "SELECT g.n, count(*) FROM range(3) g(n) LEFT JOIN visits v ON v.clinic = 'Clinic Z' AND v.visit_date = g.n"
        " GROUP BY g.n",
        "SELECT g.n, q.n FROM range(3) g(n) LEFT JOIN (SELECT max(n) AS n, m FROM (SELECT visit_date AS m,"
        " count(*) AS n FROM visits WHERE clinic = 'Clinic Z' GROUP BY 1) GROUP BY m) q ON q.m = g.n",
        "SELECT count(*) FROM citizens WHERE CASE WHEN city = 'Oviedo' THEN birth_date > income END",
    ],
    "a pattern that fails for one person": [
        "SELECT count(*) FROM visits WHERE CASE WHEN clinic = 'Clinic Z' THEN clinic LIKE 'Clinic Z\\' ESCAPE '\\' END",
        "SELECT count(*) FROM visits WHERE clinic NOT ILIKE 'Clinic$$$' ESCAPE '$'",
        "SELECT count(*) FROM visits WHERE clinic LIKE 'Clinic' ESCAPE 'ab'",
    ],
    "arguments that fail for one person": [
        "SELECT count(*) FROM citizens WHERE city LIKE CASE WHEN disease = 'HIV' THEN 'O$' ELSE 'a' END ESCAPE '$'",
        "SELECT count(*) FROM citizens WHERE date_part(CASE WHEN disease = 'HIV' THEN 'xx' ELSE 'year' END,"
        " birth_date) > 0",
        "SELECT count(*) FROM citizens WHERE CASE WHEN city = 'Oviedo' AND disease = 'HIV' THEN 'x' ELSE '1' END = 1",
        "SELECT count(*) FROM citizens WHERE (CASE WHEN disease = 'HIV' THEN 'x' ELSE 'true' END) AND TRUE",
    ],
}
WAYS |= WITHIN

SAME: dict[str, list[str]] = {
    "a column that was not granted and one that is not there, in an aggregate": [
        "SELECT avg(full_name) FROM citizens",
        "SELECT avg(nothing_like_it) FROM citizens",
        "SELECT sum(income + nothing_like_it) FROM citizens",
        "SELECT count(*) FILTER (WHERE nothing_like_it > 5) FROM citizens",
        "SELECT nothing_like_it FROM citizens",
    ],
    "a small group and none at all in a calendar": [
        f"SELECT g.n, count(*), coalesce(sum(c.income), 0), count(*) IS NULL FROM range(3) g(n) LEFT JOIN citizens c"
        f" ON c.city = '{city}' AND g.n < 2 GROUP BY g.n ORDER BY g.n"
        for city in ("Oviedo", "Nowhere")
    ],
    "a small group and none at all beside released groups": [
        f"SELECT g.n, q.m, q.s FROM range(3) g(n) LEFT JOIN (SELECT 1 AS k, count(*) AS m, sum(income) AS s"
        f" FROM citizens WHERE city = '{city}' GROUP BY city) q ON q.k = g.n ORDER BY g.n"
        for city in ("Oviedo", "Nowhere")
    ],
    "a small group and none at all, asked by HAVING and by a window": [
        f"SELECT g.n, sum(count(*)) OVER () FROM range(3) g(n) LEFT JOIN citizens c ON c.city = '{city}' AND g.n = 1"
        f" GROUP BY g.n HAVING coalesce(count(*), {least}) = {least} ORDER BY g.n"
        for city, least in (("Oviedo", 2), ("Nowhere", 2))
    ],
    "a figure that HAVING asks about": [
        f"SELECT count(*) FROM citizens WHERE city = 'Oviedo' HAVING count(*) = {n}" for n in (1, 2, 3)
    ],
    "NULL among what is looked through": [
        "SELECT count(*) > 4000 FROM citizens c WHERE c.national_id NOT IN (SELECT d.national_id FROM provinces p "
        f"LEFT JOIN citizens d ON p.province = d.province AND d.city = '{city}' AND d.disease = 'HIV' "
        "AND d.gender = 'F' WHERE p.province = 'Azua')"
        for city in ("City0", "Nowhere")
    ],
    "who is nobody, looked up among some and among none": [
        "SELECT count(*) FROM citizens c LEFT JOIN visits v ON c.national_id = v.national_id AND v.clinic = 'none' "
        f"WHERE (v.national_id IN (SELECT national_id FROM citizens WHERE city = '{city}')) IS NULL"
        for city in ("City0", "Nowhere")
    ],
    "a figure that QUALIFY asks about": [
        f"SELECT count(*) FROM citizens WHERE city = 'Oviedo' QUALIFY sum(count(*)) OVER () = {n}" for n in (2, 3)
    ],
    "an empty probe with a cast that fails for one person": [
        f"SELECT CAST(CASE WHEN city = 'Oviedo' AND disease = '{d}' THEN 'x' ELSE '1' END AS INT) FROM citizens"
        " WHERE 1 = 0"
        for d in ("HIV", "flu")
    ],
    "an empty probe with a subquery that fails for one person": [
        f"SELECT (SELECT sum(CAST(CASE WHEN city = 'Oviedo' AND disease = '{d}' THEN 'x' ELSE '1' END AS INT))"
        " FROM citizens) FROM provinces LIMIT 0"
        for d in ("HIV", "flu")
    ],
    "an empty probe whose FROM fails for one person": [
        "SELECT * FROM (SELECT CAST(max(city) AS INT) AS n FROM citizens WHERE city = 'Oviedo' AND disease ="
        f" '{d}') t WHERE n > 0 AND 1 = 0"
        for d in ("HIV", "flu")
    ],
    "a cast that fails for one person": [
        f"SELECT count(*) FROM citizens WHERE CAST(CASE WHEN city = 'Oviedo' AND disease = '{d}' THEN 'x' ELSE '1' END"
        " AS INT) = 1 AND city = 'Oviedo'"
        for d in ("HIV", "flu")
    ],
    "a date that fails for one person": [
        "SELECT count(*) FROM citizens WHERE city = 'Oviedo' AND make_date(2000,"
        f" CASE WHEN disease = '{d}' THEN 13 ELSE 1 END, 1) IS NOT NULL"
        for d in ("HIV", "flu")
    ],
    "a piece of text cut too far for one person": [
        "SELECT count(*) FROM citizens WHERE city = 'Oviedo' AND substring(city, CASE WHEN disease ="
        f" '{d}' THEN 9223372036854775807 ELSE 1 END, 1) <> 'x'"
        for d in ("HIV", "flu")
    ],
    "a group that fails before it is dropped": [
        f"SELECT city FROM citizens GROUP BY city HAVING CAST(CASE WHEN city = 'Oviedo' AND count(*) = {n} THEN 'x'"
        " ELSE '1' END AS INT) = 2"
        for n in (2, 3)
    ],
    "an overflow that only a large income has": [
        f"SELECT sum(income * {c}) FROM citizens WHERE city = 'Oviedo' AND gender = 'F'" for c in (1, 999999)
    ],
    "a subquery that has two rows for one person": [
        "SELECT count(*) FROM citizens c WHERE (SELECT p.region FROM provinces p WHERE p.province = 'Azua'"
        f" OR (c.city = 'Oviedo' AND c.disease = '{d}')) = 'South'"
        for d in ("HIV", "flu")
    ],
}
"""Families that may not be told apart by their outcome: one family, one outcome."""
