"""Which message explains what: values the domain has no sentence for, and the words of the forms."""

from __future__ import annotations

from access_broker.domain.acts import Act
from access_broker.domain.contracts import Signatory
from access_broker.domain.datasets import Mode
from access_broker.use_cases.acknowledging import FILE_REMOVED, TOKENS_REVOKED, WORKERS_STOPPED

MODES: dict[Mode, str] = {
    Mode.RAW: "console.mode.raw",
    Mode.DIMENSION: "console.mode.dimension",
    Mode.AGGREGATE: "console.mode.aggregate",
    Mode.JOIN: "console.mode.join",
    Mode.MASK: "console.mode.mask",
}
"""What one may do with a column of that mode."""

ACTS: dict[Act, tuple[str, str, str]] = {
    Act.WARN: ("console.warn.title", "console.warn.what", "console.warn.button"),
    Act.SUSPEND: ("console.suspend.title", "console.suspend.what", "console.suspend.button"),
    Act.CUT: ("console.cut.title", "console.cut.what", "console.cut.button"),
    Act.LIFT: ("console.lift.title", "console.lift.what", "console.lift.button"),
}
"""Heading, explanation and button of the form of an act."""

GROUNDS: dict[tuple[Act, str], str] = {
    (Act.WARN, "S3-P6-R2"): "console.ground.warn",
    (Act.SUSPEND, "F-13"): "console.ground.suspend",
    (Act.CUT, "F-13"): "console.ground.breach",
    (Act.CUT, "S3-P6-R2"): "console.ground.repetition",
    (Act.LIFT, "F-13"): "console.ground.lift",
}
"""What the committee says by resting an act on a rule."""

PARTIES: dict[Signatory, str] = {
    Signatory.GOVERNMENT: "console.sign.government",
    Signatory.EXECUTOR: "console.sign.executor",
    Signatory.ITO: "console.sign.ito",
}
"""The button of each signatory."""

SIGNED: dict[Signatory, str] = {
    Signatory.GOVERNMENT: "console.signed.government",
    Signatory.EXECUTOR: "console.signed.executor",
    Signatory.ITO: "console.signed.ito",
}
"""What each of them has done then."""

GUARANTEES: dict[str, str] = {"nda": "console.guarantee.nda", "non_publication": "console.guarantee.non_publication"}

DECISIONS: dict[str, str] = {"approved": "console.decision.approved", "rejected": "console.decision.rejected"}

STEPS: dict[str, str] = {
    TOKENS_REVOKED: "console.step.tokens",
    WORKERS_STOPPED: "console.step.workers",
    FILE_REMOVED: "console.step.file",
    "paused": "console.step.paused",
    "evidence": "console.step.evidence",
    "server removed": "console.step.server",
    "stopped": "console.step.stopped",
}
"""What a component says it has done; a step that is not here is shown as it was told."""

DONE: dict[str, str] = {
    "accepted": "console.done.accepted",
    "acknowledged": "console.done.acknowledged",
    "activated": "console.done.activated",
    "approved": "console.done.approved",
    "disabled": "console.done.disabled",
    "enabled": "console.done.enabled",
    "lifted": "console.done.lifted",
    "registered": "console.done.registered",
    "sovereignty": "console.done.sovereignty",
    "tagged": "console.done.tagged",
    "warned": "console.done.warned",
    "withdrawn": "console.done.withdrawn",
}
"""What a page may be asked to confirm by `?done=`; anything else in there is ignored."""

PARTS: dict[str, str] = {
    "broker": "console.part.broker",
    "gateway": "console.part.gateway",
    "guard": "console.part.guard",
    "hub": "console.part.hub",
    "policy": "console.part.policy",
    "proxy": "console.part.proxy",
}
