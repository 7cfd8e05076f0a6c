from __future__ import annotations

import anyio
import pytest
from starlette.types import Message, Receive, Scope, Send

from access_broker.api.edge import LARGEST_BODY, LARGEST_SCENARIO, Edge
from access_broker.api.services import Secrets
from access_broker.domain.contracts import ContractState
from tests.support.broker import SECRET, make_broker
from tests.support.factories import make_contract
from tests.support.fakes import speak

ACTIVE = make_contract(state=ContractState.ACTIVE)


def test_every_answer_has_the_headers_that_keep_a_browser_quiet() -> None:
    broker = make_broker()
    for response in (
        broker.get("/health"),
        broker.get("/me"),
        broker.get("/nowhere"),
        broker.client.get("/openapi.json"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in response.headers["content-security-policy"]


def test_a_surprise_is_told_by_a_reference_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    broker = make_broker()
    broker.records.broken = RuntimeError("SELECT secret FROM somewhere")
    response = broker.get("/me", "chair")
    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "INTERNAL")
    assert "secret" not in response.text
    assert problem["reference"] in caplog.text
    assert response.headers["x-frame-options"] == "DENY"


def test_a_body_that_is_too_long_is_refused_before_anybody_reads_it() -> None:
    broker = make_broker(ACTIVE)
    response = broker.post("/sign-in", body={"person": "chair", "password": "x" * LARGEST_BODY})
    assert (response.status_code, response.json()["code"]) == (413, "INVALID")


def test_only_the_operator_may_send_a_long_scenario() -> None:
    broker = make_broker()
    body = {"text": "x" * (2 * LARGEST_BODY)}
    assert broker.operate("POST", "/load", body).status_code == 200
    assert broker.post("/operator/load", body=body).status_code == 413
    wrong = broker.post("/operator/load", body=body, headers={"X-Amanat-Operator": "guess"})
    assert wrong.status_code == 413
    assert LARGEST_SCENARIO > 100 * LARGEST_BODY


def test_half_a_request_is_no_request() -> None:
    """The caller hangs up in the middle of the body; the application must not see the first half as the whole."""
    reached: list[bytes] = []
    sent: list[Message] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append((await receive())["body"])

    messages: list[Message] = [
        {"type": "http.request", "body": b'{"ground": "F-13"}', "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    anyio.run(Edge(application, speak, SECRET), scope, receive, send)
    assert (reached, sent) == ([], [])


@pytest.mark.parametrize("given", [("", "h", "g"), ("o", "", "g"), ("o", "h", ""), ("o", "h", "o"), ("o", "h", "h")])
def test_an_empty_or_shared_secret_is_no_secret(given: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Secrets(*given)


def test_a_secret_does_not_print() -> None:
    assert "operator-s" not in repr(Secrets("operator-s", "hub-s", "guard-s"))
