"""Registering a dataset: the steward pastes its description, and reads every fault of it with its line."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, Acting, AtConsole, ByForm, Here
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.decisions import Refused
from access_broker.use_cases.permissions import check_may_describe
from access_broker.use_cases.scenario import Fault, ScenarioFaulty
from access_broker.use_cases.tagging import describe_dataset, on_record

LONGEST = 60_000  # characters; a longer description is the operator's to load

router = APIRouter(prefix="/datasets/-/register", route_class=Page, include_in_schema=False)


@router.get("")
def form(here: AtConsole) -> Response:
    """An example to begin with."""
    check_may_describe(here.caller)
    return _form(here, _example(here))


@router.post("")
def register(acting: ByForm) -> Response:
    """All of it or nothing. What was pasted comes back with what is wrong in it."""
    here, text = acting.here, acting.typed.get("text", "")
    check_may_describe(here.caller)  # before the text is even read: it names files of this machine
    try:
        dataset = _described(acting)
    except ScenarioFaulty as faulty:
        return _form(here, text, faulty.faults, status=422)
    except Refused as refused:
        return _form(here, text, (), refused, status_of(refused.reason.code))
    return RedirectResponse(f"{PREFIX}/datasets/{dataset}?done=registered", 303)


def _described(acting: Acting) -> str:
    here = acting.here
    text = acting.field("text", LONGEST, as_typed=True)
    with here.desk.records.read() as reader:
        known = on_record(reader)
    described = here.desk.extras.read_dataset(text, here.caller.person.organisation, known, here.now)
    with here.desk.records.write() as writer:
        describe_dataset(writer, here.caller, described)
    return described.id


def _form(
    here: Here, text: str, faults: tuple[Fault, ...] = (), refused: Refused | None = None, status: int = 200
) -> Response:
    return page(here, "dataset_new.html", refused, status, text=text, faults=faults)


def _example(here: Here) -> str:
    return f"""id: my_dataset
owner: {here.caller.person.organisation}
steward: {here.person}
titles: {{en: "", fa: ""}}
sources:
  - {{path: my_file.csv, table: people}}
tables:
  people:
    entity: national_id
    columns:
      national_id: {{class: direct_identifier, titles: {{en: "", fa: ""}}}}
      province: {{class: personal, titles: {{en: "", fa: ""}}}}
"""
