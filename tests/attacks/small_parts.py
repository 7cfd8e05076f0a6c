"""Sequences that take a figure apart into so many small parts, or such, that no two of them give anything away."""

from __future__ import annotations

from tests.attacks.sequence import Rows, Sequence, of, one

L_THAT_DAY, THEIR_INCOME, EIGHT_WOMEN = 78.48, 50_836.95, 383_755.42
"""What the one visit to Clinic L on the day cost; the income of whoever made it, and of City14's women with HIV."""

DAY = "DATE '2025-01-02'"
VISITED = "FROM visits v JOIN citizens c ON c.national_id = v.national_id"
THAT_VISIT = f"(clinic = 'Clinic L' AND visit_date = {DAY})"
PARTS_OF_A_YEAR = (
    f"CASE WHEN visit_date < DATE '2024-06-01' THEN 'a' WHEN visit_date < {DAY} THEN 'b'"
    f" WHEN visit_date = {DAY} THEN 'x' WHEN visit_date < DATE '2025-06-01' THEN 'c' ELSE 'd' END"
)
CLINICS = tuple(f"Clinic {letter}" for letter in "ABCDEFGH")
OF_TWO_OR_LESS = "national_id IN (SELECT national_id FROM visits GROUP BY 1 HAVING count(*) {})"


def named(clinics: tuple[str, ...]) -> str:
    return "clinic IN (" + ", ".join(f"'{clinic}'" for clinic in clinics) + ")"


def row(rows: Rows, key: str) -> list[float]:
    found = {name: [float(cell) for cell in cells if cell is not None] for name, *cells in rows}
    return found[key]


def cumulated(rows: Rows, place: int) -> float:
    return float(sorted(rows)[place][1])


SMALL_PARTS = [
    Sequence(
        "three parts beside their total, in groups",
        (
            f"SELECT clinic, sum(cost) FILTER (visit_date < DATE '2024-09-01'), sum(cost) FILTER (visit_date >="
            f" DATE '2024-09-01' AND visit_date < {DAY}), sum(cost) FILTER (visit_date > {DAY}), sum(cost)"
            " FROM visits GROUP BY clinic",
        ),
        lambda a: 2 * row(a[0], "Clinic L")[3] - sum(row(a[0], "Clinic L")),
        L_THAT_DAY,
    ),
    Sequence(
        "three parts of eight women and the rest of their city",
        (
            "SELECT city, sum(income) FILTER (gender = 'M' AND birth_date < DATE '1970-01-01'), sum(income) FILTER"
            " (gender = 'M' AND birth_date >= DATE '1970-01-01'),"
            " sum(income) FILTER (gender = 'F' AND disease <> 'HIV'), sum(income) FROM citizens GROUP BY city",
        ),
        lambda a: 2 * row(a[0], "City14")[3] - sum(row(a[0], "City14")),
        EIGHT_WOMEN,
    ),
    Sequence(
        "a withheld column of a pivot, by the totals",
        (
            f"PIVOT (SELECT clinic, {PARTS_OF_A_YEAR} AS p, cost FROM visits)"
            " ON p IN ('a', 'b', 'c', 'd', 'x') USING sum(cost) GROUP BY clinic",
            "SELECT clinic, sum(cost) FROM visits GROUP BY clinic",
        ),
        lambda a: of(a[1], "Clinic L") - sum(row(a[0], "Clinic L")),
        L_THAT_DAY,
    ),
    Sequence(
        "two of the many groups of each of two answers",
        (
            f"SELECT clinic, sum(c.income) {VISITED} WHERE visit_date < {DAY} GROUP BY clinic",
            f"SELECT clinic, sum(c.income) {VISITED} WHERE visit_date > {DAY} GROUP BY clinic",
            f"SELECT sum(c.income) {VISITED} WHERE {THAT_VISIT} OR visit_date <> {DAY} AND"
            " clinic IN ('Clinic A', 'Clinic L')",
        ),
        lambda a: one(a[2]) - of(a[0], "Clinic A", "Clinic L") - of(a[1], "Clinic A", "Clinic L"),
        THEIR_INCOME,
    ),
    Sequence(
        "months as differences of what adds up month by month",
        (
            "SELECT g.d, sum(v.cost) FROM generate_series(DATE '2024-02-01', DATE '2024-08-01', INTERVAL 1 MONTH) g(d)"
            " JOIN visits v ON v.visit_date < g.d GROUP BY g.d",
            "SELECT sum(cost) FROM visits WHERE"
            f" date_trunc('month', visit_date) IN (DATE '2024-03-01', DATE '2024-06-01') OR {THAT_VISIT}",
        ),
        lambda a: one(a[1]) - sum(sign * cumulated(a[0], place) for place, sign in ((2, 1), (1, -1), (5, 1), (4, -1))),
        L_THAT_DAY,
    ),
    Sequence(
        "groups of one answer that lie in each other",
        (
            "SELECT g.n, sum(c.income) FROM range(3) g(n) JOIN visits v ON g.n = 0 AND clinic = 'Clinic A' OR"
            f" g.n = 1 AND clinic = 'Clinic B' OR g.n = 2 AND (clinic IN ('Clinic A', 'Clinic B') OR {THAT_VISIT})"
            " JOIN citizens c ON c.national_id = v.national_id GROUP BY g.n",
        ),
        lambda a: of(a[0], 2) - of(a[0], 0, 1),
        THEIR_INCOME,
    ),
    Sequence(
        "all but one of eight, eight times",
        (
            *(f"SELECT sum(cost) FROM visits WHERE {named(CLINICS)} AND clinic <> '{gone}'" for gone in CLINICS),
            f"SELECT sum(cost) FROM visits WHERE {named(CLINICS)} OR {THAT_VISIT}",
        ),
        lambda a: (7 * one(a[8]) - sum(map(one, a[:8]))) / 7,
        L_THAT_DAY,
    ),
    Sequence(
        "the digits of a mean of whole numbers",
        (
            "SELECT count(*) FROM citizens WHERE city = 'City1'",
            "SELECT avg(year(birth_date)) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
        ),
        lambda a: one(a[1]) * (one(a[0]) + 1) - round(one(a[1]) * (one(a[0]) + 1)),  # whole: she is there
        0.0,
    ),
    Sequence(
        "visits less people who have two, and who have one",
        (
            f"SELECT count(*) FROM visits WHERE {OF_TWO_OR_LESS.format('<= 2')}",
            f"SELECT count(DISTINCT national_id) FROM visits WHERE {OF_TWO_OR_LESS.format('= 2')}",
            "SELECT count(DISTINCT national_id) FROM visits WHERE clinic <> 'Clinic Z'"
            f" AND {OF_TWO_OR_LESS.format('= 1')}",
        ),
        lambda a: one(a[0]) - 2 * one(a[1]) - one(a[2]),
        1,
    ),
]
