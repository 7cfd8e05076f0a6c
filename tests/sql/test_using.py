"""USING in chains of joins: the column that the items before have in common is compared, whichever of them has it."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import is_as_ungated, narrowed

_PART = "(SELECT province, gender, count(*) AS {n} FROM citizens WHERE province IN ({where}) GROUP BY ALL)"


def _of(n: str, *provinces: str) -> str:
    return _PART.format(n=n, where=", ".join(f"'{p}'" for p in provinces)) + f" {n}"


_A, _B, _C, _D = (
    _of("a", "Azua", "Duarte"),
    _of("b", "Duarte", "Samana"),
    _of("c", "Azua", "Samana"),
    _of("d", "Samana", "Azua"),
)
_SIDES = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]


@pytest.mark.parametrize("first", _SIDES)
@pytest.mark.parametrize("second", _SIDES)
@pytest.mark.parametrize("using", ["(province, gender)", "(gender, province)"])
def test_three_joined_with_using(first: str, second: str, using: str) -> None:
    joined = f"{_A} {first} {_B} USING {using} {second} {_C} USING {using}"
    shown = "SELECT province, gender, a, b, c FROM "
    assert is_as_ungated(f"{shown}{joined} UNION ALL SELECT 'x', 'y', 0, 0, 0")
    with_star = f"SELECT * FROM {joined} WHERE province <> 'x' OR province IS NULL"
    assert is_as_ungated(f"{with_star} UNION ALL SELECT 'x', 'y', 0, 0, 0")


@pytest.mark.parametrize("first", _SIDES)
@pytest.mark.parametrize("second", _SIDES)
@pytest.mark.parametrize("third", _SIDES)
def test_four_joined_by_one_column(first: str, second: str, third: str) -> None:
    a, b, c, d = (part.replace("province, gender, ", "province, ", 1) for part in (_A, _B, _C, _D))
    joined = f"{a} {first} {b} USING (province) {second} {c} USING (province) {third} {d} USING (province)"
    shown = f"SELECT province, a, b, c, d, count(*) OVER () FROM {joined}"
    assert is_as_ungated(f"{shown} UNION ALL SELECT 'x', 0, 0, 0, 0, 0")
    found = f"SELECT province AS p, sum(a), count(*) FROM {joined} WHERE province <> 'x' GROUP BY province"
    assert is_as_ungated(f"{found} UNION ALL SELECT 'x', 0, 0")


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT province, sum(a), sum(b), sum(c), sum(d) FROM {_A} FULL JOIN {_B} USING (province, gender)"
        f" FULL JOIN {_C} USING (province, gender) FULL JOIN {_D} USING (gender, province)"
        " GROUP BY province ORDER BY province",
        f"SELECT province, a, d FROM {_A} FULL JOIN {_B} USING (province, gender) LEFT JOIN {_C}"
        f" ON c.province = a.province AND c.gender = a.gender JOIN {_D} USING (province, gender) ORDER BY ALL",
        f"WITH x AS (SELECT * FROM {_A} FULL JOIN {_B} USING (province, gender)"
        f" FULL JOIN {_C} USING (province, gender))"
        " SELECT x.province, y.a FROM x JOIN x y USING (province, gender) WHERE province > 'B' ORDER BY ALL",
        f"SELECT province, region, a, b FROM {_A} FULL JOIN {_B} USING (province, gender)"
        " JOIN provinces USING (province) ORDER BY ALL",
        f"SELECT q.province, q.c FROM provinces p JOIN (SELECT province, c FROM {_A} FULL JOIN {_B}"
        f" USING (province, gender) LEFT JOIN {_C} USING (province, gender)) q ON q.province = p.province ORDER BY ALL",
    ],
)
def test_what_is_common_to_a_chain(sql: str) -> None:
    assert is_as_ungated(sql, ordered=True)


def test_a_column_that_two_items_have_and_no_join_made_one() -> None:
    with pytest.raises(Refused, match="AMBIGUOUS_NAME"):
        narrowed(f"SELECT a FROM {_A} FULL JOIN {_B} ON a.gender = b.gender FULL JOIN {_C} USING (province)")


def test_names_of_a_query_within_are_its_own() -> None:
    assert is_as_ungated(
        "SELECT a.na, b.nb, q.k FROM (SELECT province, count(*) AS na FROM citizens"
        " WHERE province IN ('Azua', 'Duarte') GROUP BY 1) a JOIN (SELECT province, count(*) AS nb FROM citizens"
        " WHERE province IN ('Duarte', 'Samana')"
        " GROUP BY 1) b ON a.province = b.province CROSS JOIN (SELECT coalesce(a.province, b.province) AS k FROM"
        " (SELECT province FROM citizens WHERE province IN ('Azua', 'Duarte') GROUP BY 1) a FULL JOIN"
        " (SELECT province FROM citizens WHERE province IN ('Duarte', 'Samana') GROUP BY 1) b"
        " ON a.province = b.province) q ORDER BY 3",
        ordered=True,
    )
