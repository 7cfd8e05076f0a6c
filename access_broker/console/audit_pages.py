"""The auditor's page: search what was decided and done, and have the whole chain read again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from access_broker.api.services import AuditVerification
from access_broker.console.days import read_day
from access_broker.console.here import PREFIX, AtConsole, ByForm, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.audit import AuditRecord, AuditSearch
from access_broker.domain.decisions import Refused
from access_broker.use_cases.permissions import check_may_read_audit

_PAGE = 50

router = APIRouter(prefix="/audit", route_class=Page, include_in_schema=False)

Asked = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Entry:
    """A record as it is shown: a recorded statement by itself, everything else of the body as one line of JSON."""

    record: AuditRecord
    statement: str
    rest: str


@router.get("")
def audit(
    here: AtConsole,
    kind: Asked = "",
    actor: Asked = "",
    subject: Asked = "",
    since: Asked = "",
    until: Asked = "",
    before: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """The newest records that fit; older ones follow on the next page."""
    typed = {"kind": kind, "actor": actor, "subject": subject, "since": since, "until": until}
    return _found(here, typed, before)


@router.post("/verification")
def verification(acting: ByForm) -> Response:
    """Reads the whole chain anew and says whether it holds, or where it first breaks."""
    check_may_read_audit(acting.here.caller)
    return _found(acting.here, {}, 0, acting.here.desk.extras.verify_audit())


def _found(here: Here, given: dict[str, str], before: int, verified: AuditVerification | None = None) -> Response:
    check_may_read_audit(here.caller)
    typed = {name: given.get(name, "").strip() for name in ("kind", "actor", "subject", "since", "until")}
    refused, records = None, []
    with here.desk.records.read() as reader:
        kinds, total = reader.audit_kinds(), reader.audit_head()[0]
        try:
            records = reader.search_audit(_search(typed, before), _PAGE + 1)
        except Refused as error:
            refused = error
        names = names_of(reader, {record.event.actor for record in records})
    shown = [_entry(record) for record in records[:_PAGE]]
    older = _older(typed, shown[-1].record.position) if len(records) > _PAGE else None
    status = 422 if refused else 200
    known = {"kinds": kinds, "total": total, "typed": typed, "older": older, "verified": verified, "names": names}
    return page(here, "audit.html", refused, status, entries=shown, **known)


def _search(typed: dict[str, str], before: int) -> AuditSearch:
    """Both days are part of what is found. Raises Refused INVALID for what is no day."""
    since, until = read_day(typed["since"], "since"), read_day(typed["until"], "until")
    return AuditSearch(
        kind=typed["kind"],
        actor=typed["actor"],
        subject=typed["subject"],
        since=since,
        until=until + timedelta(days=1) - timedelta(microseconds=1) if until else None,
        before=before or None,
        newest_first=True,
    )


def _older(typed: dict[str, str], last: int) -> str:
    query = {name: value for name, value in typed.items() if value} | {"before": str(last)}
    return f"{PREFIX}/audit?{urlencode(query)}"


def _entry(record: AuditRecord) -> Entry:
    body = dict(record.event.body)
    statement = str(body.pop("text", "")) if record.event.kind.startswith("query.") else ""
    return Entry(record, statement, json.dumps(body, ensure_ascii=False) if body else "")
