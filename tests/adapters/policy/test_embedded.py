from __future__ import annotations

import gc
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy, embedded
from access_broker.use_cases.ports import Unavailable
from tests.adapters.policy.conftest import CLEAN, write_policy

GOOD = {"good": True}


def refused(policy: EmbeddedPolicy, entrypoint: str = "login", facts: Any = None) -> str:
    with pytest.raises(Unavailable) as raised:
        policy.decide(entrypoint, GOOD if facts is None else facts)
    assert raised.value.code == "POLICY_UNAVAILABLE"
    return raised.value.cause


def test_it_decides(policies: Path) -> None:
    with EmbeddedPolicy(policies) as policy:
        assert policy.name == "embedded"
        assert policy.decide("login", GOOD) == {"allow": True, "reasons": []}


def test_the_shipped_policies_decide() -> None:
    with EmbeddedPolicy() as policy:
        assert policy.decide("access", {})["reasons"] == [{"code": "MALFORMED_FACTS", "rule": ""}]


def test_undefined_and_unknown_deny(policies: Path) -> None:
    with EmbeddedPolicy(policies) as policy:
        refused(policy, facts={})
        refused(policy, "activation")
        refused(policy, "login.decision")


@pytest.mark.parametrize(
    "decision",
    [
        "decision := true",
        'decision := {"allow": true}',
        'decision := {"allow": true, "reasons": [{"code": "CONTRACT_CUT", "rule": ""}]}',
        "default decision := {}",
        "decision := floor(input.word)",
    ],
)
def test_a_malformed_decision_denies(tmp_path: Path, decision: str) -> None:
    with EmbeddedPolicy(write_policy(tmp_path, decision)) as policy:
        refused(policy, facts={"word": "x"})


@pytest.mark.parametrize("facts", [{"x": float("nan")}, {"x": float("inf")}, {"x": object()}, {1: {2}}], ids=repr)
def test_facts_that_are_not_json_deny(policies: Path, facts: Any) -> None:
    with EmbeddedPolicy(policies) as policy:
        refused(policy, facts=facts)
        assert policy.decide("login", GOOD)["allow"] is True


def test_facts_of_one_decision_do_not_reach_the_next(policies: Path) -> None:
    with EmbeddedPolicy(policies) as policy:
        policy.decide("login", GOOD)
        refused(policy, facts={"good": False})
        refused(policy, facts={"\ud800": True, **GOOD})  # a text the engine cannot read
        refused(policy, facts={})


def test_it_goes_on_after_an_error_of_the_engine(tmp_path: Path) -> None:
    write_policy(tmp_path, f"decision := {CLEAN} if floor(input.good) == 1")
    with EmbeddedPolicy(tmp_path) as policy:
        assert "floor" in refused(policy, facts={"good": "text"})
        assert policy.decide("login", {"good": 1})["allow"] is True


def test_many_threads_get_their_own_answers(policies: Path) -> None:
    write_policy(policies, 'decision := {"allow": false, "reasons": [{"code": input.word, "rule": ""}]}', "acts")
    words = [f"W{number}" for number in range(200)]
    with EmbeddedPolicy(policies) as policy, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda word: policy.decide("acts", {"word": word})["reasons"][0]["code"], words)
        assert list(answers) == words


def test_a_policy_that_does_not_parse_is_found_at_the_start(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(ValueError, match=r"does not parse: .*login\.rego"):
        EmbeddedPolicy(write_policy(tmp_path, "decision := {"))
    assert threading.active_count() == before


def test_a_file_changed_later_changes_nothing(policies: Path) -> None:
    with EmbeddedPolicy(policies) as policy:
        (policies / "login" / "login.rego").write_text("package login")
        assert policy.decide("login", GOOD)["allow"] is True


def test_after_closing_it_denies(policies: Path) -> None:
    policy = EmbeddedPolicy(policies)
    policy.close()
    policy.close()
    refused(policy)


def test_a_late_answer_is_no_answer(policies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = _Scripted()
    monkeypatch.setattr(embedded.regorus, "Engine", lambda: slow)
    with EmbeddedPolicy(policies, timeout=0.05) as policy:
        assert "Timeout" in refused(policy, facts={"word": "wait"})
        assert "Timeout" in refused(policy, facts={"word": "never asked"})
        slow.go_on.set()
        refused(policy, facts={"word": "asked"})
    assert [json.loads(text)["word"] for text in slow.asked] == ["wait", "asked"]


def test_a_panic_denies_and_the_next_decision_gets_a_fresh_engine(
    policies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = iter([_Scripted, embedded.regorus.Engine])
    monkeypatch.setattr(embedded.regorus, "Engine", lambda: next(engines)())
    with EmbeddedPolicy(policies) as policy:
        assert "engine is gone" in refused(policy, facts={"word": "panic"})
        assert policy.decide("login", GOOD)["allow"] is True


def test_forgetting_it_ends_its_thread(policies: Path) -> None:
    policy = EmbeddedPolicy(policies)
    thread = policy._thread
    del policy
    gc.collect()
    thread.join(timeout=5)
    assert not thread.is_alive()


class _Panic(BaseException):
    """What a panic of the engine looks like from Python: no Exception."""


class _Scripted:
    """An engine that waits or panics when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = threading.Event()

    def add_policy(self, path: str, text: str) -> None: ...

    def set_input_json(self, text: str) -> None:
        self.asked.append(text)
        if "panic" in text:
            raise _Panic("engine is gone")
        if "wait" in text:
            self.go_on.wait(10)

    def eval_rule_as_json(self, rule: str) -> str:
        return "null"
