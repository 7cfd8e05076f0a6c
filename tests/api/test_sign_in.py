from __future__ import annotations

from datetime import timedelta

import pytest

from access_broker.api.lockout import FAILURES, WAIT
from tests.support.broker import Broker, make_broker

PASSWORD = "correct horse"


@pytest.fixture
def broker() -> Broker:
    made = make_broker()
    for person in ("chair", "analyst"):
        assert made.operate("POST", "/passwords", {"person": person, "password": PASSWORD}).status_code == 204
    return made


def sign_in(broker: Broker, person: str, password: str) -> tuple[int, dict[str, object]]:
    response = broker.post("/sign-in", body={"person": person, "password": password})
    return response.status_code, response.json()


def test_a_password_opens_the_api_for_eight_hours(broker: Broker) -> None:
    status, token = sign_in(broker, "chair", PASSWORD)
    assert (status, token["person"], token["contract"]) == (200, "chair", None)
    assert broker.get("/me", str(token["token"])).json()["seats"] == [{"committee": "monitoring", "number": 1}]
    broker.clock.advance(timedelta(hours=8))
    assert broker.get("/me", str(token["token"])).json()["code"] == "TOKEN_EXPIRED"


def test_who_is_on_record_cannot_be_told_from_the_answer(broker: Broker) -> None:
    wrong, unknown, without = (
        sign_in(broker, "chair", "x"),
        sign_in(broker, "nobody", "x"),
        sign_in(broker, "steward", "x"),
    )
    assert wrong == unknown == without
    assert (wrong[0], wrong[1]["code"]) == (401, "SIGN_IN_FAILED")


@pytest.mark.parametrize("person", ["chair", "nobody"])
def test_guessing_has_to_wait(broker: Broker, person: str) -> None:
    assert {sign_in(broker, person, f"guess {n}")[0] for n in range(FAILURES)} == {401}
    locked = broker.post("/sign-in", body={"person": person, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert int(locked.headers["retry-after"]) == WAIT.total_seconds()
    assert sign_in(broker, "analyst", PASSWORD)[0] == 200
    broker.clock.advance(WAIT)
    assert sign_in(broker, person, PASSWORD)[0] == (200 if person == "chair" else 401)


def test_a_success_starts_the_count_anew(broker: Broker) -> None:
    for _ in range(3):
        for _ in range(FAILURES - 1):
            sign_in(broker, "chair", "guess")
        assert sign_in(broker, "chair", PASSWORD)[0] == 200
