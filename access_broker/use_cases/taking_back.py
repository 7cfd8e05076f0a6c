"""A dataset that was promised to proposers is taken back: allowed, and an incident (S1-P2, S1-P2-R1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.dataset_records import TakenBack
from access_broker.domain.decisions import Refused
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.permissions import Caller, check_is_steward_of, check_may_read_audit
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.said import said

RULE = "S1-P2-R1"
_STANDING = (ContractState.DRAFTED, ContractState.ACTIVE, ContractState.SUSPENDED)


def take_back(writer: Writer, caller: Caller, problem_id: str, dataset_id: str, why: str, now: datetime) -> TakenBack:
    """The steward takes a dataset off the resource list of a problem; the Monitoring Committee sees it.

    Contracts that stand on it lose their access with the next decision, for what is not on the list is not granted.
    Once is enough. Raises Refused NOT_FOUND, NOT_PERMITTED but for the dataset's steward, INVALID without a reason.
    """
    problem, dataset = writer.problem(problem_id), writer.dataset(dataset_id)
    if problem is None or dataset is None:
        raise Refused("NOT_FOUND", name=problem_id if problem is None else dataset_id)
    check_is_steward_of(caller, dataset)
    earlier = filed_one(writer, TakenBack, problem=problem_id, dataset=dataset_id)
    if earlier is not None:
        return earlier
    if dataset_id not in problem.resources:
        raise Refused("NOT_FOUND", "S1-P2", name=dataset_id)
    why = said(why, "why", RULE)
    struck = tuple(
        c.id
        for c in writer.contracts()
        if c.problem == problem_id and c.state in _STANDING and any(g.dataset == dataset_id for g in c.scope)
    )
    incident = TakenBack(problem_id, dataset_id, caller.person.id, now, why, struck)
    body = {"dataset": dataset_id, "why": why, "contracts": list(struck)}
    event = AuditEvent("resource.taken_back", caller.person.id, problem_id, RULE, body)
    left = tuple(resource for resource in problem.resources if resource != dataset_id)
    writer.save_problem(replace(problem, resources=left), event)
    writer.file(incident, replace(event, kind="incident.filed", body={"dataset": dataset_id}))
    return incident


def incidents(reader: Reader, caller: Caller) -> list[TakenBack]:
    """All of them, the newest first, for committee seats and auditors. Raises Refused NOT_PERMITTED."""
    check_may_read_audit(caller)
    return sorted(reader.filed(TakenBack), key=lambda incident: incident.at, reverse=True)
