"""What a LEFT JOIN knows of each person chooses people in a figure as in WHERE; added up it is of those who have it."""

from __future__ import annotations

import pytest

from tests.support.sample import is_as_ungated, narrowed, rows, uses

JOINED = "citizens c LEFT JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) v USING (national_id)"
PER_PERSON = f"WITH p AS (SELECT c.city, c.gender, c.income, coalesce(v.n, 0) AS n FROM {JOINED})"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT c.gender, count(*) FILTER (WHERE v.n IS NULL), count(*) FILTER (WHERE v.n >= 3)"
        f" FROM {JOINED} GROUP BY 1",
        f"SELECT c.gender, count(*) FILTER (WHERE coalesce(v.n, 0) = 0) FROM {JOINED} GROUP BY 1",
        f"SELECT c.gender, sum(CASE WHEN v.n IS NULL THEN 1 ELSE 0 END) FROM {JOINED} GROUP BY 1",
        f"SELECT c.gender, count_if(v.n IS NULL), avg(c.income) FILTER (WHERE v.n IS NULL) FROM {JOINED} GROUP BY 1",
        f"{PER_PERSON} SELECT gender, avg(CASE WHEN n = 0 THEN 1.0 ELSE 0.0 END) FROM p GROUP BY gender",
        f"{PER_PERSON} SELECT gender, count(*) FILTER (WHERE n = 0), count(*) FILTER (WHERE n > 3) FROM p GROUP BY 1",
    ],
)
def test_those_without_a_match_are_counted(sql: str) -> None:
    assert is_as_ungated(sql)
    assert not any("transform" in use for use in uses(sql))


@pytest.mark.parametrize(
    "taken", ["v.n >= 100", "v.n IS NULL", "v.n >= 3 OR c.city = 'Oviedo'", "coalesce(v.n, 0) < 2"]
)
@pytest.mark.parametrize("group", ["c.city", "c.disease", "c.gender"])
def test_a_filter_tells_no_more_than_where_would(taken: str, group: str) -> None:
    by_filter = f"SELECT {group}, count(*) FILTER (WHERE {taken}), avg(c.income) FILTER (WHERE {taken})"
    told = {row for row in rows(narrowed(f"{by_filter} FROM {JOINED} GROUP BY 1")) if row[1] is not None}
    asked = f"SELECT {group}, count(*), avg(c.income) FROM {JOINED} WHERE {taken} GROUP BY 1"
    assert told <= set(rows(narrowed(asked)))


@pytest.mark.parametrize(
    "figure",
    [
        "sum(v.n)",
        "avg(v.n)",
        "count(v.n)",
        "sum(coalesce(v.n, 0))",
        "avg(v.n) FILTER (WHERE c.income > 0)",
    ],
)
def test_what_is_added_up_must_be_there_for_enough(figure: str) -> None:
    """Nine of them are joined to anything."""
    few = "(SELECT national_id, count(*) AS n FROM visits WHERE national_id < 10 GROUP BY 1) v"
    asked = f"SELECT {figure} AS x FROM citizens c LEFT JOIN {few} USING (national_id)"
    assert rows(narrowed(asked))[0][:2] == (None, False)


def test_neither_few_who_have_it_nor_few_who_have_not_are_counted() -> None:
    few = "(SELECT national_id, count(*) AS n FROM visits WHERE national_id {} 10 GROUP BY 1) v"
    for which in ("<", ">"):
        people = f"citizens c LEFT JOIN {few.format(which)} USING (national_id) WHERE c.national_id < 15"
        for figure in ("count(*) FILTER (WHERE v.n IS NULL)", "sum(CASE WHEN v.n > 0 THEN 1 ELSE 0 END)"):
            assert rows(narrowed(f"SELECT {figure} FROM {people}"))[0] == (None, False)
