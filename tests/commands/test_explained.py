from __future__ import annotations

from typing import Any

import pytest

from access_broker.adapters.sentences import next_step, what
from access_broker.commands.explained import explained
from access_broker.domain.contracts import Differencing, Dominance, Epsilon
from access_broker.domain.decisions import Obligations
from access_broker.domain.reasons import REASONS


def refused(code: str, rule: str | None = None) -> dict[str, Any]:
    use = {"table": "town.people", "column": "income", "use": "project", "verdict": "refuse", "rule": "S3-P5"}
    return {"verdict": "refuse", "code": code, "rule": rule, "uses": [use], "obligations": []}


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("code", REASONS)
def test_every_refusal_says_why_and_what_instead(code: str, language: str) -> None:
    head, why, instead, use = explained(refused(code, "S3-P5"), language).splitlines()
    assert head == f"refuse [AMANAT:{code}] (S3-P5)"
    assert why.endswith(what(code, {}, language))
    assert instead.endswith(next_step(code, {}, language))
    assert use.split() == ["refuse", "town.people.income", "project"]


def test_a_refusal_that_names_something_says_it_and_what_to_write_instead() -> None:
    found = refused("FUNCTION_NOT_ALLOWED", "S3-P5") | {"detail": {"name": "time_bucket"}}
    _, why, instead, _ = explained(found, "en").splitlines()
    assert "time_bucket" in why
    assert "date_trunc" in instead


def test_the_language_is_the_askers() -> None:
    assert "Why: A column may be read only inside an aggregate." in explained(refused("AGGREGATE_ONLY"), "en")
    assert "چرا: " in explained(refused("AGGREGATE_ONLY"), "fa")


def allowed(obligations: Obligations) -> dict[str, Any]:
    return {"verdict": "allow", "code": None, "rule": None, "uses": [], "obligations": obligations.as_list()}


def test_what_an_allowed_statement_must_obey_is_told_in_words() -> None:
    guarded = (("a", 10), ("b", 10))
    terms = Obligations(guarded, 50, "rounded", 7, Differencing.REFUSE, Dominance(2, 0.9))
    assert explained(allowed(terms), "en").splitlines() == [
        "allow",
        "  Figures rest on at least 10 people each; smaller groups are left out and smaller figures stay empty.",
        "  At most 50 rows come back.",
        "  Answer mode over people: rounded.",
        "  This contract may run 7 statements a day.",
        "  A figure that differs by a few people from what was told before is withheld.",
        "  A total of which the 2 largest hold more than 90 percent is withheld.",
    ]
    persian = explained(allowed(terms), "fa")
    assert "۱۰ نفر" in persian
    assert "{" not in persian


def test_under_noise_k_and_memory_are_not_promised_but_the_budget_is() -> None:
    terms = Obligations((("a", 10),), 50, "dp", 7, Differencing.REFUSE, Dominance(2, 0.9), Epsilon(0.1, 1.0))
    found = allowed(terms)
    found["obligations"][-1]["left"] = 0.7
    assert explained(found, "en").splitlines()[1:] == [
        "  A group shows when its noisy number of people is large enough, at least 10; figures carry noise.",
        "  At most 50 rows come back.",
        "  Answer mode over people: differentially private.",
        "  This contract may run 7 statements a day.",
        "  A new question spends up to 0.1 of this contract's epsilon of 1.0; 0.7 is left. Asked again, it is free.",
    ]
    persian = explained(found, "fa")
    assert "۰.۷" in persian or "۰٫۷" in persian
    assert "{" not in persian


def test_an_obligation_without_words_is_not_left_out() -> None:
    found = allowed(Obligations()) | {"obligations": [{"kind": "another", "limit": 3}]}
    assert explained(found, "en").splitlines()[-1].strip() == '{"kind": "another", "limit": 3}'
