from __future__ import annotations

import pytest

from access_broker.domain.contracts import AnswerMode, ContractState, Epsilon, Terms
from access_broker.domain.decisions import Reason
from tests.support.broker import make_broker
from tests.support.factories import make_contract
from tests.support.fakes import ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)
ELSEWHERE = make_contract("P2", ContractState.ACTIVE, executor="raqib", people=("outsider",), acknowledged=())
NOISY = Terms(answer_mode=AnswerMode.DP, epsilon=Epsilon(0.1, 1.0))


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("analyst", ["P1"]),
        ("analyst@P1", ["P1"]),
        ("analyst@P2", []),
        ("colleague", []),
        ("outsider", ["P2"]),
        ("chair", ["P1", "P2"]),
        ("chair@P1", []),
        ("auditor", ["P1", "P2"]),
        ("steward", ["P1", "P2"]),
    ],
)
def test_everyone_sees_own_contracts_and_overseers_all(who: str, seen: list[str]) -> None:
    broker = make_broker(ACTIVE, ELSEWHERE)
    assert [contract["contract"] for contract in broker.get("/contracts", who).json()] == seen


@pytest.mark.parametrize("path", ["", "/columns"])
def test_a_contract_of_others_and_none_at_all_are_answered_alike(path: str) -> None:
    broker = make_broker(ACTIVE, ELSEWHERE)
    others, none = (broker.get(f"/contracts/{id}{path}", "analyst") for id in ("P2", "P9"))
    assert others.status_code == none.status_code == 404
    assert others.text.replace("P2", "P9") == none.text


@pytest.mark.parametrize(
    "path", ["/activation", "/acknowledgements", "/warnings/1/acknowledgement", "/cuts", "/warnings"]
)
def test_what_one_may_not_see_one_may_not_touch(path: str) -> None:
    broker = make_broker(ACTIVE, ELSEWHERE)
    others, none = (broker.post(f"/contracts/{id}{path}", "analyst", {"ground": "F-13"}) for id in ("P2", "P9"))
    assert others.text.replace("P2", "P9") == none.text
    assert others.status_code == 404


def test_a_party_sees_the_terms_and_an_overseer_how_it_came_about() -> None:
    broker = make_broker(ACTIVE)
    party, overseer = broker.get("/contracts/P1", "analyst").json(), broker.get("/contracts/P1", "auditor").json()
    assert party["terms"]["k"] == 10
    assert party["history"] is None
    assert [approval["person"] for approval in overseer["history"]["approvals"]] == ["chair", "herasat"]


def test_what_is_left_of_today_is_told_as_far_as_it_is_seen() -> None:
    broker = make_broker(ACTIVE, ELSEWHERE)
    left = [contract["left_today"] for contract in broker.get("/contracts", "chair").json()]
    assert left == [None, None], "no count is in sight"
    broker.spent |= {("P1", "2026-11-22"): 3, ("P1", "2026-11-21"): 7, ("P2", "2026-11-22"): 5000}
    assert broker.get("/contracts/P1", "analyst").json()["left_today"] == ACTIVE.terms.daily_queries - 3
    assert broker.get("/contracts/P2", "outsider").json()["left_today"] == 0


def test_what_is_left_of_epsilon_is_told_as_far_as_it_is_seen() -> None:
    broker = make_broker(make_contract(state=ContractState.ACTIVE, terms=NOISY), ELSEWHERE)
    contract = broker.get("/contracts/P1", "analyst").json()
    assert contract["terms"]["epsilon"] == {"per_statement": 0.1, "total": 1.0}
    assert contract["epsilon_left"] is None, "no count is in sight"
    broker.epsilon_spent |= {"P1": 300_000, "P2": 1}
    assert broker.get("/contracts/P1", "analyst").json()["epsilon_left"] == 0.7
    assert broker.get("/contracts/P2", "outsider").json()["epsilon_left"] is None, "answers without noise"


def test_of_a_contract_that_is_cut_nothing_is_left_to_tell() -> None:
    broker = make_broker(make_contract(state=ContractState.CUT), spent={("P1", "2026-11-22"): 3})
    assert broker.get("/contracts/P1", "chair").json()["left_today"] is None


def test_what_may_be_asked_leaves_out_what_is_denied() -> None:
    tables = make_broker(ACTIVE).get("/contracts/P1/columns", "analyst@P1").json()
    modes = {table["table"]: {column["column"]: column["mode"] for column in table["columns"]} for table in tables}
    assert modes == {
        "citizens": {"national_id": "join", "birth_date": "mask", "income": "aggregate"},
        "provinces": {"province": "raw"},
    }


def test_activation_needs_a_seat_and_tells_the_others() -> None:
    broker = make_broker(make_contract())
    assert broker.post("/contracts/P1/activation", "analyst").json()["code"] == "NOT_PERMITTED"
    assert broker.post("/contracts/P1/activation", "steward").json()["code"] == "NOT_PERMITTED"
    assert broker.told == []
    assert broker.post("/contracts/P1/activation", "herasat").json() == {
        "contract": "P1",
        "state": "active",
        "generation": 1,
    }
    assert broker.told == ["P1"]


def test_accepting_the_terms_is_personal() -> None:
    broker = make_broker(make_contract(state=ContractState.ACTIVE, acknowledged=()))
    assert broker.post("/contracts/P1/acknowledgements", "chair").json()["code"] == "NOT_NAMED"
    for _ in range(2):
        response = broker.post("/contracts/P1/acknowledgements", "analyst")
        assert response.json() == {"contract": "P1", "person": "analyst"}
    assert broker.get("/contracts/P1", "analyst").json()["acknowledged"] == ["analyst"]


def test_a_warning_travels_from_the_committee_to_the_executor_and_back() -> None:
    broker = make_broker(ACTIVE)
    body = {"ground": "S3-P6-R2", "text": "گزارش هفتگی نرسیده است"}
    taken = broker.post("/contracts/P1/warnings", "chair", body).json()
    assert (taken["act"], taken["generation"]) == ("warn", 1)
    (notice,) = broker.get("/contracts/P1", "analyst@P1").json()["warnings"]
    assert (notice["number"], notice["text"], notice["acknowledged_at"]) == (1, body["text"], None)
    confirmed = broker.post("/contracts/P1/warnings/1/acknowledgement", "analyst@P1").json()
    assert confirmed["acknowledged_at"] is not None
    assert broker.post("/contracts/P1/warnings/2/acknowledgement", "analyst@P1").status_code == 404


def test_a_warning_is_taken_back_with_its_reason() -> None:
    broker = make_broker(ACTIVE)
    broker.post("/contracts/P1/warnings", "chair", {"ground": "S3-P6-R2", "text": "late"})
    path = "/contracts/P1/warnings/1/withdrawal"
    assert broker.post(path, "chair", {}).status_code == 422
    assert broker.post(path, "herasat", {"reason": "ours"}).json()["code"] == "NOT_PERMITTED"
    assert broker.post(path, "outsider", {"reason": "ours"}).status_code == 404
    assert broker.post(path, "chair", {"reason": "ours"}).json()["withdrawn"] is True
    (notice,) = broker.get("/contracts/P1", "analyst").json()["warnings"]
    assert (notice["withdrawn"], notice["withdrawn_why"]) == (True, "ours")


def test_a_cut_is_immediate_for_every_token_of_the_contract() -> None:
    broker = make_broker(ACTIVE)
    assert broker.get("/me", "analyst@P1").status_code == 200
    first = broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"})
    assert first.status_code == 200
    assert broker.told == ["P1"]
    dead = broker.get("/me", "analyst@P1").json()
    assert (dead["code"], dead["rule"]) == ("CONTRACT_CUT", "F-13")
    assert broker.get("/contracts/P1", "analyst").json()["state"] == "cut"
    assert broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"}).json() == first.json()


def test_suspending_and_lifting() -> None:
    broker = make_broker(ACTIVE)
    assert broker.post("/contracts/P1/suspensions", "chair", {"ground": "F-13"}).json()["generation"] == 2
    assert broker.get("/me", "analyst@P1").json()["code"] == "CONTRACT_SUSPENDED"
    assert broker.post("/contracts/P1/lifts", "chair", {"ground": "F-13", "decision": "M-3"}).json()["generation"] == 3
    assert broker.get("/me", "analyst@P1").json()["code"] == "TOKEN_NOT_VALID"


@pytest.mark.parametrize("who", ["analyst", "analyst@P1", "steward", "auditor"])
def test_without_a_seat_nobody_acts(who: str) -> None:
    broker = make_broker(ACTIVE)
    response = broker.post("/contracts/P1/cuts", who, {"ground": "F-13"})
    assert (response.status_code, response.json()["code"]) == (403, "NOT_PERMITTED")
    assert broker.policy.asked == []


def test_a_lost_sandbox_token_cannot_sit_on_a_committee() -> None:
    named = make_contract(state=ContractState.ACTIVE, people=("analyst", "chair"))
    response = make_broker(named).post("/contracts/P1/cuts", "chair@P1", {"ground": "F-13"})
    assert response.json()["code"] == "NOT_PERMITTED"


def test_the_policy_has_the_word_on_seat_and_ground() -> None:
    reasons = [Reason("WARNING_NEEDED", "S3-P6-R2"), Reason("DECISION_NEEDED", "S3-P6-R2")]
    broker = make_broker(ACTIVE, policy=ScriptedPolicy(acts=reasons))
    response = broker.post("/contracts/P1/cuts", "chair", {"ground": "S3-P6-R2"})
    assert (response.status_code, response.json()["rule"]) == (409, "S3-P6-R2")
    assert [error["code"] for error in response.json()["errors"]] == ["WARNING_NEEDED", "DECISION_NEEDED"]
    assert broker.told == []


def test_an_act_stands_even_when_nobody_can_be_told(caplog: pytest.LogCaptureFixture) -> None:
    broker = make_broker(ACTIVE)

    class Deaf(list[str]):
        def append(self, _contract: str) -> None:
            raise OSError("gateway gone")

    broker = type(broker)(broker.records, broker.clock, told=Deaf())
    assert broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"}).status_code == 200
    assert "gateway gone" in caplog.text
