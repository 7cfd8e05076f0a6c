"""Whether a committee's decision on paper may be written down at a door, or has to be voted on there."""

from __future__ import annotations

from access_broker.domain.motions import Motion, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.ports import PolicyEngine, Reader


def check_may_record(policy: PolicyEngine, door: str, committee: Committee, subject: Subject) -> None:
    """`door`: console or rest. Raises Refused BALLOT_NEEDED, Unavailable."""
    facts = {"door": door, "committee": committee.value, "subject": subject.value}
    require(ask(policy, "recording", facts).reasons)


def check_may_cite(
    reader: Reader, policy: PolicyEngine, door: str, committee: Committee, subject: Subject, reference: str | None
) -> None:
    """The same for a reference that somebody gives; that of a motion which was voted on here is no paper."""
    if reference is not None and not reader.filed(Motion, id=reference):
        check_may_record(policy, door, committee, subject)
