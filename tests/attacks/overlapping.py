"""Sequences of one answer whose groups share people, so many of them or so large that few were looked at together."""

from __future__ import annotations

from tests.attacks.sequence import Rows, Sequence, of, one

HER_VISIT, HER_INCOME = 4_999.99, 987_654.32
COPIES = 262
WOMAN_OF_OVIEDO = "city = 'Oviedo' AND gender = 'F'"
PARTS = {  # but for the woman of Oviedo, nine times the first is made of the others
    0: "'Azua', 'La Vega'",
    1: "'Azua', 'Barahona', 'Duarte'",
    2: "'Azua', 'Duarte', 'La Vega', 'Santiago', 'Distrito'",
    3: "'Azua', 'Barahona', 'La Vega', 'Distrito'",
    4: "'Barahona', 'Duarte', 'Santiago', 'Distrito'",
    5: "'Barahona', 'Duarte', 'La Vega'",
    6: "'Azua', 'Barahona', 'La Vega', 'Santiago'",
}
TIMES = {0: -9, 1: 1, 2: 4, 3: 2, 4: -6, 5: 1, 6: 2}


def _whom(part: int) -> str:
    return f"(c.province IN ({PARTS[part]}){f' OR {WOMAN_OF_OVIEDO}' if part == 0 else ''})"


def _nine_times(rows: list[float]) -> float:
    return sum(TIMES[part] * row for part, row in enumerate(rows)) / -9


def _together(answers: list[Rows]) -> float:
    return _nine_times([of(answers[0], part) for part in PARTS])


LETTERS = {"A": "AB", "B": "CD", "C": "EF", "D": "GH", "E": "IJ", "F": "L"}
OF_CLINICS = {0: "AD", 1: "ABC", 2: "ACDEF", 3: "ABDF", 4: "BCEF", 5: "BCD", 6: "ABDE"}
"""The same seven parts, of clinics; beside each stand the pairs of somebody's very many visits to Clinic Y."""
MANY = "v.clinic = 'Clinic Y' AND b.visit_date < DATE '2024-04-21'"
PAIRS_OF_MANY = -5 * 10_200 + 4 * 1.0
ONE_AT_K = "v.clinic = 'Clinic K' AND b.clinic = 'Clinic K' AND year(c.birth_date) = 1960"
ONE_AT_K += " AND c.disease = 'flu' AND c.gender = 'F' AND c.city = 'City1'"


def _pairs(part: int) -> str:
    clinics = ", ".join(f"'Clinic {letter}'" for name in OF_CLINICS[part] for letter in LETTERS[name])
    where = f"v.clinic IN ({clinics}) OR {MANY}" + (f" OR {ONE_AT_K}" if part == 2 else "")
    joined = "visits v JOIN visits b USING (national_id) JOIN citizens c USING (national_id)"
    return f"SELECT count(*) FROM {joined} WHERE {where}"


def _pairs_of_many(answers: list[Rows]) -> float:
    """Of two people: of nobody else is anything left."""
    return sum(TIMES[part] * one(rows) for part, rows in zip((0, 1, 3, 4, 5, 6, 2), answers, strict=True))


TOGETHER = " OR ".join(f"(g.n = {part} AND {_whom(part)})" for part in PARTS)
STAIRS = "range(12) g(n) JOIN citizens c ON year(c.birth_date) >= 1934 + g.n"

OVERLAPPING = [
    Sequence(
        "three large groups among hundreds of copies of a small one",
        (
            f"SELECT g.n, count(*), sum(v.cost) FROM range({COPIES}) g(n) JOIN visits v ON"
            " g.n = 0 AND (v.clinic = 'Clinic Z' OR v.clinic <= 'Clinic F') OR g.n = 1 AND NOT v.clinic <= 'Clinic F'"
            " OR g.n = 2 OR g.n > 2 AND v.clinic = 'Clinic A' GROUP BY g.n ORDER BY g.n LIMIT 3",
        ),
        lambda a: of(a[0], 0, 1) - of(a[0], 2),
        HER_VISIT,
    ),
    Sequence(
        "seven groups, nine times the one",
        (f"SELECT g.n, sum(c.income) FROM range(7) g(n) JOIN citizens c ON {TOGETHER} GROUP BY g.n ORDER BY g.n",),
        _together,
        HER_INCOME,
    ),
    Sequence(
        "seven answers after a flight of stairs",
        (
            f"SELECT g.n, sum(c.income) FROM {STAIRS} GROUP BY g.n LIMIT 1",
            *(f"SELECT sum(c.income) FROM citizens c WHERE {_whom(part)}" for part in (1, 2, 3, 4, 5, 6, 0)),
        ),
        lambda a: _nine_times([one(a[place]) for place in (7, 1, 2, 3, 4, 5, 6)]),
        HER_INCOME,
    ),
    Sequence(
        "seven counts of which somebody with very many rows has most",
        tuple(_pairs(part) for part in (0, 1, 3, 4, 5, 6, 2)),
        _pairs_of_many,
        PAIRS_OF_MANY,
    ),
]
