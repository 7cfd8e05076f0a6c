from __future__ import annotations

from typing import Any

import pytest

from access_broker.domain.datasets import MaskTemplate
from access_broker.domain.decisions import Refused
from access_broker.publish.keyed import bind_key
from access_broker.publish.masks import TOKEN_KEY, mask_sql
from access_broker.publish.types import decimal_scale
from tests.publish.world import engine


def mask(template: str, **arguments: Any) -> MaskTemplate:
    return MaskTemplate(template, tuple(arguments.items()))


def masked(template: MaskTemplate, type_name: str, values: str) -> tuple[list[Any], list[Any]]:
    """Raw and masked values of `values` (an SQL query with one column v), in the same order."""
    con = engine()
    bind_key(con, TOKEN_KEY, b"s" * 32, "token")
    sql = mask_sql(template, "v", type_name, "d.t.c")
    rows = con.execute(f"SELECT v, {sql} FROM (SELECT CAST(v AS {type_name}) AS v FROM ({values}))").fetchall()
    return [r[0] for r in rows], [r[1] for r in rows]


DAYS = "SELECT v FROM (SELECT DATE '2000-01-01' + i::INTEGER AS v FROM range(731) t(i)) WHERE day(v) <> 1"
INCOMES = "SELECT 10001.07 + i * 13.01 AS v FROM range(1000) t(i)"
NAMES = "SELECT 'name' || lpad(i::VARCHAR, 4, '0') AS v FROM range(1000) t(i)"


@pytest.mark.parametrize(
    ("template", "type_name", "values", "distinct"),
    [
        (mask("fixed", value="***"), "VARCHAR", NAMES, 1),
        (mask("fixed", value=0), "DECIMAL(12,2)", INCOMES, 1),
        (mask("token"), "VARCHAR", NAMES, 1000),
        (mask("date", to="year"), "DATE", DAYS, 2),
        (mask("date", to="quarter"), "DATE", DAYS, 8),
        (mask("date", to="month"), "TIMESTAMP", DAYS, 24),
        (mask("band", width=10000), "DECIMAL(12,2)", INCOMES, 2),
        (mask("band", width=10000), "DOUBLE", INCOMES, 2),
        (mask("band", width=2500.5), "DECIMAL(12,2)", INCOMES, 7),
        (mask("band", width=500), "INTEGER", "SELECT i + 1 AS v FROM range(998) t(i) WHERE i <> 499", 2),
        (mask("prefix", length=5), "VARCHAR", NAMES, 1),
        (mask("prefix", length=6), "VARCHAR", NAMES, 10),
        (mask("prefix", length=2), "BIGINT", "SELECT i + 1000 AS v FROM range(9000) t(i)", 90),
        (mask("null"), "VARCHAR", NAMES, 1),
    ],
)
def test_as_many_outputs_as_the_template_says_and_no_raw_value(
    template: MaskTemplate, type_name: str, values: str, distinct: int
) -> None:
    raw, out = masked(template, type_name, values)
    assert len(set(out)) == distinct
    assert {str(v).removesuffix(" 00:00:00") for v in raw}.isdisjoint(str(v) for v in out)


@pytest.mark.parametrize("type_name", ["INTEGER", "DECIMAL(12,0)", "DECIMAL(9,1)", "DECIMAL(12,2)", "DECIMAL(18,6)"])
def test_the_narrowest_band_holds_five_values(type_name: str) -> None:
    scale = decimal_scale(type_name) or 0
    values = f"SELECT i::DECIMAL(18,6) / {10**scale} AS v FROM range(1000) t(i)"
    raw, out = masked(mask("band", width=5 / 10**scale), type_name, values)
    assert len(set(raw)) == 1000
    assert len(set(out)) <= 201


@pytest.mark.parametrize("width", [1000, 5, 0.5, 0.05])
@pytest.mark.parametrize("type_name", ["FLOAT", "DOUBLE"])
def test_honest_bands_of_numbers_without_a_finest_step_are_kept(type_name: str, width: float) -> None:
    assert mask_sql(mask("band", width=width), "v", type_name, "d.t.c")


def test_a_band_is_the_lower_bound_and_keeps_no_digit() -> None:
    values = "SELECT unnest([58415.06, 9999.99, 0, -0.01, NULL]) AS v"
    assert masked(mask("band", width=10000), "DECIMAL(12,2)", values)[1] == [50000.0, 0.0, 0.0, -10000.0, None]


def test_null_stays_null_except_where_everybody_looks_alike() -> None:
    nothing = "SELECT NULL AS v"
    for template, type_name in (
        (mask("token"), "VARCHAR"),
        (mask("date", to="year"), "DATE"),
        (mask("prefix", length=1), "VARCHAR"),
        (mask("null"), "DATE"),
    ):
        assert masked(template, type_name, nothing)[1] == [None]
    assert masked(mask("fixed", value="***"), "VARCHAR", nothing)[1] == ["***"]


def test_a_value_no_longer_than_its_prefix_does_not_come_out_whole() -> None:
    assert masked(mask("prefix", length=3), "VARCHAR", "SELECT unnest(['Ana', 'Al', 'Elena']) AS v")[1] == [
        None,
        None,
        "Ele",
    ]


def test_a_token_is_sixteen_hex_characters() -> None:
    (token,) = masked(mask("token"), "BIGINT", "SELECT 7 AS v")[1]
    assert len(token) == 16
    int(token, 16)


def test_a_fixed_value_cannot_end_its_literal() -> None:
    text = "'); DROP TABLE x; --"
    assert masked(mask("fixed", value=text), "VARCHAR", "SELECT 'a' AS v")[1] == [text]


@pytest.mark.parametrize(
    ("template", "type_name", "why"),
    [
        (mask("sql", text="income"), "BIGINT", "mask_unknown"),
        (mask("Token"), "VARCHAR", "mask_unknown"),
        (mask("token", length=64), "VARCHAR", "mask_arguments"),
        (mask("band"), "BIGINT", "mask_arguments"),
        (MaskTemplate("band", (("width", 5), ("width", 10))), "BIGINT", "mask_arguments"),
        (mask("band", width=0), "DOUBLE", "mask_width"),
        (mask("band", width=-5), "DOUBLE", "mask_width"),
        (mask("band", width=1), "BIGINT", "mask_width"),
        (mask("band", width=0.01), "DECIMAL(12,2)", "mask_width"),
        (mask("band", width=0.015), "DECIMAL(12,2)", "mask_width"),
        (mask("band", width=0.04), "DECIMAL(12,2)", "mask_width"),
        (mask("band", width=1.5), "BIGINT", "mask_width"),
        (mask("band", width=4), "DECIMAL(12,0)", "mask_width"),
        (mask("band", width=1e-9), "DOUBLE", "mask_width"),
        (mask("band", width=0.04), "FLOAT", "mask_width"),
        (mask("band", width=float("inf")), "DOUBLE", "mask_width"),
        (mask("band", width="10"), "BIGINT", "mask_width"),
        (mask("band", width=True), "DOUBLE", "mask_width"),
        (mask("band", width=10), "VARCHAR", "mask_type"),
        (mask("date", to="day"), "DATE", "mask_date_part"),
        (mask("date", to="year', DATE '2000-01-01')--"), "DATE", "mask_date_part"),
        (mask("date", to="year"), "VARCHAR", "mask_type"),
        (mask("prefix", length=0), "VARCHAR", "mask_length"),
        (mask("prefix", length="2"), "VARCHAR", "mask_length"),
        (mask("prefix", length=2), "DATE", "mask_type"),
        (mask("fixed", value=None), "VARCHAR", "mask_value"),
        (mask("fixed", value=["a"]), "VARCHAR", "mask_value"),
        (mask("fixed", value=float("nan")), "DOUBLE", "mask_value"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(template: MaskTemplate, type_name: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        mask_sql(template, "v", type_name, "d.t.c")
    assert refused.value.reason.code == "INVALID"
    assert refused.value.detail == {"place": "d.t.c", "why": why}
