"""Reports of a contract: what is due and filing it, what the committee has read, activity by week, use by month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId
from access_broker.api.contract_routes import visible_contract
from access_broker.api.problems import status_of
from access_broker.api.report_bodies import KindOfReport, ReportNumber
from access_broker.console.changing import change_contract
from access_broker.console.chart import Chart, chart_of
from access_broker.console.here import Acting, AtConsole, ByForm, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Person
from access_broker.domain.reports import ActivityReport, ReportState, Span
from access_broker.use_cases.activity import is_still_true, is_whole, periods_of, statement, stored, weeks_of
from access_broker.use_cases.permissions import can, check_may_oversee, check_sits_over, is_party
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.reporting import Owed, file_report, owed_reports, see_report
from access_broker.use_cases.said import LONGEST

router = APIRouter(prefix="/contracts/{contract}/reports", route_class=Page, include_in_schema=False)

_OPEN = (ReportState.DUE, ReportState.OVERDUE)


@dataclass(frozen=True)
class Reported:
    """All that the page shows. `stored`: weeks that can be counted again; `recounted`: one, and whether it is true.

    `names`: of everybody on the page.
    """

    contract: Contract
    party: bool
    oversees: bool
    may_see: bool
    open: tuple[Owed, ...]
    filed: tuple[Owed, ...]
    weeks: tuple[ActivityReport, ...]
    months: tuple[ActivityReport, ...]
    chart: Chart
    stored: frozenset[int]
    recounted: tuple[int, bool] | None
    names: dict[str, Person]


@router.get("")
def reports(contract: ContractId, here: AtConsole, done: str = "", recount: int = 0) -> Response:
    """For the parties, and for those who oversee the contract."""
    return _page(here, contract, asked=done, recount=recount)


@router.post("/{kind}/{number}")
def file(contract: ContractId, kind: KindOfReport, number: ReportNumber, acting: ByForm) -> Response:
    """File a report, as a named person of the executor (S3-P8)."""
    here = acting.here

    def write(writer: Writer) -> object:
        text = acting.field("text", LONGEST)
        return file_report(writer, here.desk.policy, here.caller, contract, kind, number, text, here.now)

    return _change(acting, contract, "report_filed", write)


@router.post("/{kind}/{number}/seen")
def seen(contract: ContractId, kind: KindOfReport, number: ReportNumber, acting: ByForm) -> Response:
    """The committee has read it, in the words that stood on the page (S3-P8)."""
    here = acting.here

    def write(writer: Writer) -> object:
        return see_report(writer, here.caller, contract, kind, number, acting.field("seen"), here.now)

    return _change(acting, contract, "report_seen", write)


def _change(acting: Acting, contract: str, confirm: str, change: Callable[[Writer], object]) -> Response:
    def again(refused: Refused) -> Response:
        return _page(acting.here, contract, refused, acting.typed)

    return change_contract(acting, contract, "/reports", confirm, change, again)


def _page(
    here: Here,
    contract: str,
    refused: Refused | None = None,
    typed: dict[str, str] | None = None,
    asked: str = "",
    recount: int = 0,
) -> Response:
    with here.desk.records.read() as reader:
        shown = _reported(reader, here, visible_contract(reader, here.caller, contract), recount)
    status = status_of(refused.reason.code) if refused else 200
    known = {"typed": typed or {}, "done": done(asked), "whole": is_whole, "reported": shown}
    return page(here, "reports.html", refused, status, **known)


def _reported(reader: Reader, here: Here, contract: Contract, recount: int) -> Reported:
    owed = owed_reports(reader, contract, here.now)
    weeks = [] if contract.state is ContractState.DRAFTED else weeks_of(reader, contract, here.now)
    numbers = [period.number for period in periods_of(reader, contract, here.now) if period.span is Span.MONTH]
    months = [statement(reader, contract, number, here.now) for number in reversed(numbers)]
    return Reported(
        contract=contract,
        party=is_party(here.caller, contract),
        oversees=can(check_may_oversee, reader, here.caller, contract),
        may_see=can(check_sits_over, here.caller, contract),
        open=tuple(one for one in owed if one.state in _OPEN),
        filed=tuple(one for one in reversed(owed) if one.state not in _OPEN),
        weeks=tuple(reversed(weeks)),
        months=tuple(months),
        chart=chart_of(weeks, here.language == "fa"),
        stored=frozenset(r.number for r in reader.filed(ActivityReport, contract=contract.id, span=Span.WEEK)),
        recounted=_recounted(reader, contract.id, recount),
        names=names_of(reader, _people_in(owed, months)),
    )


def _people_in(owed: Iterable[Owed], months: Iterable[ActivityReport]) -> Iterator[str | None]:
    yield from (person for one in owed if one.report for person in (one.report.filed_by, one.report.seen_by))
    yield from (person for month in months for person in month.total.people)


def _recounted(reader: Reader, contract: str, week: int) -> tuple[int, bool] | None:
    report = stored(reader, contract, Span.WEEK, week) if week else None
    return (week, is_still_true(reader, report)) if report else None
