"""The document that describes the API, and the API held against it with whatever Schemathesis thinks of."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import negative_data_rejection, positive_data_acceptance
from starlette.types import ASGIApp, Receive, Scope, Send

from access_broker.domain.contracts import ContractState
from tests.support.broker import GUARD_SECRET, HUB_SECRET, SECRET, make_broker
from tests.support.factories import make_contract

OPEN = {("get", "/api/v1/health"), ("get", "/api/v1/rules"), ("post", "/api/v1/sign-in")}


def test_the_document_is_where_people_look_for_it() -> None:
    broker = make_broker()
    assert broker.client.get("/openapi.json").json() == broker.get("/openapi.json").json()


def test_every_route_says_who_may_call_it() -> None:
    document = make_broker().client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            expected = [] if (method, path) in OPEN else [{_scheme_of(path): []}]
            assert operation.get("security", []) == expected, f"{method} {path}"


def _scheme_of(path: str) -> str:
    if path == "/api/v1/hub/refusals":
        return "guard"
    return next((scheme for scheme in ("operator", "hub") if f"/{scheme}/" in path), "token")


def test_every_route_promises_problem_documents() -> None:
    document = make_broker().client.get("/openapi.json").json()
    assert "Problem" in document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            assert set(operation["responses"]["4XX"]["content"]) == {"application/problem+json"}


class _FromLoopback:
    """Schemathesis calls from nowhere, and from nowhere a local token is worth nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(dict(scope, client=("127.0.0.1", 40000)), receive, send)


_BROKER = make_broker(make_contract(state=ContractState.ACTIVE), make_contract("P2"))
_SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", _FromLoopback(_BROKER.app))


@_SCHEMA.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
def test_no_request_brings_the_api_down(case: schemathesis.Case) -> None:
    """Nothing but answers that the document promises, and no 5xx, whatever is sent, signed in or not."""
    case.call_and_validate(
        headers={
            "Authorization": "Bearer chair",
            "X-Amanat-Operator": SECRET,
            "X-Amanat-Hub": HUB_SECRET,
            "X-Amanat-Guard": GUARD_SECRET,
        },
        # an unknown query parameter is ignored, as everywhere on the web; unknown members of a body are refused. Which
        # characters a reader cannot see, no pattern of a schema can say: test_bad_input.py does
        excluded_checks=[negative_data_rejection, positive_data_acceptance],
    )
