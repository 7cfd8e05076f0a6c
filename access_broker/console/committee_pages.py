"""The committee's page: drafts that wait for a key, contracts with their standing, data whose sovereignty is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response

from access_broker.console.contract_story import possible_acts
from access_broker.console.here import AtConsole, Here
from access_broker.console.motion_story import open_motions, proposable, subjects_about
from access_broker.console.names import names_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.console.wording import Told, Wording
from access_broker.domain.acts import Act, WarningState
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Reason
from access_broker.domain.motions import About
from access_broker.domain.people import Organisation
from access_broker.domain.problems import Problem
from access_broker.domain.signals import Signal, SignalState
from access_broker.use_cases.contracts import missing_keys
from access_broker.use_cases.permissions import check_may_act_at_all
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.reporting import count_overdue
from access_broker.use_cases.suspending import open_suspension, ratify_by
from access_broker.use_cases.taking_back import incidents

router = APIRouter(prefix="/committee", route_class=Page, include_in_schema=False)

_ORDER = (ContractState.SUSPENDED, ContractState.ACTIVE, ContractState.CUT, ContractState.ENDED)


@dataclass(frozen=True)
class Draft:
    """A contract that is not in force yet, and every key it lacks."""

    contract: Contract
    problem: Problem | None
    executor: Organisation | None
    missing: tuple[Told, ...]


@dataclass(frozen=True)
class Running:
    """A contract that is or was in force. `why_not` is told while it gives no access.

    `overdue`: reports that did not come; `signals`: that nobody has looked at yet; `appeals`: of warnings, undecided.
    `ratify_by`: until when a suspension waits to be ratified, None for one that waits for nothing.
    """

    contract: Contract
    executor: Organisation | None
    why_not: Told | None
    sandboxes: int
    may_do: tuple[Act, ...]
    overdue: int
    signals: int
    appeals: int
    ratify_by: datetime | None


@router.get("")
def committee(here: AtConsole) -> Response:
    """For everyone with a seat; which act is open to which seat, the policy says."""
    check_may_act_at_all(here.caller)
    with here.desk.records.read() as reader:
        contracts = reader.contracts()
        drafts = [_draft(reader, here, c) for c in contracts if c.state is ContractState.DRAFTED]
        running = [_running(reader, here, c) for c in contracts if c.state is not ContractState.DRAFTED]
        datasets = reader.datasets()
        undetermined = [d for d in datasets if d.sovereignty is Sovereignty.UNDETERMINED]
        broken = incidents(reader, here.caller)
        names = names_of(reader, (one.by for one in broken))
        motions = open_motions(reader, here)
        problems = [(problem, reader.organisation(problem.owner)) for problem in reader.problems()]
    running.sort(key=lambda r: (_ORDER.index(r.contract.state), r.contract.ends_at))
    asked = [subject for kind in (About.PROBLEM, About.DATASET) for subject in subjects_about(kind)]
    known: dict[str, Any] = {"motions": motions, "subjects": [s for s in asked if proposable(here, s)]}
    known |= {"drafts": drafts, "running": running, "undetermined": undetermined, "incidents": broken}
    known |= {"problems": problems, "names": names, "things": [*(problem for problem, _ in problems), *datasets]}
    return page(here, "committee.html", **known)


def _draft(reader: Reader, here: Here, contract: Contract) -> Draft:
    wording = Wording(here.language)
    missing = [wording.reason(reason) for reason in missing_keys(reader, here.desk.policy, contract, here.now)]
    executor = reader.organisation(contract.executor)
    return Draft(contract, reader.problem(contract.problem), executor, tuple(missing))


def _running(reader: Reader, here: Here, contract: Contract) -> Running:
    standing = reader.standing(contract.id)
    why = standing.why_not(contract.generation, here.now) if standing else None
    told = Wording(here.language).reason(Reason(*why), {"ends_at": contract.ends_at}) if why else None
    sandboxes = sum(sandbox.contract == contract.id for sandbox in reader.sandboxes())
    may_do = possible_acts(reader, here, contract)
    overdue = count_overdue(reader, contract, here.now)
    signals = sum(signal.state is SignalState.RAISED for signal in reader.filed(Signal, contract=contract.id))
    appeals = sum(notice.state is WarningState.APPEALED for notice in reader.warnings(contract.id))
    suspension = open_suspension(reader, contract)
    until = ratify_by(reader, suspension) if suspension and suspension.is_provisional else None
    executor = reader.organisation(contract.executor)
    return Running(contract, executor, told, sandboxes, may_do, overdue, signals, appeals, until)
