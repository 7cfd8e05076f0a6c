"""Sequences in which only one person's part is made of other rows, so that counts and sums of all stay as they were."""

from __future__ import annotations

from collections.abc import Callable

from tests.attacks.sequence import Rows, Sequence, of, one

HER = "(c.disease = 'flu' AND c.gender = 'F' AND year(c.birth_date) = 1960)"
VISITED = "FROM visits v JOIN citizens c USING (national_id) WHERE c.city = 'City1'"
DAYS = "date_diff('day', DATE '2024-01-01', v.visit_date)"
PAIRS = "FROM visits a JOIN visits b USING (national_id) JOIN citizens c USING (national_id) WHERE c.city = 'City1'"
SHE_OF_FIVE = "c.city = 'City13' AND year(c.birth_date) = 2016 AND c.gender = 'F'"
CLINIC_K_AS_C = f"CASE WHEN {HER} AND v.clinic = 'Clinic K' THEN 'Clinic C' ELSE v.clinic END"


def _of_each(figure: str, rows: str) -> str:
    return f"SELECT avg(m), count(*) FROM (SELECT v.national_id, avg({figure}) AS m {rows} GROUP BY 1)"


def _by(key: str, figure: str) -> str:
    within = f"SELECT v.national_id, {key} AS k, {figure} AS n {VISITED} GROUP BY 1, 2"
    return f"SELECT avg(a), count(*) FROM (SELECT national_id, avg(n) AS a FROM ({within}) GROUP BY 1)"


def _changed(answers: list[Rows]) -> float:
    """By how much the two means, times the people, differ."""
    return (one(answers[1]) - one(answers[0])) * one(answers[0], 1)


def _sequence(name: str, first: str, then: str, secret: float, reveals: Callable[[list[Rows]], float]) -> Sequence:
    return Sequence(name, (first, then), reveals, secret)


WHOSE_ROWS = [
    _sequence(
        "a mean of each one's mean day, without one visit",
        _of_each(DAYS, VISITED),
        _of_each(DAYS, f"{VISITED} AND NOT ({HER} AND v.clinic = 'Clinic K')"),
        -68.333,
        _changed,
    ),
    _sequence(
        "a mean day of as many visits, one of them another",
        f"SELECT avg({DAYS}), count(*) {VISITED} AND (v.clinic < 'Clinic C' OR {HER} AND v.clinic = 'Clinic K')",
        f"SELECT avg({DAYS}), count(*) {VISITED} AND (v.clinic < 'Clinic C' OR {HER} AND v.clinic = 'Clinic C')",
        -137.0,
        _changed,
    ),
    _sequence(
        "a mean of each one's visits by clinic, two clinics of one being one",
        _by("v.clinic", "count(*)"),
        _by(CLINIC_K_AS_C, "count(*)"),
        0.5,
        _changed,
    ),
    _sequence(
        "days from one visit to the next, turned round for one",
        f"SELECT avg(b.visit_date - a.visit_date), count(*) {PAIRS} AND a.visit_date < b.visit_date",
        f"SELECT avg(b.visit_date - a.visit_date), count(*) {PAIRS} AND"
        f" CASE WHEN {HER} THEN a.visit_date > b.visit_date ELSE a.visit_date < b.visit_date END",
        -1092.0,
        _changed,
    ),
    Sequence(
        "a count of rows of people with five each, without some of one",
        (
            "SELECT count(*) FROM visits v JOIN citizens c ON c.national_id = v.national_id JOIN (SELECT national_id,"
            " count(*) AS n FROM visits GROUP BY national_id) q ON q.national_id = v.national_id WHERE q.n = 5"
            f" AND NOT ({SHE_OF_FIVE} AND v.clinic = 'Clinic B')",
        ),
        lambda a: -one(a[0]) % 5,
        2,
    ),
    Sequence(
        "a count of rows, and people by their number of rows without some of one",
        (
            "SELECT count(*) FROM visits WHERE clinic < 'Clinic G'",
            "SELECT n, count(*) FROM (SELECT national_id, count(*) AS n FROM visits WHERE clinic < 'Clinic G' AND NOT"
            f" (clinic = 'Clinic B' AND national_id IN (SELECT c.national_id FROM citizens c WHERE {SHE_OF_FIVE}))"
            " GROUP BY 1) GROUP BY n",
        ),
        lambda a: one(a[0]) - sum(n * of(a[1], n) for n in range(1, 6)),
        2,
    ),
]
