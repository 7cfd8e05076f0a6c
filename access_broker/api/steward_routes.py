"""Datasets: describing one, tagging its columns, deciding on its sovereignty."""

from __future__ import annotations

from fastapi import APIRouter

from access_broker.api.bodies import ColumnId, DatasetId, DescriptionBody, SovereigntyBody, TableId, TagBody
from access_broker.api.callers import SignedIn
from access_broker.api.dataset_views import DatasetView
from access_broker.api.end_views import ColumnTagged
from access_broker.api.services import Desk
from access_broker.domain.dataset_records import RowCount
from access_broker.domain.datasets import ColumnRef, Dataset, Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.permissions import check_holds_seat, check_may_describe
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.sovereignty import decide
from access_broker.use_cases.tagging import describe_dataset, on_record, tag_column

router = APIRouter(prefix="/datasets", tags=["datasets"])


def dataset_named(reader: Reader, dataset: str) -> Dataset:
    """Raises Refused NOT_FOUND."""
    found = reader.dataset(dataset)
    if found is None:
        raise Refused("NOT_FOUND", name=dataset)
    return found


@router.get("/{dataset}")
def dataset(dataset: DatasetId, caller: SignedIn, desk: Desk) -> DatasetView:
    """The description of one dataset: tables, columns and their classes; no rows (S1-P2-R1)."""
    with desk.records.read() as reader:
        return DatasetView.of(dataset_named(reader, dataset), reader.filed(RowCount, dataset=dataset))


@router.post("")
def description(body: DescriptionBody, caller: SignedIn, desk: Desk) -> DatasetView:
    """Describe a dataset of one's own as its steward. Every fault of the text is told with its line."""
    check_may_describe(caller)  # before the text is even read: it names files of this machine
    with desk.records.read() as reader:
        known = on_record(reader)
    described = desk.extras.read_dataset(body.text, caller.person.organisation, known, desk.clock())
    with desk.records.write() as writer:
        describe_dataset(writer, caller, described)
        return DatasetView.of(dataset_named(writer, described.id))


@router.put("/{dataset}/tables/{table}/columns/{column}")
def tag(
    dataset: DatasetId, table: TableId, column: ColumnId, body: TagBody, caller: SignedIn, desk: Desk
) -> ColumnTagged:
    """Give a column its class. A stricter one suspends at once every contract whose level no longer covers it."""
    ref = ColumnRef(dataset, table, column)
    titles = (body.titles.en, body.titles.fa) if body.titles else None
    with desk.records.write() as writer:
        tagged = tag_column(writer, desk.policy, caller, ref, body.data_class, desk.clock(), titles)
    for contract in tagged.suspended:
        desk.announce(contract)
    return ColumnTagged(column=str(ref), data_class=body.data_class.value, suspended=list(tagged.suspended))


@router.put("/{dataset}/sovereignty")
def sovereignty(dataset: DatasetId, body: SovereigntyBody, caller: SignedIn, desk: Desk) -> DatasetView:
    """What the Monitoring Committee decided, written down by one of its seats (S1-P4-R4).

    It needs the reference of that `decision`, a motion or a paper. Decided anew, it suspends the contracts in force
    that do not fit any more.
    """
    check_holds_seat(caller, Committee.MONITORING)
    decided = Sovereignty(body.sovereignty)
    with desk.records.write() as writer:
        found = dataset_named(writer, dataset)
        check_holds_seat(caller, Committee.MONITORING, found.owner)
        check_may_cite(writer, desk.policy, "rest", Committee.MONITORING, Subject.SOVEREIGNTY, body.decision)
        anew = decide(writer, desk.policy, caller, dataset, decided, body.decision, desk.clock())
        view = DatasetView.of(dataset_named(writer, dataset))
    for contract in anew.suspended if anew else ():
        desk.announce(contract)
    return view
