"""Reports of the executor, what the audit says was done, the statement of use, and signals for the committee."""

from __future__ import annotations

from fastapi import APIRouter

from access_broker.api.bodies import ContractId
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.report_bodies import (
    KindOfReport,
    KindOfSignal,
    Month,
    ReportBody,
    ReportNumber,
    SeenBody,
    SignalReasonBody,
    SignalViolationBody,
    Week,
    Window,
)
from access_broker.api.report_views import ActivityReportView, FiledView, OwedView, Recount, SignalView
from access_broker.api.services import Desk
from access_broker.domain.decisions import Refused
from access_broker.domain.reports import Span
from access_broker.use_cases.activity import is_still_true, statement, stored, weeks_of
from access_broker.use_cases.reporting import file_report, owed_reports, see_report
from access_broker.use_cases.signalling import discount_signal, pursue_signal, signals_of

router = APIRouter(prefix="/contracts/{contract}", tags=["reports"])


@router.get("/reports")
def reports(contract: ContractId, caller: SignedIn, desk: Desk) -> list[OwedView]:
    """Every report that is or was owed under the contract, in the order in which they are due (S3-P8)."""
    with desk.records.read() as reader:
        owed = owed_reports(reader, visible_contract(reader, caller, contract), desk.clock())
    return [OwedView.of(one) for one in owed]


@router.post("/reports")
def report(contract: ContractId, body: ReportBody, caller: SignedIn, desk: Desk) -> FiledView:
    """File a report, as a named person of the executor. The same text again is answered with the first.

    Filed late, it is on record as overdue first, with the violation that this is.
    """
    with desk.records.write() as writer:
        filed = file_report(writer, desk.policy, caller, contract, body.kind, body.number, body.text, desk.clock())
    desk.announce(contract)
    return FiledView.of(filed)


@router.post("/reports/{kind}/{number}/seen")
def report_seen(
    contract: ContractId, kind: KindOfReport, number: ReportNumber, body: SeenBody, caller: SignedIn, desk: Desk
) -> FiledView:
    """A seat of the Monitoring Committee has read it, in the words that the digest stands for."""
    with desk.records.write() as writer:
        return FiledView.of(see_report(writer, caller, contract, kind, number, body.seen, desk.clock()))


@router.get("/activity")
def activity(contract: ContractId, caller: SignedIn, desk: Desk) -> list[ActivityReportView]:
    """What was done in each week, counted from the audit; the running week as far as it goes (S3-P8)."""
    with desk.records.read() as reader:
        weeks = weeks_of(reader, visible_contract(reader, caller, contract), desk.clock())
    return [ActivityReportView.of(week) for week in weeks]


@router.get("/activity/{week}/recount")
def recount(contract: ContractId, week: Week, caller: SignedIn, desk: Desk) -> Recount:
    """Counts the records of a stored week again and says whether the report is still true."""
    with desk.records.read() as reader:
        visible_contract(reader, caller, contract)
        report = stored(reader, contract, Span.WEEK, week)
        if report is None:
            raise Refused("NOT_FOUND", "S3-P8", name=str(week))
        ok = is_still_true(reader, report)
    return Recount(ok=ok, from_position=report.from_position, to_position=report.to_position)


@router.get("/statements/{month}")
def statement_of_use(contract: ContractId, month: Month, caller: SignedIn, desk: Desk) -> ActivityReportView:
    """What was used in a Jalali month: the sum of its days, equal to the audit to the digit (S3-P2)."""
    with desk.records.read() as reader:
        found = visible_contract(reader, caller, contract)
        return ActivityReportView.of(statement(reader, found, month, desk.clock()))


@router.get("/signals")
def signals(contract: ContractId, caller: SignedIn, desk: Desk) -> list[SignalView]:
    """What the audit shows that somebody should look at, for those who oversee the contract; newest day first."""
    with desk.records.read() as reader:
        visible_contract(reader, caller, contract)
        return [SignalView.of(signal) for signal in signals_of(reader, caller, contract)]


@router.post("/signals/{kind}/{window}/discount")
def signal_discount(
    contract: ContractId, kind: KindOfSignal, window: Window, body: SignalReasonBody, caller: SignedIn, desk: Desk
) -> SignalView:
    """It means nothing, and why: it counts no more."""
    with desk.records.write() as writer:
        return SignalView.of(discount_signal(writer, caller, contract, kind, window, body.reason, desk.clock()))


@router.post("/signals/{kind}/{window}/violation")
def signal_violation(
    contract: ContractId, kind: KindOfSignal, window: Window, body: SignalViolationBody, caller: SignedIn, desk: Desk
) -> SignalView:
    """Make a violation of it, by a person's decision. One of a protective kind ends access at once (F-13)."""
    with desk.records.write() as writer:
        pursued = pursue_signal(writer, desk.policy, caller, contract, kind, window, body.text, desk.clock())
    desk.announce(contract)
    return SignalView.of(pursued)
