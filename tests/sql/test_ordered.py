"""Outputs named in ORDER BY: the rows come as they do from the engine, and nothing else orders them."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import analysed, footprint, is_as_ungated, narrowed, rows, uses

_DISEASES = "SELECT disease, count(*) AS n, count(*) FILTER (WHERE gender = 'F') AS f FROM citizens GROUP BY 1"
_MONTHS = "SELECT month(visit_date) AS m, count(*) AS n FROM visits GROUP BY m"


@pytest.mark.parametrize(
    "sql",
    [
        f"{_DISEASES} ORDER BY -n",
        f"{_DISEASES} ORDER BY f * 1.0 / n DESC",
        f"{_DISEASES} ORDER BY (n) DESC",
        f"{_DISEASES} ORDER BY CASE disease WHEN 'none' THEN 1 ELSE 0 END, disease",
        f"{_DISEASES} ORDER BY rank() OVER (ORDER BY n)",
        f"{_MONTHS} ORDER BY (m + 9) % 12",
        f"SELECT m, n * 2 AS k FROM ({_MONTHS}) ORDER BY -k",
        f"SELECT m AS d, -n AS n FROM ({_MONTHS}) ORDER BY n * 1",  # the column of FROM comes first
        "SELECT disease, avg(income) AS m FROM citizens GROUP BY 1 ORDER BY round(m, -3), disease",
        "SELECT disease, rank() OVER (ORDER BY count(*) DESC) AS r FROM citizens GROUP BY 1 ORDER BY -r",
        "SELECT DISTINCT upper(gender) AS g FROM citizens ORDER BY -length(g), g DESC",
        "SELECT province AS p, population AS n FROM provinces ORDER BY -n",
        "SELECT city, count(*) FROM citizens GROUP BY 1 HAVING count(*) >= 10 ORDER BY length(city), city",
        "SELECT province, count(*) FROM citizens JOIN provinces USING (province) WHERE province <> 'Pedernales'"
        " GROUP BY 1 ORDER BY length(province), province",
        "SELECT k, count(*) AS n FROM (VALUES ('F'), ('M')) t(k) JOIN citizens ON gender = k GROUP BY k"
        " ORDER BY lower(k) DESC",
    ],
)
def test_the_rows_come_in_the_order_of_the_engine(sql: str) -> None:
    assert is_as_ungated(sql, ordered=True)


@pytest.mark.parametrize("mode", ["rounded", "exact"])
def test_what_orders_is_what_is_shown(mode: str) -> None:
    shown = [row[1] for row in rows(narrowed(f"{_DISEASES} ORDER BY -n", mode=mode))]
    assert shown == sorted(shown, reverse=True)


def test_what_nobody_is_shown_is_nothing_to_order_by() -> None:
    sql = "SELECT city, sum(income) AS s, count(*) FILTER (WHERE disease = 'HIV') AS n FROM citizens GROUP BY 1"
    ordered = rows(narrowed(f"{sql} ORDER BY -n NULLS FIRST, -s"))
    hidden = [row for row in ordered if row[2] is None]
    assert hidden
    assert ordered[: len(hidden)] == hidden


@pytest.mark.parametrize(
    ("sql", "use"),
    [
        ("SELECT gender, sum(income) AS income FROM citizens GROUP BY 1 ORDER BY -income", "s0.income project"),
        ("SELECT gender, count(*) AS n FROM citizens GROUP BY 1 ORDER BY upper(city)", "s0.city project"),
        ("SELECT income AS i FROM citizens ORDER BY -i", "s0.income project"),
        ("SELECT gender, max(income) AS m FROM citizens GROUP BY 1 ORDER BY -m", "s0.income aggregate:max"),
    ],
)
def test_it_is_looked_at_as_if_it_were_written_there(sql: str, use: str) -> None:
    assert use in uses(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT gender, count(*) AS n FROM citizens GROUP BY 1 ORDER BY -m",
        "SELECT gender, (SELECT count(*) FROM visits) AS n FROM citizens GROUP BY 1 ORDER BY -n",
        "SELECT province AS x, region AS x FROM provinces ORDER BY upper(x)",
        "SELECT c.gender AS province FROM citizens c JOIN provinces p ON p.province = c.province ORDER BY -province",
    ],
)
def test_a_name_of_nothing_or_of_two_stays_unknown(sql: str) -> None:
    assert footprint(sql).unknown


def test_copies_do_not_grow_beyond_reason() -> None:
    long = " + ".join(["population"] * 400)
    names = ", ".join(f"n + {i}" for i in range(40))
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        analysed(f"SELECT {long} AS n FROM provinces ORDER BY {names}")
