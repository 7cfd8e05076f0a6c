"""A draft was changed: the motions that were put on its earlier text lapse with it."""

from __future__ import annotations

from dataclasses import replace

from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.motions import Motion, MotionState
from access_broker.use_cases.ports import Writer


def lapse_motions(writer: Writer, contract: Contract, actor: str) -> None:
    """End every open motion about the contract that was put on another text than it has now."""
    digest = text_digest(contract)
    for motion in writer.filed(Motion, about=contract.id, state=MotionState.OPEN):
        if motion.about_contract and motion.digest != digest:
            body = {"contract": contract.id, "subject": motion.subject.value, "digest": digest}
            event = AuditEvent("motion.lapsed", actor, motion.id, motion.rule, body)
            writer.file(replace(motion, state=MotionState.LAPSED), event)
