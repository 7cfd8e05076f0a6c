"""Which values overflow is nobody's to choose: what is measured of people is reckoned in DOUBLE wherever it is."""

from __future__ import annotations

import pytest

from tests.support.sample import narrowed, rows


@pytest.mark.parametrize(
    "of",
    [
        "(SELECT income * {} AS x FROM citizens)",
        "(SELECT y + y AS x FROM (SELECT income * {} AS y FROM citizens))",
        "(SELECT national_id, sum(cost) * {} AS x FROM visits GROUP BY 1)",
    ],
)
def test_no_factor_leaves_out_those_above_a_bound(of: str) -> None:
    counts = {
        rows(narrowed(f"SELECT count(x) FROM {of.format(factor)}"))[0][0] for factor in ("2", "0.0129000000000000")
    }
    assert len(counts) == 1


def test_a_branch_is_in_doubles_and_its_factor_in_no_test_for_a_value() -> None:
    argument = "CASE WHEN gender = 'F' THEN coalesce(income, 0) * 0.0129 ELSE income END + 100000"
    exact, rounded = (narrowed(f"SELECT sum({argument}) FROM citizens", mode=mode).sql for mode in ("exact", "rounded"))
    assert exact.count("0.0129") == exact.count("AS DOUBLE) * 0.0129 ELSE") == 1
    assert rounded.count("0.0129") == rounded.count("[1]) * 0.0129)") == 1  # after rounding


def test_groups_by_decade_keep_whole_numbers() -> None:
    sql = "SELECT d, sum(income) FROM (SELECT (year(birth_date) // 10) * 10 AS d, income FROM citizens) GROUP BY 1"
    assert all(isinstance(row[0], int) for row in rows(narrowed(sql)))
