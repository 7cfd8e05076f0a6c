"""The certificate of an exit (D-2): what was ended, by whom and when, and what is still to be done, as JSON text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from access_broker.domain.agreement import text_digest
from access_broker.domain.contracts import Contract
from access_broker.domain.endings import Acknowledgement, Component
from access_broker.domain.exits import Exit, ExitKey, FailureReport
from access_broker.domain.text import digest_of_text
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.watching import EndReport, end_report

EVIDENCE = "evidence"
"""The warden's step that seals what a sandbox left."""


class Item(StrEnum):
    """What has to be seen to before somebody has left."""

    ACCESS_ENDED = "access_ended"
    WORKERS_STOPPED = "workers_stopped"
    FILE_REMOVED = "file_removed"
    SANDBOXES_ENDED = "sandboxes_ended"
    WORKSPACES_SEALED = "workspaces_sealed"
    OUTPUTS_HANDED_OVER = "outputs_handed_over"
    WORKSPACE_WIPED = "workspace_wiped"


class ItemState(StrEnum):
    """`nothing`: there was nothing to do. `planned`: it is still to be done, and the certificate says so."""

    DONE = "done"
    OPEN = "open"
    NOTHING = "nothing"
    PLANNED = "planned"


@dataclass(frozen=True)
class Checked:
    item: Item
    state: ItemState
    at: datetime | None = None


_OF_COMPONENT = {
    Item.ACCESS_ENDED: (Component.BROKER,),
    Item.WORKERS_STOPPED: (Component.GATEWAY,),
    Item.FILE_REMOVED: (Component.PUBLISHER,),
    Item.SANDBOXES_ENDED: (Component.WARDEN, Component.HUB),
}


def checklist(report: EndReport) -> tuple[Checked, ...]:
    """Filled by what the components have acknowledged.

    Nothing leaves the platform so far, so there are no outputs to hand over. A home is sealed as evidence with the end
    of its sandbox; what is left of homes is to be wiped, which is planned and never told as done.
    """
    steps = tuple(_checked(report, item, components) for item, components in _OF_COMPONENT.items())
    return (
        *steps,
        _sealed(report),
        Checked(Item.OUTPUTS_HANDED_OVER, ItemState.NOTHING),
        Checked(Item.WORKSPACE_WIPED, ItemState.PLANNED),
    )


def certificate_of(reader: Reader, contract: Contract, about: Exit, now: datetime) -> str:
    """The text that the digest is of: sorted keys, ASCII, so that whoever has it can count again."""
    return json.dumps(_document(reader, contract, about, now), ensure_ascii=True, sort_keys=True)


def _document(reader: Reader, contract: Contract, about: Exit, now: datetime) -> dict[str, Any]:
    this = {"contract": about.contract, "number": about.number}
    acceptance, report = acceptance_of(reader, contract.id), end_report(reader, contract.id, now)
    failure = filed_one(reader, FailureReport, **this)
    records, head = reader.audit_head()
    return {
        "contract": {
            "id": contract.id,
            "text": text_digest(contract),
            "problem": contract.problem,
            "executor": contract.executor,
            "owner": contract.owner,
            "state": contract.state.value,
            "generation": contract.generation,
        },
        "exit": {
            "number": about.number,
            "kind": about.kind.value,
            "reason": about.text,
            "asked_by": about.asked_by,
            "asked_at": about.asked_at.isoformat(),
        },
        "keys": [
            {"committee": k.committee.value, "person": k.person, "decision": k.decision, "at": k.at.isoformat()}
            for k in reader.filed(ExitKey, **this)
            if k.approved
        ],
        "accepted_at": acceptance.at.isoformat() if acceptance else None,
        "ended_at": report.end.since.isoformat() if report.end and report.end.since else None,
        "ended_under": report.end.rule if report.end else None,
        "checklist": [
            {"item": c.item.value, "state": c.state.value, "at": c.at.isoformat() if c.at else None}
            for c in checklist(report)
        ],
        "seals": [
            {"sandbox": a.detail.get("sandbox"), "manifest_sha256": a.detail.get("manifest_sha256")}
            for a in _evidence(report)
        ],
        "failure_report": {"by": failure.by, "at": failure.at.isoformat(), "digest": digest_of_text(failure.text)}
        if failure
        else None,
        "closed_at": now.isoformat(),
        "audit": {"records": records, "head": head},
    }


def _evidence(report: EndReport) -> list[Acknowledgement]:
    """What the warden said about the homes of the sandboxes it ended."""
    return [a for a in report.acknowledgements if (a.component, a.step) == (Component.WARDEN, EVIDENCE)]


def _sealed(report: EndReport) -> Checked:
    told = _evidence(report)
    if not told:
        return Checked(Item.WORKSPACES_SEALED, ItemState.NOTHING)
    if any("manifest_sha256" not in a.detail for a in told):
        return Checked(Item.WORKSPACES_SEALED, ItemState.OPEN)
    return Checked(Item.WORKSPACES_SEALED, ItemState.DONE, max(a.at for a in told))


def _checked(report: EndReport, item: Item, components: tuple[Component, ...]) -> Checked:
    """Of all its components, at the last one's time; not expected and not acknowledged: there was nothing there."""
    told = [a for a in report.acknowledgements if a.component in components and "person" not in a.detail]
    missing = {c for c in components if c in report.expected} - {a.component for a in told}
    if missing:
        return Checked(item, ItemState.OPEN)
    return Checked(item, ItemState.DONE, max(a.at for a in told)) if told else Checked(item, ItemState.NOTHING)
