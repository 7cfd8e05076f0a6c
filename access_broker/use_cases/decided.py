"""Was it decided? What only a committee may do asks here for the decision it rests on."""

from __future__ import annotations

from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.ports import Reader


def check_decided(
    reader: Reader, committee: Committee, subject: Subject, about: str, reference: str | None, rule: str
) -> None:
    """`reference`: of a decision of the committee on `subject`, about the thing with the id `about`.

    Raises Refused DECISION_NEEDED, citing `rule`, without one.
    """
    if reference is None or not reference.strip():
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)
