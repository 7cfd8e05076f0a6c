"""Both engines, one answer: on every case of the Rego tests, on every gap in good facts, on facts nobody thought of."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.policy import EmbeddedPolicy, OpaPolicy, policy_dir
from access_broker.use_cases.verdicts import decision_from
from tests.policies.changes import changed_facts, paths, statements, with_value, without
from tests.policies.conftest import Facts

ALLOWING = ("access", "login", "spawn", "activation", "acts", "violations", "exits", "signals", "votes", "recording")
ENTRYPOINTS = (*ALLOWING, "release")
"""All that are asked. `release` allows nothing as long as there is no output review."""

GENERATED = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class Both:
    """The two engines as one. An answer on which they differ is a failure, whatever it says."""

    def __init__(self, embedded: EmbeddedPolicy, opa: OpaPolicy) -> None:
        self._embedded, self._opa = embedded, opa

    def decide(self, entrypoint: str, facts: Any) -> dict[str, Any]:
        ours, theirs = self._embedded.decide(entrypoint, facts), self._opa.decide(entrypoint, facts)
        assert ours == theirs, json.dumps(facts)
        return ours


@pytest.fixture(scope="module")
def both(embedded: EmbeddedPolicy, opa: OpaPolicy) -> Both:
    return Both(embedded, opa)


def test_every_case_of_the_rego_tests(both: Both, rego: dict[str, Any]) -> None:
    told = 0
    for package in rego["cases"].values():
        for note, case in package["cases"].items():
            decision = both.decide(package["entrypoint"], case["facts"])
            reasons = {f"{reason['code']} {reason['rule']}".strip() for reason in decision["reasons"]}
            assert reasons == set(case["reasons"]), note
            told += 1
    assert told > 200


@pytest.mark.parametrize("entrypoint", ALLOWING)
def test_good_facts_are_allowed(both: Both, good_facts: dict[str, Facts], entrypoint: str) -> None:
    assert both.decide(entrypoint, good_facts[entrypoint])["allow"] is True


def test_whatever_is_asked_nothing_leaves(both: Both, good_facts: dict[str, Facts]) -> None:
    """Good facts find the one reason that no facts take away; `test_any_change` asks both engines about many more."""
    not_open = {"code": "RELEASE_NOT_OPEN", "rule": "S3-P5"}
    assert both.decide("release", good_facts["release"]) == {"allow": False, "reasons": [not_open]}


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
@pytest.mark.parametrize("facts", [{}, [], None, "facts", 7, True], ids=repr)
def test_no_facts_are_malformed_facts(both: Both, entrypoint: str, facts: Any) -> None:
    assert both.decide(entrypoint, facts)["reasons"] == [{"code": "MALFORMED_FACTS", "rule": ""}]


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_a_missing_part_is_malformed_facts(both: Both, good_facts: dict[str, Facts], entrypoint: str) -> None:
    for part in good_facts[entrypoint]:
        decision = both.decide(entrypoint, without(good_facts[entrypoint], (part,)))
        assert decision["reasons"] == [{"code": "MALFORMED_FACTS", "rule": ""}], part


MAY_BE_LESS = {
    # fewer questions, not fewer answers: a smaller scope, a shorter statement; nobody acknowledges before activation
    # clauses are asked for at activation; what is demanded beside the two of every contract is in no good facts
    "access": (("query", "touches"), ("query", "joins"), ("contract", "clauses"), ("contract", "demanded")),
    "login": (("datasets",), ("contract", "clauses"), ("contract", "demanded")),
    "spawn": (("datasets",), ("tables",), ("contract", "clauses"), ("contract", "demanded")),
    "activation": (("tables",), ("contract", "acknowledged"), ("contract", "demanded"), ("exclusive",)),
    "acts": (),
    "violations": (("raised",),),
    "exits": (("exit", "keys"),),
    "release": (),
    "signals": (("refusals",), ("thresholds",)),
    "votes": (),
    "recording": (),
}


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_each_removal_refuses(both: Both, good_facts: dict[str, Facts], entrypoint: str) -> None:
    facts = good_facts[entrypoint]
    tried = 0
    for path in paths(facts):
        decision = both.decide(entrypoint, without(facts, path))
        fewer = any(path[: len(part)] == part and len(path) > len(part) for part in MAY_BE_LESS[entrypoint])
        spare = isinstance(path[-1], int) and path[-2] in ("aggregates", "joins", "resources")
        assert decision["allow"] is False or fewer or spare, path
        tried += 1
    assert tried >= len(facts)


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_the_schema_and_the_policy_call_the_same_facts_whole(
    embedded: EmbeddedPolicy, good_facts: dict[str, Facts], entrypoint: str
) -> None:
    """They are written apart, so that neither can be the laxer one unnoticed."""
    validator = jsonschema.Draft7Validator(schema_of(entrypoint))
    facts = _with_every_field(good_facts[entrypoint])
    for path in paths(facts):
        if any(isinstance(key, int) and key > 0 for key in path):
            continue  # one member stands for its whole list
        for value in (None, True, 0, -1, 0.5, 1e16, "", "*", "x", [], {}, [[]]):
            changed = with_value(facts, path, value)
            is_whole = validator.is_valid(changed) and _hangs_together(changed)
            decision = embedded.decide(entrypoint, changed)
            assert (decision["reasons"] != [{"code": "MALFORMED_FACTS", "rule": ""}]) is is_whole, (path, value)


@GENERATED
@given(data=st.data(), entrypoint=st.sampled_from(ENTRYPOINTS))
def test_any_change(both: Both, good_facts: dict[str, Facts], data: st.DataObject, entrypoint: str) -> None:
    decision = both.decide(entrypoint, data.draw(changed_facts(good_facts[entrypoint])))
    assert decision["allow"] is (decision["reasons"] == [])


@GENERATED
@given(data=st.data())
def test_any_statement(both: Both, good_facts: dict[str, Facts], data: st.DataObject) -> None:
    """Beside equality: what is allowed never shows a value of somebody who must be counted."""
    facts = data.draw(statements(good_facts["access"]))
    document = both.decide("access", facts)
    decision = decision_from(document, facts["query"]["sources"])
    assert decision.allowed is document["allow"]
    if decision.allowed:
        guarded = _guarded(facts)
        assert dict(decision.obligations.min_entities) == dict.fromkeys(guarded, facts["contract"]["terms"]["k"])
        for touch in facts["query"]["touches"]:
            if touch["source"] in guarded:
                assert touch["use"] not in ("project", "rows", "transform", "guess"), touch
            mode = _mode(facts, touch)
            assert mode is not None
            assert mode != "aggregate" or touch["use"] == "aggregate"
            assert mode != "join" or touch["use"] not in ("project", "group", "filter")


def _guarded(facts: Facts) -> set[str]:
    """The sources that must be counted, worked out a second time from the definition."""
    coarse = {"dimension", "aggregate", "join"}
    noisy = facts["contract"]["terms"]["answer_mode"] == "dp"
    touched: dict[str, set[str]] = {}
    sides = [join[end] for join in facts["query"]["joins"] for end in ("left", "right")]
    for touch in [*facts["query"]["touches"], *sides]:
        if touch["column"] != "*":
            touched.setdefault(touch["source"], set()).add(_mode(facts, touch) or "none")
    found = set()
    for source, key in facts["query"]["sources"].items():
        table = facts["tables"][key]
        is_protected = table["entity"] is not None and (noisy or not coarse.isdisjoint(table["columns"].values()))
        if is_protected and (noisy or touched.get(source) != {"raw"}):
            found.add(source)
    return found


def _mode(facts: Facts, touch: Facts) -> str | None:
    table = facts["tables"].get(facts["query"]["sources"][touch["source"]])
    if table is None or touch["column"] == "*":
        return "*" if table else None
    return table["columns"].get(touch["column"])


def _with_every_field(facts: Facts) -> Facts:
    """Good facts leave some fields null or empty; here each holds something. They are refused then, but whole."""
    facts = copy.deepcopy(facts)
    if "terms" in facts.get("contract", {}):
        dominance, epsilon = {"n": 1, "share": 0.8, "p": 0.1}, {"per_statement": 0.1, "total": 1}
        facts["contract"]["terms"] |= {"dominance": dominance, "answer_mode": "dp", "epsilon": epsilon}
    if "query" in facts:
        facts["query"]["unknown"] = [{"table": "people", "column": "name", "use": "project"}]
    return facts


def _hangs_together(facts: Facts) -> bool:
    """What no schema can say: tables are of datasets that are told, touches of sources that are told, epsilon comes

    with noise and noise with epsilon.
    """
    terms = facts.get("contract", {}).get("terms")
    if terms and (terms["answer_mode"] == "dp") != (terms["epsilon"] is not None):
        return False
    datasets = {key.split(".")[0] for key in facts.get("tables", {})}
    query = facts.get("query", {"sources": {}, "touches": [], "joins": []})
    sides = [join[end] for join in query["joins"] for end in ("left", "right")]
    sources = {touch["source"] for touch in [*query["touches"], *sides]}
    return datasets <= facts.get("datasets", {}).keys() and sources <= query["sources"].keys()


def schema_of(entrypoint: str) -> dict[str, Any]:
    schemas = policy_dir() / "schemas"
    own = schemas / entrypoint / "input.json"
    if own.is_file():
        return json.loads(own.read_text("utf-8"))
    schema = json.loads((schemas / "facts" / "input.json").read_text("utf-8"))
    return schema | schema["definitions"]["needed_by"][entrypoint]
