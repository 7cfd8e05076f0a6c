"""Choosing executors, letting another problem in beside an exclusive one, and the day a problem is open again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.audit import CLERK, AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Award, Hold, Opening, Phase, Sharing
from access_broker.domain.identifiers import is_legal_id
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee, Family
from access_broker.domain.problems import Problem
from access_broker.use_cases.exclusivity import acceptance_of, holds_on, opens_at, running_of
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.resting import check_may_write_down, rest_on
from access_broker.use_cases.stopped import accepted_or_left, over_since


@dataclass(frozen=True)
class Exclusivity:
    """`opens_at`: from when on others may come; None when nobody holds the problem."""

    problem: str
    holds: tuple[Hold, ...]
    opens_at: datetime | None


def problem_named(reader: Reader, problem_id: str) -> Problem:
    """Raises Refused NOT_FOUND."""
    problem = reader.problem(problem_id)
    if problem is None:
        raise Refused("NOT_FOUND", name=problem_id)
    return problem


def exclusivity_of(reader: Reader, problem_id: str, now: datetime) -> Exclusivity:
    """Who holds a problem now. Raises Refused NOT_FOUND."""
    holds = holds_on(reader, problem_named(reader, problem_id).id, now)
    return Exclusivity(problem_id, holds, opens_at(holds))


def award(
    writer: Writer, caller: Caller, problem_id: str, executor_id: str, decision: str | None, now: datetime
) -> Award:
    """An executor is chosen for a problem by a decision of the Monitoring Committee; several may be (S3-P9-R2b).

    They are chosen together, before anybody is at work. Who was chosen, or works under a contract, is not chosen again
    before that is over: the six months would begin anew each time, or a decision would be used up and give nothing.
    The same decision again is the first award. Raises Refused NOT_PERMITTED, NOT_FOUND, EXECUTOR_NOT_REGISTERED,
    EXCLUSIVE, which tells until when, CONFLICT_OF_INTEREST for a paper in the hands of a side, DECISION_NEEDED.
    """
    _check_may_decide(caller, problem_named(writer, problem_id))
    _check_company(writer, executor_id)
    holds = holds_on(writer, problem_id, now)
    own = [hold for hold in holds if hold.executor == executor_id] + running_of(writer, problem_id, executor_id, now)
    given = filed_one(writer, Award, problem=problem_id, executor=executor_id)
    if own and given is not None and given.decision == decision:
        return given
    if against := own + [hold for hold in holds if hold.phase is not Phase.CHOSEN]:
        rule = "C-1" if all(hold.phase is Phase.MARKET for hold in against) else "S3-P9-R1"
        raise Refused("EXCLUSIVE", rule, opens_at=opens_at(against))
    check_may_write_down(writer, caller, Committee.MONITORING, Subject.AWARD, problem_id, decision)
    by = caller.person.id
    reference = rest_on(writer, Committee.MONITORING, Subject.AWARD, problem_id, decision, by, now, executor_id)
    made = Award(problem_id, executor_id, reference, by, now)
    body = {"executor": executor_id, "decision": decision, "beside": [hold.executor for hold in holds]}
    writer.file(made, AuditEvent("problem.awarded", by, problem_id, "S3-P9", body))
    return made


def share(
    writer: Writer, caller: Caller, problem_id: str, dataset_id: str, decision: str | None, now: datetime
) -> Sharing:
    """A problem may use a dataset that somebody uses alone for a problem of another organisation (I-08).

    The Monitoring Committee decides so about one problem and one dataset: CONFLICT when it was about another. Heard in
    it is the seat of whom the dataset belongs to; that of whom it is asked for writes down no paper. Raises Refused as
    `award` does.
    """
    problem = problem_named(writer, problem_id)
    _check_may_decide(caller, problem)
    if dataset_id not in problem.resources:
        raise Refused("NOT_ON_RESOURCE_LIST", "S1-P2", name=dataset_id)
    for known in writer.filed(Sharing, decision=decision or ""):
        if (known.problem, known.dataset) == (problem_id, dataset_id):
            return known
        raise Refused("CONFLICT", "S3-P9-R1", name=known.decision)
    by, subject = caller.person.id, Subject.SHARE_DATASET
    check_may_write_down(writer, caller, Committee.MONITORING, subject, dataset_id, decision)
    reference = rest_on(writer, Committee.MONITORING, subject, dataset_id, decision, by, now, problem_id)
    made = Sharing(problem_id, dataset_id, reference, by, now)
    body = {"problem": problem_id, "decision": decision}
    writer.file(made, AuditEvent("dataset.shared", by, dataset_id, "S3-P9-R1", body))
    return made


def openings_due(reader: Reader, now: datetime) -> list[Opening]:
    """Problems that nobody holds any more, where that is not on record yet, each with the contract it is after."""
    last: dict[str, tuple[datetime, str]] = {}
    for contract in reader.contracts():
        end = over_since(reader, contract, now)
        if end is not None:
            last[contract.problem] = max(last.get(contract.problem, (end, contract.id)), (end, contract.id))
    known = {(opening.problem, opening.after) for opening in reader.filed(Opening)}
    new = [
        Opening(problem, after, now) for problem, (_, after) in sorted(last.items()) if (problem, after) not in known
    ]
    return [opening for opening in new if not holds_on(reader, opening.problem, now)]


def record_openings(writer: Writer, now: datetime, actor: str = CLERK) -> list[Opening]:
    """Put on record, once for each, that a problem is open to other executors again (S3-P9-R2a, C-1, D-2)."""
    due = openings_due(writer, now)
    for opening in due:
        rule = _rule_of_opening(writer, writer.contract(opening.after))
        writer.file(opening, AuditEvent("problem.opened_again", actor, opening.problem, rule, {"after": opening.after}))
    return due


def _rule_of_opening(reader: Reader, contract: Contract | None) -> str:
    if contract is None or contract.state is not ContractState.ENDED:
        return "S3-P9-R1"
    was_accepted = acceptance_of(reader, contract.follows or contract.id) is not None
    return "C-1" if was_accepted else (accepted_or_left(reader, contract.id) or ("D-2", None))[0]


def _check_may_decide(caller: Caller, problem: Problem) -> None:
    """A monitoring seat that has a say in what concerns the problem's owner (S1-C2)."""
    if not any(s.committee is Committee.MONITORING and s.speaks_for(problem.owner) for s in caller.seats):
        raise Refused("NOT_PERMITTED", "S1-C2")


def _check_company(reader: Reader, executor_id: str) -> None:
    executor = reader.organisation(executor_id)
    if executor is None:
        raise Refused("NOT_FOUND", name=executor_id)
    if executor.family is not Family.PRIVATE or not is_legal_id(executor.legal_id or ""):
        raise Refused("EXECUTOR_NOT_REGISTERED", "S3-P3", name=executor_id)
