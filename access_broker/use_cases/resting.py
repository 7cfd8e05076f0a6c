"""What rests on a committee's decision: there has to be one, and one taken on paper goes on record with it."""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.motions import RULES, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.decided import check_decided
from access_broker.use_cases.motions import record_decision
from access_broker.use_cases.ports import Writer


def rest_on(
    writer: Writer,
    committee: Committee,
    subject: Subject,
    about: str,
    reference: str | None,
    by: str,
    now: datetime,
    outcome: str = "",
) -> str:
    """The reference. `outcome` as in `check_decided`.

    Raises Refused DECISION_NEEDED or BALLOT_NEEDED, citing the rule that asks for the decision.
    """
    check_decided(writer, committee, subject, about, reference, RULES[subject], outcome)
    record_decision(writer, committee, subject, about, reference or "", by, now, outcome)
    return reference or ""
