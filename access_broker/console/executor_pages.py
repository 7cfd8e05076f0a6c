"""The executor's pages: my contracts, and what was refused to me lately with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from access_broker.console.here import AtConsole, Here
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.console.wording import Told, Wording
from access_broker.domain.audit import AuditRecord, AuditSearch
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Reason
from access_broker.domain.problems import Problem
from access_broker.use_cases.left_today import left_today
from access_broker.use_cases.permissions import is_party
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.reporting import count_overdue

_SHOWN_REFUSALS = 50

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True)
class Card:
    """One contract of mine. `why_not` is told while it gives no access; `unread`: warnings not yet confirmed.

    `left`: statements that may still be answered today, None when that is not known here. `overdue`: reports.
    """

    contract: Contract
    problem: Problem | None
    why_not: Told | None
    unread: int
    accepted: bool
    left: int | None
    overdue: int


@dataclass(frozen=True)
class Refusal:
    """A statement of mine that was refused; `text` as it was recorded."""

    record: AuditRecord
    text: str
    told: Told


@router.get("/contracts")
def contracts(here: AtConsole) -> Response:
    """Every contract that names the person, newest first."""
    with here.desk.records.read() as reader:
        mine = [contract for contract in reader.contracts() if is_party(here.caller, contract)]
        cards = [_card(reader, here, c) for c in sorted(mine, key=lambda c: c.starts_at, reverse=True)]
    return page(here, "contracts.html", cards=cards)


@router.get("/refusals")
def refusals(here: AtConsole) -> Response:
    """The last statements of the person that were refused: code, rule, and what to ask instead."""
    search = AuditSearch(kind="query.refused", actor=here.person, newest_first=True)
    with here.desk.records.read() as reader:
        found = reader.search_audit(search, _SHOWN_REFUSALS)
    wording = Wording(here.language)
    return page(here, "refusals.html", refusals=[_refusal(record, wording) for record in found])


def _card(reader: Reader, here: Here, contract: Contract) -> Card:
    standing = reader.standing(contract.id)
    why = standing.why_not(contract.generation, here.now) if standing else None
    unread = sum(n.acknowledged_at is None and not n.withdrawn for n in reader.warnings(contract.id))
    told = Wording(here.language).reason(Reason(*why), {"ends_at": contract.ends_at}) if why else None
    accepted = here.person in contract.acknowledged
    left = left_today(reader, here.desk.extras.spent, contract, here.now)
    overdue = count_overdue(reader, contract, here.now)
    return Card(contract, reader.problem(contract.problem), told, unread, accepted, left, overdue)


def _refusal(record: AuditRecord, wording: Wording) -> Refusal:
    body = record.event.body
    reason = Reason(str(body.get("code", "INTERNAL")), record.event.rule)
    return Refusal(record, str(body.get("text", "")), wording.reason(reason))
