"""Ways that go through what a subquery computes, per row or per person. Each must be refused or tell nothing."""

from __future__ import annotations

BIG = "1180591620717411303424"
PAIR = "FROM visits a JOIN visits b ON a.national_id = b.national_id"

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
}
