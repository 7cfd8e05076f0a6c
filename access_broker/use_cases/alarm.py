"""An alarm for the operator: the engine did with a statement of ours what was not decided."""

from __future__ import annotations

from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.sql.verify import difference_in
from access_broker.use_cases.asked import digest_of

KIND = "gate.alarm"


def alarm_event(person: str, contract: str, text: str, refused: Refused) -> AuditEvent | None:
    """What to record beside the refusal; None for a refusal that is nobody's alarm, TYPES_DO_NOT_FIT say."""
    difference = difference_in(refused)
    return alarm_of(person, contract, text, difference) if difference else None


def alarm_of(person: str, contract: str, text: str, difference: str) -> AuditEvent:
    """`difference`: in our words, nothing of the statement. `text`, the statement, is told by its digest."""
    return AuditEvent(KIND, person, contract, "S3-P5", {"difference": difference, "sha256": digest_of(text)})
