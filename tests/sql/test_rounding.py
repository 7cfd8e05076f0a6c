"""Rounded answers: the same cell rounds the same in whatever words, up as often as down, and no wording is exact."""

from __future__ import annotations

from typing import Any

import pytest

from access_broker.sql.verify import verify
from tests.support.sample import narrowed, plan, rows


def answer(sql: str, mode: str = "rounded") -> Any:
    statement = narrowed(sql, mode=mode)
    verify(plan(statement.sql), statement)
    return rows(statement)


@pytest.mark.parametrize(
    "words",
    [
        (
            "SELECT count(*) FROM citizens WHERE disease = 'HIV'",
            "SELECT count(*) FROM citizens WHERE NOT disease <> 'HIV'",
            "SELECT count(gender) FROM (SELECT gender FROM citizens WHERE disease LIKE 'HIV') x",
            "SELECT count_if(disease = 'HIV') FROM citizens",
            "SELECT count(*) FILTER (WHERE disease = 'HIV') FROM citizens",
            "SELECT count(CASE WHEN disease = 'HIV' THEN 'x' END) FROM citizens",
            "SELECT count(DISTINCT national_id) FROM citizens WHERE disease = 'HIV'",
            "SELECT sum(1) FROM citizens WHERE disease = 'HIV'",
            "SELECT sum(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END) FROM citizens",
            "SELECT sum(CASE WHEN disease = 'HIV' THEN 3 ELSE 0 END) / 3 FROM citizens",
            "SELECT sum(if(disease = 'HIV', 1, 0)) FROM citizens",
            "SELECT count(*) FROM provinces p JOIN citizens c ON c.province = p.province WHERE c.disease = 'HIV'",
        ),
        (
            "SELECT avg(v.cost) FROM citizens c JOIN visits v ON c.national_id = v.national_id",
            "SELECT avg(v.cost) FROM visits v JOIN citizens c ON c.national_id = v.national_id",
            "SELECT avg(cost) FROM visits WHERE national_id IN (SELECT national_id FROM citizens)",
        ),
        (
            "SELECT count(*) FROM visits WHERE clinic = 'Clinic A' GROUP BY clinic",
            "SELECT sum(n) FROM (SELECT clinic, count(*) AS n FROM visits GROUP BY 1) WHERE clinic = 'Clinic A'",
        ),
    ],
)
def test_words_make_no_difference(words: tuple[str, ...]) -> None:
    assert len({float(answer(w)[0][0]) for w in words}) == 1


def test_a_count_is_a_multiple_of_five_and_less_than_five_away() -> None:
    sql = "SELECT city, gender, count(*) FROM citizens GROUP BY ALL ORDER BY ALL"
    shown = {row[:2]: row[2] for row in answer(sql)}
    true = {row[:2]: row[2] for row in answer(sql, "exact")}
    assert shown.keys() == true.keys()
    away = [shown[group] - true[group] for group in true]
    assert all(n % 5 == 0 for n in shown.values())
    assert all(-5 < a < 5 for a in away)
    assert {a > 0 for a in away if a} == {True, False}
    assert abs(sum(away) / len(away)) < 1


def test_a_measure_has_three_digits_and_goes_up_and_down() -> None:
    sql = "SELECT city, avg(income), sum(income) FROM citizens GROUP BY ALL ORDER BY ALL"
    for shown, true in zip(answer(sql), answer(sql, "exact"), strict=True):
        for place in (1, 2):
            assert shown[place] == float(f"{shown[place]:.3g}")
            assert shown[place] == pytest.approx(float(true[place]), rel=0.01)
    up = {shown[1] > true[1] for shown, true in zip(answer(sql), answer(sql, "exact"), strict=True)}
    assert up == {True, False}


def test_a_share_is_one_rounded_count_by_another() -> None:
    sql = "SELECT avg(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END), count_if(disease = 'HIV'), count(*) FROM citizens"
    share, some, everybody, _ = answer(sql)[0]
    assert share == pytest.approx(some / everybody)


def test_what_is_made_of_zeros_and_ones_is_never_exact() -> None:
    sql = "SELECT {}(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END) FROM citizens"
    for function in ("stddev_pop", "var_samp"):
        shown = answer(sql.format(function))[0][0]
        assert shown == float(f"{shown:.1g}")


def test_a_group_without_values_stays_null_and_open_figures_stay_exact() -> None:
    assert answer("SELECT count(*) FROM citizens WHERE city = 'Oviedo'")[0] == (None, False)
    assert answer("SELECT sum(population) FROM provinces")[0][0] == 3146738
