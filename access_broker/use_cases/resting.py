"""What rests on a committee's decision: there has to be one, and one taken on paper goes on record with it."""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.motions import RULES, Motion, Subject, Way
from access_broker.domain.people import Committee
from access_broker.use_cases.decided import check_decided
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.motions import record_decision, seat_of
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import Reader, Writer


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


def check_may_write_down(
    reader: Reader, caller: Caller, committee: Committee, subject: Subject, about: str, reference: str | None
) -> None:
    """A paper is in the hands of the one seat that writes it down: only who could vote on it does.

    What was voted on here anybody carries out. Raises Refused NOT_PERMITTED, CONFLICT_OF_INTEREST.
    """
    if not reader.filed(Motion, id=reference, way=Way.BALLOTED):
        seat_of(reader, caller, committee, matter_of(reader, subject, about))
