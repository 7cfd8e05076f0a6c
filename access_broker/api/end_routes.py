"""What runs now, and how far the end of a contract has come."""

from __future__ import annotations

from fastapi import APIRouter

from access_broker.api.bodies import ContractId
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.end_views import EndView, RunningSandbox, RunningStatement, RunningView
from access_broker.api.services import Desk
from access_broker.use_cases.permissions import check_may_read_audit
from access_broker.use_cases.watching import end_report, running_statements

router = APIRouter(tags=["ends"])


@router.get("/contracts/{contract}/end")
def end(contract: ContractId, caller: SignedIn, desk: Desk) -> EndView:
    """Who has acknowledged the end of this contract, each with its time. For committee seats and auditors."""
    with desk.records.read() as reader:
        visible_contract(reader, caller, contract)
        check_may_read_audit(caller)
        return EndView.of(end_report(reader, contract, desk.clock()))


@router.get("/running")
def running(caller: SignedIn, desk: Desk) -> RunningView:
    """Sandboxes that have not ended and statements that are being answered. For committee seats and auditors."""
    check_may_read_audit(caller)
    with desk.records.read() as reader:
        statements = running_statements(reader, desk.clock())
        return RunningView(
            sandboxes=[RunningSandbox.of(sandbox) for sandbox in reader.sandboxes()],
            statements=[RunningStatement.of(record) for record in statements],
        )
