"""The steward's pages: my datasets, the classes of their columns, who used them. Here the committee decides, too."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from access_broker.api.bodies import DatasetId
from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, Acting, AtConsole, ByForm, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.console.usage import usage_of
from access_broker.domain.datasets import ColumnRef, DataClass, Dataset, Sovereignty, Table
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.permissions import can, check_holds_seat, check_is_steward_of, check_may_describe
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.sovereignty import decide
from access_broker.use_cases.tagging import tag_column

router = APIRouter(prefix="/datasets", route_class=Page, include_in_schema=False)


@router.get("")
def datasets(here: AtConsole) -> Response:
    """The datasets the person describes."""
    check_may_describe(here.caller)
    with here.desk.records.read() as reader:
        mine = [dataset for dataset in reader.datasets() if can(check_is_steward_of, here.caller, dataset)]
    return page(here, "datasets.html", datasets=mine)


@router.get("/{dataset}")
def dataset(dataset: DatasetId, here: AtConsole, done: str = "") -> Response:
    """One dataset: for its steward and for committee seats."""
    return _dataset_page(here, dataset, done)


@router.post("/{dataset}/classes")
def classes(dataset: DatasetId, acting: ByForm) -> Response:
    """Tag the columns of one table; only what was changed is written, all of it or nothing."""
    here = acting.here

    def tag(writer: Writer) -> list[str]:
        found = _visible(writer, here, dataset)
        table = found.table(acting.field("table", 100))
        if table is None:
            raise Refused("NOT_FOUND", name=acting.field("table", 100))
        return _tag_changed(writer, acting, found, table)

    return _change(acting, dataset, "tagged", tag)


@router.post("/{dataset}/sovereignty")
def sovereignty(dataset: DatasetId, acting: ByForm) -> Response:
    """What the Monitoring Committee decided about the data, with the reference of its decision (S1-P4-R4)."""
    here = acting.here

    def write_down(writer: Writer) -> list[str]:
        check_holds_seat(here.caller, Committee.MONITORING, _visible(writer, here, dataset).owner)
        decided = Sovereignty(acting.choice("sovereignty", Sovereignty))
        if decided is Sovereignty.UNDETERMINED:
            raise Refused("INVALID", "S1-P4-R4", where="sovereignty")
        reference = acting.field("decision", 100) or None
        check_may_cite(writer, here.desk.policy, "console", Committee.MONITORING, Subject.SOVEREIGNTY, reference)
        anew = decide(writer, here.desk.policy, here.caller, dataset, decided, reference, here.now)
        return list(anew.suspended) if anew else []

    return _change(acting, dataset, "sovereignty", write_down)


def _tag_changed(writer: Writer, acting: Acting, dataset: Dataset, table: Table) -> list[str]:
    """Returns the contracts that lost their access by a stricter class."""
    here, suspended = acting.here, list[str]()
    for column in table.columns:
        chosen = DataClass(acting.choice(f"class.{column.id}", DataClass))
        if chosen is not column.data_class:
            ref = ColumnRef(dataset.id, table.id, column.id)
            suspended += tag_column(writer, here.desk.policy, here.caller, ref, chosen, here.now).suspended
    return suspended


def _change(acting: Acting, dataset: str, confirm: str, change: Callable[[Writer], list[str]]) -> Response:
    here = acting.here
    try:
        with here.desk.records.write() as writer:
            _visible(writer, here, dataset)
            changed = change(writer)
    except Refused as refused:
        if refused.reason.code == "NOT_FOUND":
            raise
        return _dataset_page(here, dataset, "", refused, acting.typed)
    for contract in changed:
        here.desk.announce(contract)
    return RedirectResponse(f"{PREFIX}/datasets/{dataset}?done={confirm}", 303)


def _visible(reader: Reader, here: Here, dataset_id: str) -> Dataset:
    """Raises Refused NOT_FOUND, the same for a dataset that is somebody else's and for one that there is not."""
    dataset = reader.dataset(dataset_id)
    if dataset is None or not (here.caller.seats or can(check_is_steward_of, here.caller, dataset)):
        raise Refused("NOT_FOUND", name=dataset_id)
    return dataset


def _dataset_page(
    here: Here, dataset_id: str, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    with here.desk.records.read() as reader:
        dataset = _visible(reader, here, dataset_id)
        usage = usage_of(reader, dataset)
        context = {
            "dataset": dataset,
            "owner": reader.organisation(dataset.owner),
            "steward": reader.person(dataset.steward),
            "usage": usage,
            "names": names_of(reader, (line.person for line in usage)),
            "may_tag": can(check_is_steward_of, here.caller, dataset),
            "may_decide": can(check_holds_seat, here.caller, Committee.MONITORING, dataset.owner),
            "classes": list(DataClass),
            "typed": typed or {},
        }
    status = status_of(refused.reason.code) if refused else 200
    return page(here, "dataset.html", refused, status, done=done(asked), **context)
