from __future__ import annotations

from access_broker.adapters.rule_catalogue import rule_catalogue
from access_broker.domain.reasons import REASONS
from tests.support.broker import make_broker


def test_anybody_may_read_every_rule() -> None:
    response = make_broker().get("/rules")
    told = response.json()
    assert response.status_code == 200
    assert [rule["id"] for rule in told] == [rule.id for rule in rule_catalogue()]
    kinds = [rule["kind"] for rule in told]
    assert [kinds.count(kind) for kind in ("procedure", "rule", "step")] == [16, 18, 19]


def test_a_rule_is_told_whole() -> None:
    (rule,) = [rule for rule in make_broker().get("/rules").json() if rule["id"] == "S3-P5"]
    assert (rule["kind"], rule["force"], rule["reach"], rule["status"]) == ("procedure", "must", "core", "partly")
    assert rule["text_en"].startswith("Citizens' data")
    assert rule["text_fa"].startswith("داده‌های شهروندان")
    assert "policies/access" in rule["enforced_by"]
    keys, _columns, review = rule["clauses"]
    assert (keys["id"], keys["pending"], keys["missing"]) == ("S3-P5 a", None, "")
    assert "tests/use_cases/test_approving.py::test_both_keys_to_personal_data_are_not_in_one_hand" in keys["tests"]
    assert (review["tests"], review["pending"]) == ([], "planned")
    assert review["missing"].startswith("Output review")


def test_every_rule_that_a_refusal_may_cite_can_be_looked_up() -> None:
    told = {rule["id"] for rule in make_broker().get("/rules").json()}
    cited = {rule for reason in REASONS.values() for rule in reason.rules}
    assert len(cited) > 15
    assert cited <= told
