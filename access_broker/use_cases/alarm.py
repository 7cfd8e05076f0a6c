"""An alarm for the operator: the engine's plan of a statement of ours is not what was decided."""

from __future__ import annotations

import hashlib

from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.sql.verify import difference_in

KIND = "gate.alarm"


def alarm_event(person: str, contract: str, text: str, refused: Refused) -> AuditEvent | None:
    """What to record beside the refusal; None for a refusal that is nobody's alarm, TYPES_DO_NOT_FIT say."""
    difference = difference_in(refused)
    if not difference:
        return None
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return AuditEvent(KIND, person, contract, "S3-P5", {"difference": difference, "sha256": digest})
