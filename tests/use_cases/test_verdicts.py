from __future__ import annotations

import copy
import math
from typing import Any

import pytest

from access_broker.domain.contracts import Differencing, Dominance, Epsilon
from access_broker.domain.decisions import Obligations, Reason, UseVerdict
from access_broker.use_cases.verdicts import decision_from

SOURCES = {"s0": "census.people", "s1": "geo.cities"}
USE = {"table": "census.people", "column": "city", "use": "group", "allowed": True, "rule": "", "code": ""}
DENIED = USE | {"use": "project", "allowed": False, "rule": "S3-P5", "code": "AGGREGATE_ONLY"}
OBLIGATIONS = {
    "min_entities": {"s0": 10},
    "max_rows": 1000,
    "daily_queries": 100,
    "answer_mode": "rounded",
    "differencing": "off",
    "dominance": None,
    "epsilon": None,
}
ALLOWED: dict[str, Any] = {"allow": True, "reasons": [], "uses": [USE], "obligations": OBLIGATIONS}
REFUSED: dict[str, Any] = {
    "allow": False,
    "reasons": [{"code": "AGGREGATE_ONLY", "rule": "S3-P5"}],
    "uses": [USE, DENIED],
    "obligations": OBLIGATIONS,
}


def changed(document: dict[str, Any], *path: str | int, value: Any = ...) -> dict[str, Any]:
    """`document` with something else at `path`, or without it."""
    result = copy.deepcopy(document)
    holder: Any = result
    for key in path[:-1]:
        holder = holder[key]
    if value is ...:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return result


def assert_not_believed(document: Any) -> None:
    decision = decision_from(document, SOURCES)
    assert not decision.allowed
    assert decision.reasons == (Reason("POLICY_UNAVAILABLE"),)
    assert decision.obligations == Obligations()


def test_an_allowance_carries_verdicts_and_obligations() -> None:
    decision = decision_from(ALLOWED, SOURCES)
    assert decision.allowed
    assert decision.uses == (UseVerdict("census.people", "city", "group", True),)
    assert decision.obligations == Obligations((("s0", 10),), 1000, "rounded", 100)


def test_what_the_gateway_must_remember_and_weigh_is_carried() -> None:
    document = changed(ALLOWED, "obligations", "differencing", value="refuse")
    document["obligations"]["dominance"] = {"n": 2.0, "share": 0.8, "p": 0.1}
    obligations = decision_from(document, SOURCES).obligations
    assert (obligations.differencing, obligations.dominance) == (Differencing.REFUSE, Dominance(2, 0.8, 0.1))
    kinds = [told["kind"] for told in obligations.as_list()]
    assert kinds[-3:] == ["differencing", "dominance", "p_percent"]


def test_numbers_may_come_as_floats_when_they_are_whole() -> None:
    document = changed(ALLOWED, "obligations", "min_entities", value={"s0": 10.0})
    k = decision_from(document, SOURCES).obligations.k_of("s0")
    assert (k, type(k)) == (10, int)


def test_a_refusal_carries_verdicts_and_no_obligations() -> None:
    decision = decision_from(REFUSED, SOURCES)
    assert decision.reasons == (Reason("AGGREGATE_ONLY", "S3-P5"),)
    assert [use.allowed for use in decision.uses] == [True, False]
    assert decision.obligations == Obligations()


def test_a_refusal_needs_no_obligations_to_be_believed() -> None:
    assert decision_from(changed(REFUSED, "obligations"), SOURCES).reasons == (Reason("AGGREGATE_ONLY", "S3-P5"),)


def test_the_most_fundamental_reason_comes_first() -> None:
    codes = ("AGGREGATE_ONLY", "CONTRACT_CUT", "NOT_GRANTED", "TOKEN_NOT_VALID")
    document = REFUSED | {"reasons": [{"code": code, "rule": ""} for code in codes]}
    told = [reason.code for reason in decision_from(document, SOURCES).reasons]
    assert told == ["TOKEN_NOT_VALID", "CONTRACT_CUT", "NOT_GRANTED", "AGGREGATE_ONLY"]


@pytest.mark.parametrize(
    "path",
    [
        ("allow",),
        ("reasons",),
        ("uses",),
        ("obligations",),
        *(("obligations", name) for name in OBLIGATIONS),
        *(("uses", 0, name) for name in USE),
    ],
)
def test_anything_missing_refuses(path: tuple[str | int, ...]) -> None:
    assert_not_believed(changed(ALLOWED, *path))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("allow",), False),
        (("allow",), None),
        (("allow",), 1),
        (("reasons",), None),
        (("reasons",), [{"code": "AGGREGATE_ONLY", "rule": ""}]),
        (("uses",), None),
        (("uses",), [DENIED]),
        (("uses",), ["city"]),
        (("uses", 0, "allowed"), "true"),
        (("uses", 0, "table"), None),
        (("obligations",), None),
        (("obligations",), []),
        (("obligations", "min_entities"), None),
        (("obligations", "min_entities"), {"s7": 10}),
        (("obligations", "min_entities"), {"s0": 0}),
        (("obligations", "min_entities"), {"s0": 1.5}),
        (("obligations", "min_entities"), {"s0": True}),
        (("obligations", "min_entities"), {"s0": "10"}),
        (("obligations", "min_entities"), {"s0": math.inf}),
        (("obligations", "min_entities"), {"s0": math.nan}),
        (("obligations", "max_rows"), 0),
        (("obligations", "max_rows"), None),
        (("obligations", "daily_queries"), -1),
        (("obligations", "answer_mode"), "guessed"),
        (("obligations", "answer_mode"), ["exact"]),
        (("obligations", "answer_mode"), "dp"),
        (("obligations", "differencing"), "sometimes"),
        (("obligations", "dominance"), {"n": 1}),
        (("obligations", "dominance"), {"n": 1, "share": 0.8}),
        (("obligations", "dominance"), {"n": 1, "share": 0.8, "p": 0}),
        (("obligations", "dominance"), {"n": 1, "share": 0.8, "p": True}),
        (("obligations", "dominance"), {"n": 1, "share": 0.8, "p": 2}),
        (("obligations", "dominance"), {"n": 0, "share": 0.8, "p": None}),
        (("obligations", "dominance"), {"n": 1, "share": 0, "p": None}),
        (("obligations", "dominance"), {"n": 1, "share": 1.5, "p": None}),
        (("obligations", "dominance"), {"n": 1, "share": True, "p": None}),
        (("obligations", "dominance"), {"n": 1, "share": "0.8", "p": None}),
        (("obligations", "something_new"), True),
    ],
    ids=repr,
)
def test_anything_wrong_refuses(path: tuple[str | int, ...], value: Any) -> None:
    assert_not_believed(changed(ALLOWED, *path, value=value))


@pytest.mark.parametrize("document", [{}, None, [], "allow", True], ids=repr)
def test_no_document_refuses(document: Any) -> None:
    assert_not_believed(document)


@pytest.mark.parametrize(
    "reasons",
    [
        [{"code": "BECAUSE", "rule": ""}],
        [{"code": "AGGREGATE_ONLY"}],
        [{"code": None, "rule": ""}],
        ["AGGREGATE_ONLY"],
        [],
    ],
    ids=repr,
)
def test_a_refusal_for_no_known_reason_is_still_a_refusal(reasons: list[Any]) -> None:
    assert_not_believed(REFUSED | {"reasons": reasons})


def test_noise_comes_with_its_budget() -> None:
    noisy = OBLIGATIONS | {"answer_mode": "dp", "epsilon": {"per_statement": 0.1, "total": 1}}
    assert decision_from(ALLOWED | {"obligations": noisy}, SOURCES).obligations.epsilon == Epsilon(0.1, 1.0)


@pytest.mark.parametrize(
    ("mode", "epsilon"),
    [
        ("dp", None),
        ("exact", {"per_statement": 0.1, "total": 1}),
        ("dp", {"per_statement": 0.1}),
        ("dp", {"per_statement": 0, "total": 1}),
        ("dp", {"per_statement": True, "total": 1}),
        ("dp", {"per_statement": "0.1", "total": 1}),
        ("dp", {"per_statement": 0.1, "total": 1, "delta": 1}),
        ("dp", {"per_statement": math.nan, "total": 1}),
        ("dp", {"per_statement": 0.1, "total": math.inf}),
    ],
    ids=repr,
)
def test_noise_without_a_whole_budget_is_not_believed(mode: str, epsilon: Any) -> None:
    obligations = OBLIGATIONS | {"answer_mode": mode, "epsilon": epsilon}
    assert_not_believed(ALLOWED | {"obligations": obligations})
