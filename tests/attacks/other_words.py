"""Sequences in which one figure is asked for in other words: of a person more, or another key, or each one's own."""

from __future__ import annotations

from tests.attacks.sequence import Sequence, one

IN_OVIEDO, HER_INCOME = 2, 987_654.32
ALONE = "city = 'City14' AND disease = 'HIV' AND gender = 'F' AND year(birth_date) < 1950"
ONE_MORE = "(clinic = 'Clinic C' OR (clinic = 'Clinic F' AND visit_date = DATE '2025-01-02'))"
TWO_VISITS = (
    "FROM visits v JOIN citizens c ON c.national_id = v.national_id WHERE v.national_id IN"
    " (SELECT national_id FROM visits GROUP BY national_id HAVING count(*) = 2) AND c.city = 'City1'"
)
WITHOUT_HER = f"{TWO_VISITS} AND NOT (c.disease = 'flu' AND c.gender = 'F' AND v.clinic = 'Clinic G')"

OTHER_WORDS = [
    Sequence(
        "sums of sums",
        (
            "SELECT sum(income + 1) FROM citizens",
            "SELECT sum(income), count(income) FROM citizens WHERE NOT (city = 'Oviedo' AND gender = 'F')",
        ),
        lambda a: one(a[0]) - one(a[1]) - one(a[1], 1) - 1,
        HER_INCOME,
    ),
    Sequence(
        "two keys that are one group to the engine",
        (
            "SELECT sum(income) FROM citizens WHERE city <> 'Oviedo'",
            "SELECT sum(income) FROM citizens GROUP BY CASE WHEN city = 'Oviedo' THEN CAST('-0.0' AS DOUBLE)"
            " ELSE CAST('0.0' AS DOUBLE) END",
        ),
        lambda a: one(a[1]) - one(a[0]),
        HER_INCOME + 15_000,
    ),
    Sequence(
        "a count that is a sum of ones",
        (
            "SELECT count(*) FROM citizens",
            "SELECT sum(one) FROM (SELECT 1 AS one, city FROM citizens) WHERE city <> 'Oviedo'",
        ),
        lambda a: one(a[0]) - one(a[1]),
        IN_OVIEDO,
    ),
    Sequence(
        "a count that is a sum through its mean",
        (
            "SELECT count(*) FROM citizens",
            "SELECT sum(y), avg(y) FROM (SELECT 2 AS y, city FROM citizens) WHERE city <> 'Oviedo'",
        ),
        lambda a: one(a[0]) - one(a[1]) / one(a[1], 1),
        IN_OVIEDO,
    ),
    Sequence(
        "two keys of different texts that are one group to the engine",
        (
            f"SELECT CASE WHEN {ALONE} THEN INTERVAL 30 DAY ELSE INTERVAL 1 MONTH END AS k, sum(income) FROM citizens"
            " WHERE gender = 'F' AND city IN ('City14', 'City2') GROUP BY k",
            f"SELECT sum(income) FROM citizens WHERE gender = 'F' AND city IN ('City14', 'City2') AND NOT ({ALONE})",
        ),
        lambda a: one(a[0], 1) - one(a[1]),
        37_108.51,
    ),
    Sequence(
        "two keys that are no number, one group to the engine",
        (
            f"SELECT CASE WHEN {ALONE} THEN 'inf'::DOUBLE ELSE 'NaN'::DOUBLE END - 'inf'::DOUBLE AS k, sum(income)"
            " FROM citizens WHERE gender = 'F' AND city IN ('City14', 'City2') GROUP BY k",
            f"SELECT sum(income) FROM citizens WHERE gender = 'F' AND city IN ('City14', 'City2') AND NOT ({ALONE})",
        ),
        lambda a: one(a[0], 1) - one(a[1]),
        37_108.51,
    ),
    Sequence(
        "rows, and rows counted per person and added up",
        (
            "SELECT count(*) FROM visits WHERE clinic = 'Clinic C'",
            f"SELECT sum(n) FROM (SELECT national_id, count(*) AS n FROM visits WHERE {ONE_MORE} GROUP BY 1)",
        ),
        lambda a: one(a[1]) - one(a[0]),
        1,
    ),
    Sequence(
        "a sum over two rows of everybody, and over everybody",
        (
            f"SELECT sum(c.income) {WITHOUT_HER}",
            "SELECT sum(c.income) FROM citizens c WHERE c.national_id IN"
            " (SELECT national_id FROM visits GROUP BY national_id HAVING count(*) = 2) AND c.city = 'City1'",
        ),
        lambda a: 2 * one(a[1]) - one(a[0]),
        58_415.06,
    ),
    Sequence(
        "two rows of everybody counted, and everybody",
        (
            f"SELECT count(*) {TWO_VISITS}",
            f"SELECT count(DISTINCT v.national_id) {TWO_VISITS}"
            " AND NOT (c.disease = 'flu' AND c.gender = 'F' AND year(c.birth_date) < 1970)",
        ),
        lambda a: one(a[0]) / 2 - one(a[1]),
        1,
    ),
    Sequence(
        "a mean over two rows of everybody, and the mean of everybody's means",
        (
            f"SELECT avg(v.cost), count(*) {TWO_VISITS}",
            f"SELECT avg(m) FROM (SELECT v.national_id, avg(v.cost) AS m {WITHOUT_HER} GROUP BY v.national_id)",
        ),
        lambda a: one(a[0], 1) / 2 * (one(a[0]) - one(a[1])),
        (469.43 - 64.38) / 2,
    ),
    Sequence(
        "a variance and that of a sample, which is a count",
        (
            "SELECT var_samp(year(birth_date)) / var_pop(year(birth_date)) FROM citizens WHERE city = 'City1'",
            "SELECT count(*) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
        ),
        lambda a: one(a[1]) - one(a[0]) / (one(a[0]) - 1),
        1,
    ),
    Sequence(
        "a deviation and that of a sample, which is a count",
        (
            "SELECT stddev_samp(year(birth_date)) / stddev_pop(year(birth_date)) FROM citizens WHERE city = 'City1'",
            "SELECT count(*) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
        ),
        lambda a: one(a[1]) - one(a[0]) ** 2 / (one(a[0]) ** 2 - 1),
        1,
    ),
    Sequence(
        "a sum, and sums per person added up",
        (
            "SELECT sum(cost) FROM visits WHERE clinic = 'Clinic C'",
            f"SELECT sum(s) FROM (SELECT national_id, sum(cost) AS s FROM visits WHERE {ONE_MORE} GROUP BY 1)",
        ),
        lambda a: one(a[1]) - one(a[0]),
        327.58,
    ),
    Sequence(
        "a sum, and means of one row each added up",
        (
            "SELECT sum(cost) FROM visits WHERE clinic = 'Clinic C'",
            "SELECT sum(m) FROM (SELECT national_id, visit_date, avg(cost) AS m FROM visits"
            f" WHERE {ONE_MORE} GROUP BY 1, 2)",
        ),
        lambda a: one(a[1]) - one(a[0]),
        327.58,
    ),
    Sequence(
        "rows counted per person, in groups of equal counts",
        (
            "SELECT count(*) FROM visits WHERE clinic = 'Clinic C'",
            "SELECT sum(n) FROM (SELECT DISTINCT national_id, n FROM (SELECT national_id, count(*) AS n FROM visits"
            f" WHERE {ONE_MORE} GROUP BY 1))",
        ),
        lambda a: one(a[1]) - one(a[0]),
        1,
    ),
    Sequence(
        "a mean, and one of a column that a second one was added to",
        (
            "SELECT avg(income) FROM citizens WHERE city = 'City1'",
            "SELECT avg(x) FROM (SELECT income + 0 * year(birth_date) AS x FROM citizens WHERE city = 'City1'"
            " OR (city = 'Oviedo' AND disease = 'HIV'))",
        ),
        lambda a: 221 * one(a[1]) - 220 * one(a[0]),
        HER_INCOME,
    ),
    Sequence(
        "a count, and a sum of ones that a subquery knows",
        (
            "SELECT count(*) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
            "SELECT sum(CASE WHEN c.city = 'City1' THEN t.x ELSE 0 END) FROM citizens c, (SELECT 1 AS x) t",
        ),
        lambda a: one(a[0]) - one(a[1]),
        1,
    ),
]
