"""What the committee votes on, or has voted on, no seat takes back alone.

Otherwise one of them would undo what the others have just decided, or take away under their hands what they decide on.
"""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.acts import WarningNotice, WarningState
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Motion, MotionState, Subject, on_appeal
from access_broker.domain.people import Committee
from access_broker.domain.suspensions import SuspensionState
from access_broker.domain.violations import Violation, ViolationClass
from access_broker.use_cases.decided import last_ballot
from access_broker.use_cases.of_now import is_of_now
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.suspending import open_suspension
from access_broker.use_cases.violations import rule_of


def check_may_withdraw(reader: Reader, notice: WarningNotice) -> None:
    """Raises Refused STATE_FORBIDS where its appeal, or a cut for its repetition, is or was put to the vote."""
    appeal = _last(reader, Subject.APPEAL, notice.contract, on_appeal(WarningState.UPHELD.value, notice.number))
    _check_not_put(appeal, notice.appealed_at or notice.issued_at, "S3-P6-R2")
    _check_not_put(_cut(reader, notice.contract), notice.issued_at, "S3-P6-R2")


def check_may_appeal(reader: Reader, notice: WarningNotice) -> None:
    """Raises Refused STATE_FORBIDS once the committee has carried the cut for its repetition, with the warning there.

    Nobody appealed it before the vote; appealed after it, it would count no more, and the executor would hold off what
    was decided.
    """
    cut = _cut(reader, notice.contract)
    is_decided = cut is not None and cut.state is MotionState.CARRIED and is_of_now(reader, cut)
    if is_decided and notice.arrived_at is not None:
        _check_not_put(cut, notice.arrived_at, "S3-P6-R2")


def check_may_discount(reader: Reader, contract: Contract, violation: Violation) -> None:
    """Raises Refused STATE_FORBIDS for a violation that was on record when the committee took up what came of it: the
    suspension, the cut for repetition, or the warning, which counts no more with it.
    """
    rule = rule_of(violation.violation_class)
    for notice in reader.warnings(contract.id):
        if notice.violation == violation.number and notice.state is not WarningState.WITHDRAWN:
            if notice.state is WarningState.UPHELD:
                raise Refused("STATE_FORBIDS", rule, state=notice.state)
            check_may_withdraw(reader, notice)
    _check_not_put(_cut(reader, contract.id), violation.at, rule)
    suspension = open_suspension(reader, contract)
    if suspension is None or violation.violation_class is not ViolationClass.PROTECTIVE:
        return
    ratified_at = suspension.changed_at if suspension.state is SuspensionState.RATIFIED else None
    if ratified_at is not None and ratified_at >= violation.at:
        raise Refused("STATE_FORBIDS", rule, state=suspension.state)
    for subject in (Subject.LIFT, Subject.RATIFY_SUSPENSION):
        _check_not_put(_last(reader, subject, contract.id), violation.at, rule)


def _last(reader: Reader, subject: Subject, about: str, outcome: str = "") -> Motion | None:
    return last_ballot(reader, Committee.MONITORING, subject, about, outcome=outcome)


def _cut(reader: Reader, contract_id: str) -> Motion | None:
    """Lost, it has decided nothing against the contract."""
    motion = _last(reader, Subject.CUT_ON_REPETITION, contract_id)
    return None if motion is None or motion.state is MotionState.LOST else motion


def _check_not_put(motion: Motion | None, since: datetime, rule: str) -> None:
    if motion is not None and motion.opened_at >= since:
        raise Refused("STATE_FORBIDS", rule, state=motion.state)
