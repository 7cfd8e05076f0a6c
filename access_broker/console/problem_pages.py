"""A problem: who works on it alone, who was chosen for it, and which datasets it may use beside another's contract.

The committee's decision is written down here: the executor it chose, or the dataset it lets the problem use as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from access_broker.api.data_routes import ProblemId
from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, Acting, AtConsole, ByForm, Here
from access_broker.console.names import names_of, organisation_names
from access_broker.console.rendering import done as message_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Award, Sharing
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee, Family, Organisation, Person
from access_broker.domain.problems import Problem
from access_broker.use_cases.awarding import Exclusivity, award, exclusivity_of, problem_named, share
from access_broker.use_cases.permissions import Caller, can, check_holds_seat, check_may_act_at_all
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.recording import check_may_cite

Give = Callable[[Writer, Caller, str, str, str | None, datetime], object]
"""What a decision of the committee on a problem gives: (writer, caller, problem, to whom or what, decision, now)."""

router = APIRouter(prefix="/problems/{problem}", route_class=Page, include_in_schema=False)


@dataclass(frozen=True)
class Seen:
    """What the page tells. `companies`: those that may be chosen; `datasets`: those of the problem's resource list."""

    problem: Problem
    owner: Organisation | None
    exclusivity: Exclusivity
    awards: tuple[Award, ...]
    shared: tuple[Sharing, ...]
    datasets: tuple[Dataset, ...]
    companies: tuple[Organisation, ...]
    organisations: dict[str, Organisation]
    names: dict[str, Person]
    may_decide: bool


@router.get("")
def problem(problem: ProblemId, here: AtConsole, done: str = "") -> Response:
    """For everyone with a seat."""
    return _page(here, problem, done)


@router.post("/awards")
def awarded(problem: ProblemId, acting: ByForm) -> Response:
    """An executor was chosen by the committee; several are chosen together (S3-P9, S3-P9-R2b)."""
    return _decided(acting, problem, Subject.AWARD, "executor", award)


@router.post("/shared-datasets")
def shared(problem: ProblemId, acting: ByForm) -> Response:
    """The committee lets the problem use a dataset beside another organisation's exclusive one (S3-P9-R1)."""
    return _decided(acting, problem, Subject.SHARE_DATASET, "dataset", share)


def _decided(acting: Acting, problem: str, subject: Subject, field: str, give: Give) -> Response:
    """`field`: of the form, what was decided on: an executor, a dataset."""
    here, what, decision = acting.here, acting.field(field, 100), acting.field("decision", 100) or None

    def write_down(writer: Writer) -> object:
        check_may_cite(writer, here.desk.policy, "console", Committee.MONITORING, subject, decision)
        return give(writer, here.caller, problem, what, decision, here.now)

    return _change(acting, problem, write_down)


def _change(acting: Acting, problem: str, change: Callable[[Writer], object]) -> Response:
    here = acting.here
    check_may_act_at_all(here.caller)
    try:
        with here.desk.records.write() as writer:
            problem_named(writer, problem)
            change(writer)
    except Refused as refused:
        if refused.reason.code == "NOT_FOUND":
            raise
        return _page(here, problem, "", refused, acting.typed)
    return RedirectResponse(f"{PREFIX}/problems/{problem}?done=recorded", 303)


def _page(
    here: Here, problem: str, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    check_may_act_at_all(here.caller)
    with here.desk.records.read() as reader:
        seen = _seen(reader, here, problem_named(reader, problem))
    status = status_of(refused.reason.code) if refused else 200
    return page(here, "problem_open.html", refused, status, seen=seen, typed=typed or {}, done=message_of(asked))


def _seen(reader: Reader, here: Here, problem: Problem) -> Seen:
    exclusivity = exclusivity_of(reader, problem.id, here.now)
    awards, shared = reader.filed(Award, problem=problem.id), reader.filed(Sharing, problem=problem.id)
    found = (reader.dataset(id) for id in problem.resources)
    named = [*(hold.executor for hold in exclusivity.holds), *(given.executor for given in awards)]
    return Seen(
        problem=problem,
        owner=reader.organisation(problem.owner),
        exclusivity=exclusivity,
        awards=tuple(awards),
        shared=tuple(shared),
        datasets=tuple(dataset for dataset in found if dataset is not None),
        companies=tuple(one for one in reader.organisations() if one.family is Family.PRIVATE),
        organisations=organisation_names(reader, named),
        names=names_of(reader, [*(given.by for given in awards), *(given.by for given in shared)]),
        may_decide=can(check_holds_seat, here.caller, Committee.MONITORING, problem.owner),
    )
