"""Asking through REST whether a result may leave, against the real policy."""

from __future__ import annotations

from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from tests.support.broker import Broker, make_broker
from tests.support.factories import audit_kinds, make_contract, position
from tests.support.leaving import rivals

FILE = {"digest": "ab" * 32, "kind": "table", "size": 4096}
HERE = "/contracts/P1/releases"


@pytest.fixture
def broker(policy: EmbeddedPolicy) -> Broker:
    return make_broker(make_contract(state=ContractState.ACTIVE), rivals(), policy=policy)


def test_the_refusal_says_what_to_do_instead_and_stays_on_record(broker: Broker) -> None:
    start = position(broker.records)
    answer = broker.post(HERE, "analyst", FILE)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["rule"]) == (403, "RELEASE_NOT_OPEN", "S3-P5")
    assert [kind for kind in audit_kinds(broker.records, start) if kind.startswith("release")] == ["release.refused"]


def test_somebody_else_is_told_that_there_is_no_such_contract(broker: Broker) -> None:
    start = position(broker.records)
    assert broker.post(HERE, "outsider", FILE).status_code == 404
    assert broker.post("/contracts/P9/releases", "analyst", FILE).status_code == 404
    assert "release.refused" not in audit_kinds(broker.records, start)


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "AB" * 32},
        {"digest": "ab"},
        {"kind": "rows"},
        {"size": -1},
        {"size": 2**53},
        {"content": "a,b"},
    ],
    ids=str,
)
def test_what_is_no_file_is_not_asked_about(broker: Broker, change: dict[str, Any]) -> None:
    """Not even its content: there is no field for it."""
    start = position(broker.records)
    assert broker.post(HERE, "analyst", FILE | change).status_code == 422
    assert "release.refused" not in audit_kinds(broker.records, start)
