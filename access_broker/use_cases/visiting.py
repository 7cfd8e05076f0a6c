"""ITO looks into the workspace of an executor: on record before anything is read, and told to the executor (C-3)."""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Family, Role
from access_broker.domain.visits import WorkspaceVisit
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.permissions import Caller, check_is_named, check_may_read_contract
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.said import said

RULE = "C-3"


def check_may_visit(caller: Caller) -> None:
    """An auditor or a committee seat, of ITO: what an executor builds is open to it and to ITO, to nobody else."""
    may = bool(caller.seats) or Role.AUDITOR in caller.roles
    if not may or caller.person.family is not Family.ITO:
        raise Refused("NOT_PERMITTED", RULE)


def visit_workspace(
    writer: Writer, caller: Caller, contract_id: str, person: str, why: str, now: datetime
) -> WorkspaceVisit:
    """Put a visit to the home of `person` on record; whoever keeps the homes opens it only then.

    Every visit is one of its own, with its number. Raises Refused NOT_PERMITTED but for somebody of ITO, NOT_NAMED for
    a person whom the contract does not name, STATE_FORBIDS for a draft, INVALID without a reason.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_may_visit(caller)
    check_is_named(contract, person)
    if contract.state is ContractState.DRAFTED:
        raise Refused("STATE_FORBIDS", RULE, state=contract.state)
    number = len(visits(writer, contract_id)) + 1
    visit = WorkspaceVisit(contract_id, number, person, caller.person.id, now, said(why, "why", RULE))
    body = {"number": number, "person": person, "why": visit.why}
    writer.file(visit, AuditEvent("workspace.visited", caller.person.id, contract_id, RULE, body))
    return visit


def visits(reader: Reader, contract_id: str) -> list[WorkspaceVisit]:
    """Those to the workspaces of a contract, in their order."""
    return reader.filed(WorkspaceVisit, contract=contract_id)
