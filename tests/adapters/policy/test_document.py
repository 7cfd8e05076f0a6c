from __future__ import annotations

from typing import Any

import pytest

from access_broker.adapters.policy.document import checked, checked_entrypoint, unavailable
from access_broker.use_cases.ports import Unavailable

REASON = {"code": "CONTRACT_CUT", "rule": "F-13"}


@pytest.mark.parametrize(
    "document",
    [
        {"allow": True, "reasons": []},
        {"allow": False, "reasons": [REASON]},
        {"allow": False, "reasons": [REASON, REASON], "uses": []},
    ],
)
def test_a_clean_answer_is_passed_on(document: dict[str, Any]) -> None:
    assert checked(document) is document


@pytest.mark.parametrize(
    "document",
    [
        None,
        "<undefined>",
        True,
        [],
        {},
        {"allow": True},
        {"reasons": []},
        {"allow": True, "reasons": [REASON]},
        {"allow": False, "reasons": []},
        {"allow": 1, "reasons": []},
        {"allow": "true", "reasons": []},
        {"allow": None, "reasons": []},
        {"allow": True, "reasons": None},
        {"allow": True, "reasons": {}},
        {"allow": False, "reasons": ["CONTRACT_CUT"]},
        {"allow": False, "reasons": [{"code": "CONTRACT_CUT"}]},
        {"allow": False, "reasons": [{"code": "", "rule": ""}]},
        {"allow": False, "reasons": [{"code": 1, "rule": "F-13"}]},
    ],
    ids=repr,
)
def test_anything_else_denies(document: Any) -> None:
    with pytest.raises(Unavailable) as raised:
        checked(document)
    assert raised.value.code == "POLICY_UNAVAILABLE"


@pytest.mark.parametrize("entrypoint", ["", "access.decision", "access/../login", "Access", "a b", "data", "1x", "é"])
def test_an_entrypoint_is_a_package_name(entrypoint: str) -> None:
    if entrypoint == "data":  # harmless: there is no such package, and undefined denies
        assert checked_entrypoint(entrypoint) == "data"
        return
    with pytest.raises(Unavailable):
        checked_entrypoint(entrypoint)


def test_the_cause_is_short_and_on_one_line() -> None:
    cause = unavailable("\n--> a.rego:3:1\n  |\n3 | x\nerror: no\n\nStack backtrace:\n  0: anyhow").cause
    assert cause == "--> a.rego:3:1; 3 | x; error: no"
    assert len(unavailable("x" * 5000).cause) == 400
