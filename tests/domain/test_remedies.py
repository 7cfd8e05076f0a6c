"""What to write instead: for the names people type, in both languages, and short enough for the wire."""

from __future__ import annotations

import pytest

from access_broker.adapters.sentences import LANGUAGES, catalogue, next_step, sentence
from access_broker.domain.decisions import Reason
from access_broker.domain.remedies import REMEDIES, names_of, remedy_of

_WIRE = 1200  # bytes, where the gateway clips


@pytest.mark.parametrize(
    ("code", "name", "remedy"),
    [
        ("NOT_SUPPORTED", "LIKE", "like"),
        ("NOT_SUPPORTED", "like", "like"),
        ("NOT_SUPPORTED", "ASOF   JOIN", "join"),
        ("NOT_SUPPORTED", "LEFT ANTI JOIN", "semi_join"),
        ("NOT_SUPPORTED", "round(…)", ""),
        ("NOT_SUPPORTED", "", ""),
        ("NOT_A_QUERY", "DESCRIBE", "metadata"),
        ("SYNTAX", "PIVOT", "pivot"),
        ("FUNCTION_NOT_ALLOWED", "time_bucket", "time_bucket"),
        ("FUNCTION_NOT_ALLOWED", "like", ""),
        ("AGGREGATE_NOT_ALLOWED", "median(income)", "percentile"),
        ("NOT_GRANTED", "information_schema.tables", "metadata"),
        ("NOT_GRANTED", "main.citizens", ""),
        ("NOT_GRANTED", "median", ""),
        ("AGGREGATE_ONLY", "income IS NULL", "null_test"),
        ("AGGREGATE_ONLY", "income", ""),
        ("BELOW_K", "LIKE", ""),
    ],
)
def test_a_remedy_is_chosen_by_what_was_typed(code: str, name: str, remedy: str) -> None:
    assert remedy_of(code, name) == remedy


def test_a_remedy_takes_the_place_of_the_general_advice() -> None:
    assert "`date_trunc('week', d)`" in next_step("FUNCTION_NOT_ALLOWED", {"name": "time_bucket"}, "en")
    assert next_step("FUNCTION_NOT_ALLOWED", {"name": "soundex"}, "en") == next_step("FUNCTION_NOT_ALLOWED", {}, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", REMEDIES)
def test_every_remedy_is_told_whole(key: str, language: str) -> None:
    told = sentence(Reason("NOT_SUPPORTED"), {"name": names_of(key)[0]}, language)

    assert f"remedy.{key}" in catalogue(language)
    assert len(told.encode("utf-8")) <= _WIRE
    assert "remedy." not in told


def test_no_remedy_is_left_in_the_translations_alone() -> None:
    assert {m.removeprefix("remedy.") for m in catalogue("en") if m.startswith("remedy.")} == set(REMEDIES)
