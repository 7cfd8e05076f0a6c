"""A visit of ITO to a workspace, put on record at the page of the contract (C-3)."""

from __future__ import annotations

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.domain.visits import WorkspaceVisit
from tests.console.world import make_world
from tests.support.factories import make_contract


def test_a_visit_is_recorded_by_somebody_of_ito_and_read_by_the_executor() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE), make_contract("P2"))
    auditor, analyst = world.browser("auditor"), world.browser("analyst")
    assert "/contracts/P1/visits" in auditor.get("/contracts/P1").text
    assert "/contracts/P1/visits" not in analyst.get("/contracts/P1").text
    assert "/contracts/P2/visits" not in auditor.get("/contracts/P2").text, "nothing to visit yet"
    answer = auditor.post("/contracts/P1/visits", person="analyst", why="Is <i>nothing</i> kept?")
    assert "Is &lt;i&gt;nothing" in answer.text
    told = analyst.get("/contracts/P1").text
    assert "Is &lt;i&gt;nothing" in told
    assert "<bdi>Auditor</bdi>" in told


@pytest.mark.parametrize(
    ("who", "typed", "status"),
    [
        ("analyst", {"person": "analyst", "why": "me"}, 403),
        ("outsider", {"person": "analyst", "why": "us"}, 404),
        ("auditor", {"person": "outsider", "why": "them"}, 403),
        ("auditor", {"person": "analyst", "why": " "}, 422),
    ],
)
def test_a_visit_that_may_not_be_is_refused(who: str, typed: dict[str, str], status: int) -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    assert world.browser(who).post("/contracts/P1/visits", **typed).status_code == status
    with world.records.read() as reader:
        assert reader.filed(WorkspaceVisit) == []
