"""The Monitoring Committee's acts: warn, suspend, cut, lift. The commit of the transaction *is* the act (F-13).

Two gates in a row, the second can only take away: the policy `acts` (who, ground, warnings), then the transition
tables of the domain. Whatever the policy says, nothing leads out of a cut. Every act against the executor rests on a
violation on record; where none is named, the act itself puts it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.acts import GROUNDS, LEADS_TO, RESULT, Act, CommitteeAct, WarningNotice, WarningState
from access_broker.domain.audit import AuditSearch
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.domain.suspensions import Suspension, SuspensionState
from access_broker.domain.violations import Violation, ViolationClass, ViolationSource
from access_broker.use_cases.committed import KINDS, aside, contract_after, event_of, write_act
from access_broker.use_cases.contracts import contract_named, level_covers
from access_broker.use_cases.decided import names_a_motion
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.facts import act_facts
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.repetition import repeating
from access_broker.use_cases.resting import rest_on
from access_broker.use_cases.said import said
from access_broker.use_cases.suspending import (
    check_may_cut,
    check_may_lift,
    close_suspension,
    is_lifted_by_committee,
    open_suspension,
    write_suspension,
)
from access_broker.use_cases.violations import (
    BREACH,
    CONTRACT,
    REPETITION,
    Finding,
    classed,
    file_violation,
    rule_of,
    violation_named,
)


@dataclass(frozen=True)
class ActRequest:
    """What a committee member asks for. `ground` is a rule id, `decision` the reference of a recorded decision.

    `violation`: the number of the one it rests on; None: the act puts it on record, in the words of `text`. `cure_by`,
    until when to mend it, is a warning's.
    """

    contract: str
    act: Act
    ground: str
    by: str
    decision: str | None = None
    text: str = ""
    violation: int | None = None
    cure_by: datetime | None = None


def commit_act(writer: Writer, policy: PolicyEngine, request: ActRequest, now: datetime) -> CommitteeAct:
    """Take the act, or answer with the first one when this is a retry of it. Raises Refused, Unavailable."""
    contract = contract_named(writer, request.contract)
    earlier = _committed_before(writer, contract, request)
    if earlier is not None:
        return earlier
    check_may_act(writer, policy, contract, request, now)
    take = {Act.WARN: _warn, Act.SUSPEND: _suspend, Act.CUT: _cut, Act.LIFT: _lift}[request.act]
    return take(writer, policy, contract, request, now)


def check_may_act(reader: Reader, policy: PolicyEngine, contract: Contract, request: ActRequest, now: datetime) -> None:
    """Raises Refused with every reason. The screen asks the same through `permissions.can`."""
    facts = act_facts(
        reader, contract, request.act, request.ground, request.by, request.decision, now, request.violation
    )
    require(ask(policy, "acts", facts).reasons)
    if request.ground not in GROUNDS[request.act]:
        raise Refused("GROUND_NOT_ALLOWED", min(GROUNDS[request.act]), ground=request.ground)
    if contract.state not in LEADS_TO[request.act]:
        raise Refused("STATE_FORBIDS", "F-13")
    if request.act is Act.LIFT and not level_covers(reader, contract):
        raise Refused("LEVEL_TOO_LOW", "F-12")


def _warn(writer: Writer, policy: PolicyEngine, contract: Contract, request: ActRequest, now: datetime) -> CommitteeAct:
    """A protective violation is not warned of: of which class it is, no seat chooses."""
    text = said(request.text, "text", "S3-P6-R2", needed=False)
    if request.cure_by is not None and request.cure_by <= now:
        raise Refused("INVALID", "S3-P6-R2", where="cure_by")
    violation = _resting_on(writer, policy, contract, request, CONTRACT, now)
    rules = classed(policy, contract, violation.kind)
    number = max((notice.number for notice in writer.warnings(contract.id)), default=0) + 1
    act = _act(request, contract, now)
    cure_by = request.cure_by.isoformat() if request.cure_by else None
    told = {"violation": violation.number, "number": number, "text": text, "cure_by": cure_by}
    event = event_of(contract, contract, act, told)
    notice = WarningNotice(
        contract.id,
        number,
        request.by,
        now,
        text,
        violation=violation.number,
        cure_by=request.cure_by,
        serve_days=rules.serve_days,
    )
    writer.save_warning(notice, event)
    writer.save_act(act, aside(event, "act.recorded"))
    return act


def _suspend(
    writer: Writer, policy: PolicyEngine, contract: Contract, request: ActRequest, now: datetime
) -> CommitteeAct:
    violation = _resting_on(writer, policy, contract, request, BREACH, now)
    rules, why = classed(policy, contract, violation.kind), _words(request)
    return write_suspension(writer, contract, request.by, rules, now, violation.number, why, request.decision)


def _cut(writer: Writer, policy: PolicyEngine, contract: Contract, request: ActRequest, now: datetime) -> CommitteeAct:
    suspension = open_suspension(writer, contract)
    if request.ground == "S3-P6-R2":
        _rest(writer, Subject.CUT_ON_REPETITION, request, now)
        known = repeating(writer, contract.id)
        violation = known if known and request.violation is None else None
        number = (violation or _resting_on(writer, policy, contract, request, REPETITION, now)).number
    else:
        check_may_cut(writer, suspension)
        known = _behind(writer, suspension) if request.violation is None else None
        number = (known or _resting_on(writer, policy, contract, request, BREACH, now)).number
    act = _act(request, contract, now)
    after = contract_after(contract, Act.CUT)
    write_act(writer, after, act, event_of(contract, after, act, {"violation": number} | _words(request)))
    if suspension is not None:
        close_suspension(writer, suspension, SuspensionState.CUT, request.by, request.decision, now)
    return act


def _lift(writer: Writer, policy: PolicyEngine, contract: Contract, request: ActRequest, now: datetime) -> CommitteeAct:
    """What the committee has taken into its hands, only the committee lifts; any other one each of its seats may, and
    names no motion that decided something else.
    """
    suspension = open_suspension(writer, contract)
    if suspension is not None and is_lifted_by_committee(writer, contract, suspension):
        check_may_lift(writer, suspension, request.by, request.decision)
        _rest(writer, Subject.LIFT, request, now)
    elif names_a_motion(request.decision):
        _rest(writer, Subject.LIFT, request, now)
    act = _act(request, contract, now)
    after = contract_after(contract, Act.LIFT)
    write_act(writer, after, act, event_of(contract, after, act, _words(request)))
    if suspension is not None:
        close_suspension(writer, suspension, SuspensionState.LIFTED, request.by, request.decision, now)
    return act


def _behind(reader: Reader, suspension: Suspension | None) -> Violation | None:
    """What the suspension rests on, as long as it counts: nobody is cut for good for what was none."""
    if suspension is None or suspension.violation is None:
        return None
    violation = violation_named(reader, suspension.contract, suspension.violation)
    return violation if violation.counts else None


def _words(request: ActRequest) -> dict[str, str]:
    """What the seat said to it, as the event of the act tells it. Raises Refused INVALID."""
    text = said(request.text, "text", request.ground, needed=False)
    return {"text": text} if text else {}


def _rest(writer: Writer, subject: Subject, request: ActRequest, now: datetime) -> None:
    rest_on(writer, Committee.MONITORING, subject, request.contract, request.decision, request.by, now)


def _act(request: ActRequest, contract: Contract, now: datetime) -> CommitteeAct:
    generation = contract_after(contract, request.act).generation
    return CommitteeAct(contract.id, request.act, request.ground, request.by, request.decision, now, generation)


def _resting_on(
    writer: Writer, policy: PolicyEngine, contract: Contract, request: ActRequest, kind: str, now: datetime
) -> Violation:
    """The violation the request names, or a new one of `kind` that the seat finds by acting.

    Raises Refused GROUND_NOT_ALLOWED for one of another class than the ground's, STATE_FORBIDS for a discounted one.
    """
    if request.violation is None:
        rules = classed(policy, contract, kind)
        _check_class(rules.violation_class, request)
        finding = Finding(kind, ViolationSource.PERSON, request.text, request.by, decision=request.decision)
        return file_violation(writer, contract, finding, rules.violation_class, now)
    violation = violation_named(writer, contract.id, request.violation)
    if not violation.counts:
        raise Refused("STATE_FORBIDS", request.ground, state=violation.state)
    _check_class(violation.violation_class, request)
    return violation


def _check_class(violation_class: ViolationClass, request: ActRequest) -> None:
    """A repetition may be of any class; otherwise the class says which ground there is."""
    if request.act is Act.CUT and request.ground == "S3-P6-R2":
        return
    if rule_of(violation_class) != request.ground:
        raise Refused("GROUND_NOT_ALLOWED", rule_of(violation_class), ground=request.ground)


def _committed_before(reader: Reader, contract: Contract, request: ActRequest) -> CommitteeAct | None:
    """The latest act, when it is this very request and still stands: someone retried after a lost answer.

    A request with other words or about another violation is none: answered so, what it says would be on no record.
    """
    acts = sorted(reader.acts(contract.id), key=lambda act: act.committed_at)
    if not acts or not _is_same(acts[-1], request):
        return None
    latest = acts[-1]
    if request.act is Act.WARN:
        return latest if _is_last_warning(reader, request) else None
    return latest if contract.state is RESULT[request.act] and _told(reader, request) else None


def _is_same(act: CommitteeAct, request: ActRequest) -> bool:
    asked = (request.act, request.ground, request.by, request.decision)
    return (act.act, act.ground, act.by, act.decision) == asked


def _told(reader: Reader, request: ActRequest) -> bool:
    """Whether the event of the latest act says what the request says."""
    search = AuditSearch(kind=KINDS[request.act], subject=request.contract, newest_first=True)
    for record in reader.search_audit(search, 1):
        body = record.event.body
        same_violation = request.violation in (None, body.get("violation"))
        return same_violation and request.text.strip() in ("", body.get("text", ""))
    return request.violation is None and not request.text.strip()


def _is_last_warning(reader: Reader, request: ActRequest) -> bool:
    """Same words, not yet acknowledged: a retry. Once it was acknowledged, the same words are a second warning."""
    last = max(reader.warnings(request.contract), key=lambda notice: notice.number, default=None)
    if last is None or last.state is not WarningState.ISSUED:
        return False
    told = (last.issued_by, last.text, last.cure_by)
    return told == (request.by, request.text.strip(), request.cure_by) and request.violation in (None, last.violation)
