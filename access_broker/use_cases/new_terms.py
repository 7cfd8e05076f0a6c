"""A new term for a suspension, for another protective violation that has to be looked at as the first was (F-13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.suspensions import Suspension
from access_broker.domain.violations import Violation, ViolationClass, ViolationSource
from access_broker.use_cases.committed import RULE
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.violations import Classed, counted

GROUND = "F-13"


def restart_suspension(
    writer: Writer, suspension: Suspension, rules: Classed, violation: Violation, now: datetime
) -> Suspension:
    """Another protective violation was found meanwhile: the suspension rests on it from now on, with a whole new term.

    Otherwise the term of the first would end it, and people had access again with the second never looked at. What the
    committee ratified stays ratified. Only for one that `gives_new_term`.
    """
    began = replace(
        suspension, at=now, violation=violation.number, ratify_days=rules.ratify_days, on_lapse=rules.on_lapse
    )
    body: dict[str, Any] = {"generation": began.generation, "violation": violation.number}
    body |= {"before": suspension.violation, "ratify_days": began.ratify_days, "on_lapse": began.on_lapse.value}
    writer.file(began, AuditEvent("suspension.restarted", RULE, began.contract, GROUND, body))
    return began


def gives_new_term(reader: Reader, suspension: Suspension, violation: Violation) -> bool:
    """Whether what was found is to be looked at for a whole term; what a person says is so once in one suspension.

    Otherwise a single seat would hold it for ever, with new words before each end of the term. Whatever they say after
    that is on record and counts, and the term goes on. What a rule, a signal or a missing report says, nobody made up.
    """
    if violation.source is not ViolationSource.PERSON:
        return True
    acts = [act for act in reader.acts(suspension.contract) if act.generation == suspension.generation]
    began = min((act.committed_at for act in acts), default=suspension.at)
    return not any(
        (other.source, other.recorded_by) == (ViolationSource.PERSON, violation.recorded_by)
        and other.violation_class is ViolationClass.PROTECTIVE
        and other.at > began
        and other.number < violation.number
        for other in reader.filed(Violation, contract=suspension.contract)
    )


def is_overtaken(reader: Reader, suspension: Suspension) -> bool:
    """A protective violation that counts and `gives_new_term` was recorded, and the suspension does not rest on it."""
    found = [violation for violation in protective(reader, suspension) if violation.at > suspension.at]
    return any(gives_new_term(reader, suspension, violation) for violation in found)


def protective(reader: Reader, suspension: Suspension) -> list[Violation]:
    """Everything that counts of that class, oldest first."""
    violations = counted(reader, suspension.contract)
    return [violation for violation in violations if violation.violation_class is ViolationClass.PROTECTIVE]
