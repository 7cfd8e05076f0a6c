"""Ways that go through what a subquery computes, per row or per person. Each must be refused or tell nothing."""

from __future__ import annotations

BIG = "1180591620717411303424"
PAIR = "FROM visits a JOIN visits b ON a.national_id = b.national_id"
ALIKE = "(d.city = c.city AND d.birth_date = c.birth_date AND d.disease = c.disease AND d.gender = c.gender)"
OWN = f"(SELECT sum(d.income) FROM citizens d WHERE {ALIKE} OR d.city = 'City1')"

WITHIN: dict[str, list[str]] = {
    "constants of any size in a subquery": [
        f"SELECT sum(x) FROM (SELECT income::DOUBLE + {BIG} - {BIG} AS x FROM citizens WHERE city = 'City1') q",
        f"SELECT sum(x) FROM (SELECT income::DOUBLE + {BIG} - {BIG} AS x, 1 AS one FROM citizens) q",
        "SELECT sum(x) FROM (SELECT income + 5 AS x, 1 AS one FROM citizens) q",
        "SELECT sum(x) FROM (SELECT income::DOUBLE * 1e300 * 2e2 AS x FROM citizens) q",
        "SELECT sum(x) FROM (SELECT income * 3.6e302 / 3.6e302 AS x FROM citizens) q",
        "SELECT avg(x) FROM (SELECT year(birth_date) * 1e17 - 1e20 AS x, 1 AS one FROM citizens) q",
        "SELECT avg(x) FROM (SELECT national_id, avg(income) + 1e21 - 1e21 AS x FROM citizens GROUP BY 1) q",
        "SELECT avg(x) FROM (SELECT national_id, avg(income) - 600000 AS x FROM citizens GROUP BY 1) q",
        "SELECT avg(y) FROM (SELECT x + 5 AS y FROM (SELECT national_id, sum(cost) AS x FROM visits GROUP BY 1) q) r",
        "SELECT sum(CAST(x AS DOUBLE) - 1000000) FROM (SELECT national_id, sum(cost) AS x FROM visits GROUP BY 1) q",
        "SELECT sum(-x - 5) FROM (SELECT national_id, sum(cost) AS x FROM visits GROUP BY 1) q",
        "SELECT gender, avg(c.x) FROM citizens d JOIN (SELECT national_id, income - 5 AS x, 1 AS one FROM citizens) c"
        " ON c.national_id = d.national_id GROUP BY 1",
    ],
    "a number written as a text": [
        f"SELECT sum(income::DOUBLE + '{BIG}' - '{BIG}') FROM citizens WHERE city = 'City1'",
        f"SELECT sum(CASE WHEN gender = 'F' THEN '{BIG}' ELSE income END) FROM citizens",
        f"SELECT avg(coalesce(income, '{BIG}')) FROM citizens",
        f"SELECT avg(x) FROM (SELECT year(birth_date) + '{BIG}' - '{BIG}' AS x, 1 AS one FROM citizens) q",
    ],
    "two amounts that cancel for all but a few": [
        "SELECT sum(x) FROM (SELECT national_id, sum(cost) - avg(cost) AS x FROM visits GROUP BY 1) q",
        "SELECT sum(x - y) FROM (SELECT national_id, sum(cost) AS x, avg(cost) AS y FROM visits GROUP BY 1) q",
        f"SELECT sum(a.cost - b.cost) {PAIR} WHERE a.visit_date <= b.visit_date",
        f"SELECT sum(CASE WHEN a.clinic = 'Clinic A' THEN a.cost - 2 * b.cost END) {PAIR}",
        f"SELECT covar_pop(a.cost - b.cost, a.cost) {PAIR}",
        f"SELECT sum(x) FROM (SELECT a.cost - b.cost AS x {PAIR}) q",
    ],
    "a number of rows disguised as an amount": [
        "SELECT regr_slope(c.income, q.x) FROM citizens c JOIN (SELECT national_id, sum(cost * 0 + 1) AS x FROM visits"
        " GROUP BY 1) q ON c.national_id = q.national_id",
        "SELECT regr_slope(c.income, q.x) FROM citizens c JOIN (SELECT national_id, sum(x) AS x FROM (SELECT"
        " national_id, cost * 0 + 1 AS x FROM visits) GROUP BY 1) q ON c.national_id = q.national_id",
        "SELECT corr(q.y, q.x) FROM (SELECT national_id, sum(cost) AS y, sum(1 - cost * 0) AS x FROM visits GROUP BY 1)"
        " q",
    ],
    "what a subquery asks of the row it stands beside": [
        f"SELECT sum(s) FROM (SELECT national_id, sum(f) AS s FROM (SELECT q.national_id, {asked} AS f FROM (SELECT"
        " national_id, count(*) FILTER (WHERE city = 'Oviedo' AND disease = 'HIV') AS n FROM citizens GROUP BY 1) q) z"
        " GROUP BY 1) y"
        for asked in (
            "(SELECT count(*) FROM (SELECT 1 AS o) t WHERE q.n = 1)",
            "(SELECT sum(t.w) FROM (VALUES (0, 0), (1, 1), (2, 1000)) t(v, w) WHERE t.v = q.n)",
            "(SELECT max(o) FROM (SELECT (SELECT count(*) FROM (SELECT 1 AS o) u WHERE q.n = 1) AS o) t)",
            "(SELECT q.n)",
        )
    ]
    + [
        f"SELECT sum(s) FROM (SELECT national_id, sum(f) AS s FROM (SELECT c.national_id, {asked} AS f FROM citizens c"
        " JOIN (VALUES ('Oviedo', 1), ('City1', 0)) t(city, w) ON t.city = c.city) q GROUP BY 1) y"
        for asked in ("(SELECT count(*) FROM (SELECT 1 AS o) u WHERE t.w = 1)", "(SELECT max(t.w))")
    ],
    "groups of one person's rows, looked for k people in": [
        f"SELECT count(*) FROM citizens c WHERE NOT EXISTS (SELECT {rest})"
        for rest in (
            "1 FROM visits v WHERE v.national_id = c.national_id HAVING count(*) > 3",
            "1 FROM visits v WHERE v.national_id = c.national_id GROUP BY v.clinic HAVING count(*) > 1",
            "DISTINCT v.clinic FROM visits v WHERE v.national_id = c.national_id",
        )
    ],
    "a figure of each, looked up, that only a few have": [
        f"SELECT {figure} FROM citizens c"
        for few in ("v.clinic = 'Clinic Z'", "v.clinic = 'Clinic A' AND v.visit_date = DATE '2025-03-14'")
        for asked in (f"(SELECT count(*) FROM visits v WHERE v.national_id = c.national_id AND {few})",)
        for figure in (
            f"sum({asked})",
            f"avg({asked})",
            f"sum(CASE WHEN {asked} > 0 THEN 1 ELSE 0 END)",
            f"count(*) FILTER (WHERE {asked} > 0)",
            f"count(*) FILTER (WHERE {asked} = 0)",
            f"max({asked})",
        )
    ],
    "an ON that names what comes after it": [
        f"SELECT v.gender, avg(q.income), count(*) FROM citizens v{joined} (SELECT c.national_id, w.income FROM"
        " citizens c JOIN citizens w ON c.national_id = v.national_id JOIN citizens v ON v.national_id = w.national_id"
        f" WHERE w.city = 'Oviedo' AND w.gender = 'F') q {on} q.national_id = v.national_id GROUP BY 1"
        for joined, on in ((",", "WHERE"), (" JOIN", "ON"), (" LEFT JOIN", "ON"))
    ]
    + [
        f"SELECT o.gender, count(*) FROM citizens o JOIN citizens v ON o.national_id = v.national_id WHERE {asked}"
        " (SELECT c.national_id FROM citizens c JOIN visits d ON c.national_id = v.national_id JOIN citizens v"
        " ON v.national_id = d.national_id WHERE c.national_id = o.national_id AND d.clinic = 'Clinic Z') GROUP BY 1"
        for asked in ("EXISTS", "o.national_id IN", "NOT EXISTS", "o.national_id NOT IN")
    ],
    "a FILTER of the query around": [
        "SELECT o.gender, (SELECT count(*) FILTER (WHERE o.city = 'Oviedo')) FROM citizens o GROUP BY o.gender",
        "SELECT c.gender, count(*) FROM citizens c GROUP BY c.gender HAVING (SELECT count(*) FILTER (WHERE"
        " c.city = 'Oviedo' AND c.disease = 'HIV')) = 1",
        "SELECT (SELECT sum(1) FILTER (WHERE o.city = 'Oviedo' AND o.disease = 'HIV')), count(*) FROM citizens o",
        "SELECT count(*) FROM citizens o HAVING EXISTS (SELECT 1 FROM (VALUES (1)) t(w) HAVING count(*) FILTER (WHERE"
        " o.city = 'Oviedo') > 0)",
        "SELECT (SELECT avg(1) FILTER (WHERE v.clinic = 'Clinic Z') FROM (SELECT province FROM provinces) p LIMIT 1)"
        " FROM visits v GROUP BY v.visit_date",
    ],
    "a figure of each and of enough others": [
        f"SELECT own, count(*) FROM (SELECT {OWN} AS own FROM citizens c WHERE c.city = 'Jimani') q GROUP BY own",
        f"SELECT count(*) FROM citizens c WHERE {OWN} > 19000000",
        f"SELECT {OWN} > 19000000 AS rich, count(*) FROM citizens c GROUP BY 1",
        f"SELECT count(*) FILTER (WHERE {OWN} > 19000000) FROM citizens c",
        f"SELECT sum(CASE WHEN {OWN} > 19000000 THEN 1 ELSE 0 END) FROM citizens c",
        f"SELECT count(*) FROM citizens c WHERE EXISTS (SELECT 1 FROM citizens d WHERE {ALIKE} OR d.city = 'City1'"
        " HAVING sum(d.income) > 19000000)",
        f"SELECT count(*) FROM citizens c WHERE 1 IN (SELECT 1 FROM citizens d WHERE {ALIKE} OR d.city = 'City1'"
        " HAVING sum(d.income) > 19000000)",
        f"SELECT count(*) FROM citizens c WHERE EXISTS (SELECT 1 FROM (SELECT 1 AS one) t WHERE {OWN} > 19000000)",
        f"SELECT count(*) FROM citizens c WHERE (SELECT avg(d.income) FROM citizens d WHERE {ALIKE} OR d.gender = 'F'"
        " GROUP BY d.gender HAVING count(*) > 2000 LIMIT 1) > 40000",
    ],
    "a person's group that asks of all": [
        f"SELECT own, count(*) FROM (SELECT c.national_id, {OWN} AS own FROM citizens c GROUP BY c.national_id, c.city,"
        " c.birth_date, c.disease, c.gender) q GROUP BY own",
        "SELECT count(*) FROM (SELECT c.national_id FROM citizens c GROUP BY c.national_id, c.city, c.birth_date,"
        f" c.disease, c.gender HAVING c.city = 'City2' OR {OWN} > 19000000) q",
    ],
    "one thing of two lists of a person's rows": [
        f"SELECT {call}(q2.s, q1.s) FROM (SELECT national_id, {figure} AS s FROM visits WHERE clinic = 'Clinic A'"
        f" GROUP BY 1) q1 JOIN (SELECT national_id, {figure} AS s FROM visits WHERE clinic = 'Clinic A' OR visit_date ="
        " DATE '2024-05-05' GROUP BY 1) q2 USING (national_id) JOIN citizens c USING (national_id)"
        " WHERE c.city = 'City18'"
        for call in ("corr", "regr_slope", "covar_pop")
        for figure in ("sum(cost)", "avg(cost)", "count(*)")
    ]
    + [
        f"SELECT corr(a.cost, b.cost) {PAIR} WHERE a.clinic = 'Clinic A' AND (a.visit_date = b.visit_date OR"
        " b.visit_date = DATE '2024-05-05')",
    ],
    "who has many rows has a large sum": [
        f"SELECT {call}(c.income, q.s), count(*) FROM citizens c JOIN (SELECT national_id, sum(cost) AS s FROM visits"
        " GROUP BY 1) q USING (national_id) WHERE c.city IN ('Jimani', 'City3')"
        for call in ("regr_slope", "covar_pop", "corr")
    ],
}
