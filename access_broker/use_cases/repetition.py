"""Was a warning repeated? What counts as an earlier warning, and what happened after it (S3-P6-R2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from access_broker.domain.acts import COUNTING, WarningNotice
from access_broker.domain.violations import Violation
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.violations import counted, violation_named


def warning_facts(reader: Reader, contract_id: str, repeated_by: int | None, now: datetime) -> list[dict[str, Any]]:
    """Every warning with what makes it count, times as the policy wants them, in whole seconds.

    `repeated_by`: the violation that is said to repeat one. None: whoever asks says that it is repeated now. A warning
    of a violation that was discounted counts as little as a withdrawn one.
    """
    discounted = {v.number for v in reader.filed(Violation, contract=contract_id) if not v.counts}
    named = violation_named(reader, contract_id, repeated_by) if repeated_by is not None else None
    return [
        {
            "acknowledged": notice.arrived_at is not None,
            "withdrawn": notice.withdrawn or notice.violation in discounted,
            "appealed": notice.appealed_at is not None and notice.appeal_decided_at is None,
            "counts_from": _seconds(notice.counts_from),
            "repeated_at": _seconds(_repeated_at(notice, named) if repeated_by is not None else now),
        }
        for notice in reader.warnings(contract_id)
    ]


def repetitions(reader: Reader, contract_id: str) -> list[Violation]:
    """The violations on record that repeat a warning that counts, oldest first."""
    violations = counted(reader, contract_id)
    standing = {violation.number for violation in violations}
    warnings = [
        notice
        for notice in reader.warnings(contract_id)
        if notice.state in COUNTING and (notice.violation is None or notice.violation in standing)
    ]
    return [v for v in violations if any(_repeats(notice, v) for notice in warnings)]


def repeating(reader: Reader, contract_id: str) -> Violation | None:
    """The latest of them; None when there is none."""
    return next(reversed(repetitions(reader, contract_id)), None)


def _repeats(notice: WarningNotice, violation: Violation) -> bool:
    since = notice.counts_from
    return since is not None and _repeated_at(notice, violation) is not None and violation.at >= since


def _repeated_at(notice: WarningNotice, violation: Violation | None) -> datetime | None:
    """What a warning is about does not repeat it."""
    if violation is None or not violation.counts or violation.number == notice.violation:
        return None
    return violation.at


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
