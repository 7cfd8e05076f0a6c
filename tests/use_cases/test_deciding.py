from __future__ import annotations

from typing import Any

import pytest

from access_broker.domain.decisions import Reason, Refused
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.ports import Unavailable
from tests.support.fakes import ScriptedPolicy


class Broken:
    name = "broken"

    def __init__(self, document: Any) -> None:
        self.document = document

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> Any:
        return self.document


def test_reasons_come_back_in_order() -> None:
    reasons = [Reason("SIGNATURE_MISSING", "S3-P1"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]
    assert ask(ScriptedPolicy(activation=reasons), "activation", {}).reasons == tuple(reasons)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"allow": True},
        {"allow": False, "reasons": []},
        {"allow": True, "reasons": [{"code": "NOT_NAMED", "rule": ""}]},
        {"allow": 1, "reasons": []},
        {"allow": "true", "reasons": []},
        {"allow": False, "reasons": "NOT_NAMED"},
        {"allow": False, "reasons": ["NOT_NAMED"]},
        {"allow": False, "reasons": [{"code": "NOT_NAMED"}]},
        {"reasons": []},
    ],
)
def test_whatever_is_no_clean_answer_is_no_answer(document: Any) -> None:
    with pytest.raises(Unavailable) as failure:
        ask(Broken(document), "login", {})
    assert failure.value.code == "POLICY_UNAVAILABLE"


def test_a_refusal_carries_every_reason() -> None:
    reasons = (Reason("SIGNATURE_MISSING", "S3-P1"), Reason("REPORTS_MISSING", "S3-P1-R1"))
    with pytest.raises(Refused) as refusal:
        require(reasons)
    assert refusal.value.reason == reasons[0]
    assert refusal.value.reasons == reasons


def test_no_reason_is_no_refusal() -> None:
    require(())
