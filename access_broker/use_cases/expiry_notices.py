"""Notices that a contract is about to end: 15, 7 and 1 days before (S3-P9-R1), each on record once."""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.audit import CLERK, AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.reports import ExpiryNotice, notices_due
from access_broker.use_cases.ports import Reader, Writer

RULE = "S3-P9-R1"
_IN_FORCE = (ContractState.ACTIVE, ContractState.SUSPENDED)


def days_noticed(contract: Contract, now: datetime) -> int | None:
    """The notice to show now: 15, 7 or 1, the nearest; None when there is none to show."""
    return min(_due(contract, now), default=None)


def unrecorded_notices(reader: Reader, contract: Contract, now: datetime) -> list[ExpiryNotice]:
    """Those that are due and not on record yet, the earliest first."""
    known = {notice.days for notice in reader.filed(ExpiryNotice, contract=contract.id)}
    due = (days for days in _due(contract, now) if days not in known)
    return [ExpiryNotice(contract.id, days, contract.ends_at, now) for days in due]


def record_notice(writer: Writer, notice: ExpiryNotice) -> bool:
    """Put a notice on record; False when it is there already."""
    known = writer.filed(ExpiryNotice, contract=notice.contract, days=notice.days)
    if known:
        return False
    body = {"days": notice.days, "ends_at": notice.ends_at.isoformat()}
    writer.file(notice, AuditEvent("expiry.noticed", CLERK, notice.contract, RULE, body))
    return True


def _due(contract: Contract, now: datetime) -> tuple[int, ...]:
    return notices_due(contract.ends_at, now) if contract.state in _IN_FORCE else ()
