"""Whether a committee's decision on paper may be written down at a door, or has to be voted on there."""

from __future__ import annotations

from access_broker.domain.acts import Act
from access_broker.domain.contracts import Contract
from access_broker.domain.motions import Motion, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.ports import PolicyEngine, Reader
from access_broker.use_cases.suspending import is_lifted_by_committee, open_suspension


def check_may_record(policy: PolicyEngine, door: str, committee: Committee, subject: Subject) -> None:
    """`door`: console or rest. Raises Refused BALLOT_NEEDED, Unavailable."""
    facts = {"door": door, "committee": committee.value, "subject": subject.value}
    require(ask(policy, "recording", facts).reasons)


def subject_of_act(reader: Reader, contract: Contract, act: Act, ground: str) -> Subject | None:
    """What of an act the committee itself has to decide, so that one seat alone does not; None where one seat may."""
    if act is Act.CUT and ground == "S3-P6-R2":
        return Subject.CUT_ON_REPETITION
    suspension = open_suspension(reader, contract) if act is Act.LIFT else None
    is_of_committee = suspension is not None and is_lifted_by_committee(reader, contract, suspension)
    return Subject.LIFT if is_of_committee else None


def check_may_cite(
    reader: Reader, policy: PolicyEngine, door: str, committee: Committee, subject: Subject, reference: str | None
) -> None:
    """The same for a reference that somebody gives; that of a motion which was voted on here is no paper."""
    if reference is not None and not reader.filed(Motion, id=reference):
        check_may_record(policy, door, committee, subject)
