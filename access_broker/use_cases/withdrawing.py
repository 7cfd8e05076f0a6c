"""Taking a written warning back: from then on it is no earlier one of any repetition (S3-P6-R2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.acts import WARNING_TRANSITIONS, WarningNotice, WarningState
from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.matters import check_may_judge
from access_broker.use_cases.permissions import Caller, check_may_read_contract, check_sits_over
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.said import said
from access_broker.use_cases.voted_on import check_may_withdraw


def withdraw_warning(
    writer: Writer, caller: Caller, contract_id: str, number: int, reason: str, now: datetime
) -> WarningNotice:
    """A seat of the Monitoring Committee takes a warning back and says why. It stays on record, and so does the reason.

    Withdrawn again, it is answered with the first withdrawal. What was cut already stays cut. Raises Refused:
    NOT_PERMITTED without a seat, CONFLICT_OF_INTEREST for somebody of a side, NOT_FOUND for a warning that there is
    not, INVALID without a reason, STATE_FORBIDS for one that the committee upheld, or votes on or has voted on.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    notice = warning_named(writer, contract_id, number)
    if notice.state is WarningState.WITHDRAWN:
        return notice
    if WarningState.WITHDRAWN not in WARNING_TRANSITIONS[notice.state]:
        raise Refused("STATE_FORBIDS", "S3-P6-R2", state=notice.state)
    check_may_judge(writer, caller, contract)
    check_may_withdraw(writer, notice)
    why = said(reason, "reason", "S3-P6-R2")
    by = caller.person.id
    withdrawn = replace(notice, withdrawn=True, withdrawn_by=by, withdrawn_at=now, withdrawn_why=why)
    body = {"number": number, "from": notice.state.value, "reason": why}
    writer.save_warning(withdrawn, AuditEvent("warning.withdrawn", by, contract_id, "S3-P6-R2", body))
    return withdrawn


def warning_named(reader: Reader, contract_id: str, number: int) -> WarningNotice:
    """Raises Refused NOT_FOUND."""
    notice = next((n for n in reader.warnings(contract_id) if n.number == number), None)
    if notice is None:
        raise Refused("NOT_FOUND", name=f"{contract_id} {number}")
    return notice
