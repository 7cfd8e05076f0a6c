"""Everything that goes wrong leaves as an RFC 9457 problem document: one table from reason code to status.

Refused             the code's status        a decision against the caller, with its reasons
├─ LoadRefused      that of its first misfit a scenario whose items do not fit the records
ScenarioFaulty      422 SCENARIO_FAULTY      a scenario file with faults, each with its line
Unavailable         503 and its code         records, audit or policy did not answer: never an allow
RequestValidation…  422 INVALID              a request that is not what the interface says
HTTPException       its own status           unknown route, wrong method
anything else       500 INTERNAL             with a reference number; see edge.py
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from access_broker.api.languages import language_of
from access_broker.api.services import Sentences, services_of
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.reasons import REASONS
from access_broker.use_cases.load import LoadRefused
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.scenario import ScenarioFaulty

MEDIA_TYPE = "application/problem+json"

_OF_GROUP = {
    "login": 401,
    "contract": 409,
    "committee": 409,
    "statement": 422,
    "grant": 403,
    "running": 503,
    "system": 503,
    "act": 409,
}
_OF_CODE = {
    "PERSON_DISABLED": 403,
    "TOO_MANY_ATTEMPTS": 429,
    "NOT_NAMED": 403,
    "NOT_PERMITTED": 403,
    "NOT_FOUND": 404,
    "INVALID": 422,
    "KIND_UNKNOWN": 422,
    "SCENARIO_FAULTY": 422,
    "FINDING_MISSING": 422,
    "OPINION_MISSING": 422,
    "NOT_RUNNING": 503,
    "SPAWN_NOT_AVAILABLE": 503,
    "SPAWN_FAILED": 503,
    "INTERNAL": 500,
}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_OF_STATUS = {404: "NOT_FOUND", 401: "NO_TOKEN", 403: "NOT_PERMITTED", 500: "INTERNAL"}


def status_of(code: str) -> int:
    """The HTTP status of a reason code; a code nobody knows is our fault."""
    known = REASONS.get(code)
    return _OF_CODE.get(code, _OF_GROUP[known.group]) if known else 500


class Teller:
    """Tells reasons in the language of one request."""

    def __init__(self, sentences: Sentences, accept_language: str) -> None:
        self._sentences = sentences
        self.language = language_of(accept_language)

    def sentence(self, reason: Reason, detail: dict[str, Any]) -> str:
        return self._sentences(reason, detail, self.language)

    def error(self, reason: Reason, detail: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"code": reason.code, "rule": reason.rule, "detail": self.sentence(reason, detail), **more}

    def problem(
        self, reason: Reason, detail: dict[str, Any] | None = None, status: int | None = None, **extension: Any
    ) -> Response:
        """The document as a response. `extension` members come after the standard ones."""
        status = status or status_of(reason.code)
        content = {
            "type": f"urn:amanat:reason:{reason.code}",
            "title": reason.code,
            "status": status,
            **self.error(reason, detail or {}),
            **extension,
        }
        headers = {"Content-Language": self.language, "Vary": "Accept-Language"}
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return Response(encoded(content), status, headers, MEDIA_TYPE)


def encoded(content: Any) -> bytes:
    """JSON in UTF-8. A lone surrogate that a caller sent becomes its own JSON escape instead of an error of ours."""
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")


def teller_of(request: Request) -> Teller:
    return Teller(services_of(request).sentences, request.headers.get("accept-language", ""))


def install(app: FastAPI) -> None:
    """Give every error of the table above its handler."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(ScenarioFaulty, _scenario_faulty)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)


def _refused(request: Request, error: Exception) -> Response:
    refused, tell = cast(Refused, error), teller_of(request)
    if isinstance(refused, LoadRefused):
        errors = [
            tell.error(reason, misfit.refused.detail, where=misfit.where)
            for misfit in refused.misfits
            for reason in misfit.refused.reasons
        ]
    else:
        errors = [tell.error(reason, refused.detail) for reason in refused.reasons]
    extension: dict[str, Any] = {"errors": errors} if len(errors) > 1 or isinstance(refused, LoadRefused) else {}
    response = tell.problem(refused.reason, refused.detail, **extension)
    if response.status_code == 429:
        response.headers["Retry-After"] = str(refused.detail["seconds"])
    return response


def _scenario_faulty(request: Request, error: Exception) -> Response:
    tell = teller_of(request)
    faults = [
        {"line": f.line, "where": f.where, "message": f.message_fa if tell.language == "fa" else f.message_en}
        for f in cast(ScenarioFaulty, error).faults
    ]
    return tell.problem(Reason("SCENARIO_FAULTY"), {"count": len(faults)}, faults=faults)


def _unavailable(request: Request, error: Exception) -> Response:
    response = teller_of(request).problem(Reason(cast(Unavailable, error).code), status=503)
    response.headers["Retry-After"] = "2"
    return response


def _not_valid(request: Request, error: Exception) -> Response:
    """Says where and what kind of fault, never what was sent: a body may hold a password."""
    tell, reason = teller_of(request), Reason("INVALID")
    found = _places(cast(RequestValidationError, error).errors())
    errors = [tell.error(reason, detail, where=detail["where"], fault=fault) for detail, fault in found]
    return tell.problem(reason, found[0][0] if found else {}, errors=errors)


def _places(errors: Iterable[dict[str, Any]]) -> list[tuple[dict[str, str], str]]:
    """What is told of each: where, and of a character that nobody would find otherwise, which one it is."""
    told = [(".".join(str(part) for part in e["loc"])[:200], e) for e in errors]
    return [({"where": where} | _hidden(error), str(error["type"])) for where, error in told][:20]


def _hidden(error: dict[str, Any]) -> dict[str, str]:
    return {"why": str(error["ctx"]["character"])} if error["type"] == "misleading_character" else {}


def _http(request: Request, error: Exception) -> Response:
    http = cast(HTTPException, error)
    response = teller_of(request).problem(Reason(_OF_STATUS.get(http.status_code, "INVALID")), status=http.status_code)
    for name, value in (http.headers or {}).items():
        response.headers[name] = value
    if http.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return response


def _methods_at(request: Request) -> set[str]:
    """What the path can be asked with: the framework names the methods of the first route there and not of the rest."""
    asked = {method: dict(request.scope, method=method) for method in _METHODS}
    routes = request.app.routes
    return {method for method, scope in asked.items() if any(r.matches(scope)[0] is Match.FULL for r in routes)}
