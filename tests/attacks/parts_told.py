"""Sequences that ask for a total and for parts of it, so that what is left is one person, or two."""

from __future__ import annotations

from tests.attacks.sequence import Sequence, every, of, one

IN_OVIEDO, HER_INCOME, HER_VISIT = 2, 987_654.32, 4_999.99
PROVINCES = "SELECT province, count(*) FROM citizens GROUP BY province"
CLINICS = "SELECT clinic, sum(cost) FROM visits GROUP BY clinic"
BIG_CLINICS = tuple(f"Clinic {letter}" for letter in "ABCDEFGHIJKL")

PARTS_TOLD = [
    Sequence(
        "a total and all but two",
        ("SELECT sum(income) FROM citizens", "SELECT sum(income) FROM citizens WHERE city <> 'Oviedo'"),
        lambda a: one(a[0]) - one(a[1]),
        HER_INCOME + 15_000,
    ),
    Sequence(
        "an average and its count, twice",
        (
            "SELECT avg(income), count(income) FROM citizens",
            "SELECT avg(income), count(income) FROM citizens WHERE NOT (city = 'Oviedo' AND gender = 'F')",
        ),
        lambda a: one(a[0]) * one(a[0], 1) - one(a[1]) * one(a[1], 1),
        HER_INCOME,
    ),
    Sequence(
        "the small one with a large one, less the large one",
        (
            "SELECT count(*) FROM citizens WHERE province IN ('Azua', 'Pedernales')",
            "SELECT count(DISTINCT national_id) FROM citizens WHERE province = 'Azua'",
        ),
        lambda a: one(a[0]) - one(a[1]),
        IN_OVIEDO,
    ),
    Sequence(
        "groups, then their total", (PROVINCES, "SELECT count(*) FROM citizens"), lambda a: one(a[1]) - every(a[0]), 2
    ),
    Sequence(
        "a total, then its groups",
        ("SELECT count(*) FROM citizens", PROVINCES),
        lambda a: one(a[0]) - of(a[1], "Azua", "Barahona", "Distrito", "Duarte", "La Vega", "Samana", "Santiago"),
        IN_OVIEDO,
    ),
    Sequence(
        "a hierarchy",
        ("SELECT region, count(*) FROM citizens JOIN provinces USING (province) GROUP BY region", PROVINCES),
        lambda a: of(a[0], "South") - of(a[1], "Azua", "Barahona"),
        IN_OVIEDO,
    ),
    Sequence(
        "a general tracker",
        (
            "SELECT count(*) FROM citizens WHERE province = 'Pedernales' OR gender = 'F'",
            "SELECT count(*) FROM citizens WHERE province = 'Pedernales' OR NOT gender = 'F'",
            "SELECT count(*) FROM citizens",
        ),
        lambda a: one(a[0]) + one(a[1]) - one(a[2]),
        IN_OVIEDO,
    ),
    Sequence(
        "a sum taken apart over four statements",
        (
            "SELECT count(*) FROM citizens WHERE province IN ('Azua', 'Barahona', 'Duarte', 'Pedernales')",
            "SELECT count(*) FROM citizens WHERE province = 'Azua'",
            "SELECT count(*) FROM citizens WHERE province = 'Barahona'",
            "SELECT count(*) FROM citizens WHERE province = 'Duarte'",
        ),
        lambda a: one(a[0]) - one(a[1]) - one(a[2]) - one(a[3]),
        IN_OVIEDO,
    ),
    Sequence(
        "one statement alone",
        (
            "SELECT count(*) FILTER (WHERE province IN ('Azua', 'Pedernales')), "
            "count(*) FILTER (WHERE province = 'Azua') FROM citizens",
        ),
        lambda a: one(a[0]) - one(a[0], 1),
        IN_OVIEDO,
    ),
    Sequence(
        "who came first on a day",
        (
            "SELECT count(DISTINCT national_id) FROM visits WHERE visit_date <= DATE '2025-03-13'",
            "SELECT count(DISTINCT national_id) FROM visits WHERE visit_date <= DATE '2025-03-14'",
        ),
        lambda a: one(a[1]) - one(a[0]),
        2,
    ),
    Sequence(
        "who came first on a day, as a staircase",
        (
            "SELECT g.d, count(DISTINCT v.national_id) FROM generate_series(DATE '2025-03-13', DATE '2025-03-14',"
            " INTERVAL 1 DAY) g(d) JOIN visits v ON v.visit_date <= g.d GROUP BY g.d ORDER BY g.d",
        ),
        lambda a: one(a[0][1:], 1) - one(a[0], 1),
        2,
    ),
    Sequence(
        "a general tracker in the rows of a series",
        (
            "SELECT g.n, count(*) FROM range(3) g(n) LEFT JOIN citizens c ON g.n = 0 OR c.province = 'Pedernales'"
            " OR (g.n = 1 AND c.gender = 'F') OR (g.n = 2 AND NOT c.gender = 'F') GROUP BY g.n ORDER BY g.n",
        ),
        lambda a: of(a[0], 1, 2) - of(a[0], 0),
        IN_OVIEDO,
    ),
    Sequence(
        "a series, then its rows asked for one by one",
        (
            "SELECT g.n, count(*) FROM range(1, 3) g(n) LEFT JOIN citizens c ON c.city <> 'Oviedo' OR g.n = 2"
            " GROUP BY g.n ORDER BY g.n LIMIT 1",
            "SELECT count(*) FROM citizens",
        ),
        lambda a: one(a[1]) - of(a[0], 1),
        IN_OVIEDO,
    ),
    Sequence(
        "the visits of a clinic that is not shown",  # everyone in it is in the others too, or nearly
        (CLINICS, "SELECT sum(cost) FROM visits WHERE clinic <> 'Clinic Y'"),
        lambda a: one(a[1]) - of(a[0], *BIG_CLINICS),
        HER_VISIT,
    ),
    Sequence(
        "some clinics with the hidden one",
        (CLINICS, "SELECT sum(cost) FROM visits WHERE clinic IN ('Clinic A', 'Clinic B', 'Clinic Z')"),
        lambda a: one(a[1]) - of(a[0], "Clinic A", "Clinic B"),
        HER_VISIT,
    ),
    Sequence(
        "rows padded with NULL for all but one",
        (
            "SELECT sum(v.cost) FROM citizens c LEFT JOIN visits v ON v.national_id = c.national_id",
            "SELECT sum(v.cost) FROM citizens c LEFT JOIN visits v ON v.national_id = c.national_id "
            "AND v.clinic <> 'Clinic Z'",
        ),
        lambda a: one(a[0]) - one(a[1]),
        HER_VISIT,
    ),
    Sequence(
        "a figure per person, counted",
        (
            "SELECT count(*) FROM (SELECT national_id, sum(cost) AS s FROM visits GROUP BY national_id)",
            "SELECT count(*) FROM (SELECT national_id, sum(cost) AS s FROM visits WHERE clinic <> 'Clinic Z' "
            "GROUP BY national_id)",
        ),
        lambda a: one(a[0]) - one(a[1]),
        1,
    ),
    Sequence(
        "the richest of fifteen",
        (
            "SELECT sum(income) FROM citizens WHERE province = 'Azua'",
            "SELECT sum(income) FROM citizens WHERE province = 'Azua' AND city <> 'Jimani'",
        ),
        lambda a: one(a[0]) - one(a[1]) - 14 * 20_000,
        9_500_000,
    ),
    Sequence(
        "the richest of fifteen, in three statements",
        (
            "SELECT sum(income) FROM citizens WHERE province = 'Azua' AND city <> 'Jimani' AND gender = 'F'",
            "SELECT sum(income) FROM citizens WHERE province = 'Azua' AND city <> 'Jimani' AND gender = 'M'",
            "SELECT sum(income) FROM citizens WHERE province = 'Azua'",
        ),
        lambda a: one(a[2]) - one(a[0]) - one(a[1]) - 14 * 20_000,
        9_500_000,
    ),
]
