from __future__ import annotations

import copy
from typing import Any

import pytest

from access_broker.adapters.policy import RememberedPolicy
from access_broker.use_cases.ports import Unavailable

FACTS = {"now": 1_800_000_000, "contract": {"terms": {"daily_queries": 3}}, "today": {"queries": 0}, "person": "sara"}


class Counting:
    """Allows statements while some are left; counts what it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.away = False

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((entrypoint, copy.deepcopy(facts)))
        if self.away:
            raise Unavailable("POLICY_UNAVAILABLE", "away")
        return {"allow": facts["today"]["queries"] < 3, "reasons": []}


@pytest.fixture
def engine() -> Counting:
    return Counting()


@pytest.fixture
def policy(engine: Counting) -> RememberedPolicy:
    return RememberedPolicy(engine)


def changed(**facts: Any) -> dict[str, Any]:
    return copy.deepcopy(FACTS) | facts


def test_the_same_facts_are_asked_about_once(policy: RememberedPolicy, engine: Counting) -> None:
    assert [policy.decide("access", changed())["allow"] for _ in range(5)] == [True] * 5
    assert engine.asked == [("access", FACTS)]
    assert policy.name == "counting"


@pytest.mark.parametrize(
    "other",
    [
        {"now": FACTS["now"] + 1},
        {"now": FACTS["now"] - 1},
        {"person": "omid"},
        {"contract": {"terms": {"daily_queries": 4}}},
        {"more": None},
        {"today": {"queries": 0, "more": 1}},
        {"today": {"queries": 0.5}},
        {"today": {"queries": -1}},
    ],
)
def test_any_other_fact_is_another_question(policy: RememberedPolicy, engine: Counting, other: dict[str, Any]) -> None:
    policy.decide("access", changed())
    policy.decide("access", changed(**other))
    assert len(engine.asked) == 2


def test_another_rule_is_another_question(policy: RememberedPolicy, engine: Counting) -> None:
    policy.decide("access", changed())
    policy.decide("login", changed())
    assert [rule for rule, _ in engine.asked] == ["access", "login"]


def test_of_todays_count_only_whether_any_is_left_is_a_fact(policy: RememberedPolicy, engine: Counting) -> None:
    allowed = [policy.decide("access", changed(today={"queries": n}))["allow"] for n in range(6)]
    assert allowed == [True, True, True, False, False, False]
    assert len(engine.asked) == 2


def test_what_is_told_cannot_be_changed_for_the_next_one(policy: RememberedPolicy) -> None:
    policy.decide("access", changed())["reasons"].append("planted")
    policy.decide("access", changed())["reasons"].append("planted")
    assert policy.decide("access", changed()) == {"allow": True, "reasons": []}


def test_a_policy_that_was_away_is_asked_again(policy: RememberedPolicy, engine: Counting) -> None:
    engine.away = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            policy.decide("access", changed())
    engine.away = False
    assert policy.decide("access", changed())["allow"]
    assert len(engine.asked) == 3


def test_what_is_kept_is_bounded(policy: RememberedPolicy, engine: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access_broker.adapters.policy.remembered._MOST", 2)
    for person in ("a", "b", "a", "c", "a", "b"):
        policy.decide("access", changed(person=person))
    assert [facts["person"] for _, facts in engine.asked] == ["a", "b", "c", "b"]
    assert len(policy._known) == 2
