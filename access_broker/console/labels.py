"""Which message explains what: values the domain has no sentence for, and the words of the forms."""

from __future__ import annotations

from access_broker.domain.acts import Act
from access_broker.domain.contracts import Signatory
from access_broker.domain.datasets import Mode
from access_broker.domain.guarantees import GuaranteeKind
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

VIOLATIONS: dict[str, str] = {
    "contract": "console.violation.contract",
    "purpose": "console.violation.purpose",
    "commitment": "console.violation.commitment",
    "report_overdue": "console.violation.report_overdue",
    "personal_data": "console.violation.personal_data",
    "egress": "console.violation.egress",
    "security": "console.violation.security",
    "breach": "console.violation.breach",
    "repetition": "console.violation.repetition",
    "refusals": "console.violation.refusals",
    "below_k": "console.violation.below_k",
    "probing": "console.violation.probing",
    "budget": "console.violation.budget",
    "odd_hours": "console.violation.odd_hours",
}
"""The kinds of violations, those that people record first; a kind that is not here is shown by its own name."""

CHOSEN_BY_PEOPLE = tuple(VIOLATIONS)[:8]
"""The kinds a seat may choose from."""

APPEALS: dict[str, str] = {"uphold": "console.appeal.uphold", "grant": "console.appeal.grant"}
"""What the committee may answer an appeal."""

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

GUARANTEES: dict[str, str] = {kind.value: f"GuaranteeKind.{kind.value}" for kind in GuaranteeKind}

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
    "motion_put": "console.done.motion_put",
    "motion_withdrawn": "console.done.motion_withdrawn",
    "recused": "console.done.recused",
    "voted": "console.done.voted",
    "closure_declared": "console.done.closure_declared",
    "report_filed": "console.done.report_filed",
    "report_seen": "console.done.report_seen",
    "signal_discounted": "console.done.signal_discounted",
    "signal_pursued": "console.done.signal_pursued",
    "week_declared": "console.done.week_declared",
    "accepted": "console.done.accepted",
    "acknowledged": "console.done.acknowledged",
    "activated": "console.done.activated",
    "approved": "console.done.approved",
    "disabled": "console.done.disabled",
    "enabled": "console.done.enabled",
    "lifted": "console.done.lifted",
    "recorded": "console.done.recorded",
    "registered": "console.done.registered",
    "sovereignty": "console.done.sovereignty",
    "tagged": "console.done.tagged",
    "warned": "console.done.warned",
    "withdrawn": "console.done.withdrawn",
}
"""What a page may be asked to confirm by `?done=`; anything else in there is ignored."""

WEEKS: dict[str, str] = {"friday": "console.days.friday", "thursday": "console.days.thursday"}
"""The working weeks that an operator may choose from."""

PARTS: dict[str, str] = {
    "broker": "console.part.broker",
    "gateway": "console.part.gateway",
    "guard": "console.part.guard",
    "hub": "console.part.hub",
    "policy": "console.part.policy",
    "proxy": "console.part.proxy",
}
