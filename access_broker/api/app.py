"""Puts the REST API together: services, routes, errors, edge, and the OpenAPI document that describes them."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from access_broker.api import (
    act_routes,
    calendar_routes,
    contract_routes,
    data_routes,
    end_routes,
    exit_routes,
    hub_routes,
    key_routes,
    motion_routes,
    operator_routes,
    oversight_routes,
    problems,
    record_routes,
    release_routes,
    report_routes,
    rule_routes,
    sign_in_routes,
    steward_routes,
)
from access_broker.api.edge import Edge
from access_broker.api.lockout import Lockout
from access_broker.api.services import Extras, Secrets, Sentences, Services
from access_broker.use_cases.people import Passwords
from access_broker.use_cases.ports import Clock, PolicyEngine, Records

PREFIX = "/api/v1"

_ROUTES = (
    record_routes,
    steward_routes,
    contract_routes,
    key_routes,
    data_routes,
    motion_routes,
    act_routes,
    oversight_routes,
    end_routes,
    exit_routes,
    release_routes,
    report_routes,
    calendar_routes,
    rule_routes,
    sign_in_routes,
    operator_routes,
)

_PROBLEM_REF = {"content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused", **_PROBLEM_REF},
    "5XX": {"description": "Not available", **_PROBLEM_REF},
}
_STRING, _REASON = {"type": "string"}, ("code", "rule", "detail")
_PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable, `rule` the directive's id or empty, `errors` every reason if several.",
    "type": "object",
    "required": ["type", "title", "status", *_REASON],
    "properties": {
        **dict.fromkeys(("type", "title", *_REASON, "reference"), _STRING),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "required": list(_REASON), "properties": dict.fromkeys(_REASON, _STRING)},
        },
        "faults": {"type": "array", "items": {"type": "object", "required": ["line", "where", "message"]}},
    },
}


def create_api(
    records: Records,
    policy: PolicyEngine,
    clock: Clock,
    passwords: Passwords,
    sentences: Sentences,
    secrets: Secrets,
    extras: Extras,
) -> FastAPI:
    """The application."""
    app = FastAPI(
        routes=list(_routes()),
        title="Amanat",
        summary="Data is lent, never handed over.",
        description=(
            "Texts of a request hold no control character and nothing that hides or turns a line around; a half-space"
            " between Persian letters is spelling."
        ),
        version="1",
        docs_url=None,  # the page loads scripts from elsewhere
        redoc_url=None,
        middleware=[Middleware(Edge, sentences=sentences, operator_secret=secrets.operator)],
    )
    app.state.services = Services(records, policy, clock, passwords, sentences, secrets, extras, Lockout())
    problems.install(app)
    for install in extras.installs:
        install(app)
    _describe(app)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """The API's own, made once: what each takes and gives is the same for any application, and long to work out."""
    whole = APIRouter()
    for router in (*(module.router for module in _ROUTES), hub_routes.router, hub_routes.guard_router):
        whole.include_router(router, prefix=PREFIX, responses=_RESPONSES)
    return tuple(whole.routes)


def _describe(app: FastAPI) -> None:
    """The document at /openapi.json, and the same one below the prefix, where someone who has only that looks."""
    generated = app.openapi

    def openapi() -> dict[str, Any]:
        document = generated()
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
        return document

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_route(f"{PREFIX}/openapi.json", lambda _request: JSONResponse(app.openapi()), include_in_schema=False)
