"""Was it decided? What only a committee may do asks here for the decision it rests on."""

from __future__ import annotations

from access_broker.domain.acts import Act
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import MOTION, Motion, MotionState, Subject, Way
from access_broker.domain.people import Committee
from access_broker.use_cases.ports import Reader


def check_decided(
    reader: Reader, committee: Committee, subject: Subject, about: str, reference: str | None, rule: str
) -> None:
    """`reference`: of a decision of the committee on `subject`, about the thing with the id `about`.

    A motion that was carried here, or what the committee decided on paper and a seat writes down. Raises Refused, by
    `rule`: DECISION_NEEDED without one, or for a motion that was not carried or decides something else; BALLOT_NEEDED
    for a paper where the committee votes on it here, or has voted against it.
    """
    if reference is None or not reference.strip():
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)
    named = reader.filed(Motion, id=reference)
    if not named and reference.startswith(MOTION):
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)
    if not named:
        check_not_balloted(reader, committee, subject, about, rule)
        return
    motion = named[0]
    is_it = (motion.committee, motion.subject, motion.about) == (committee, subject, about)
    if not is_it or motion.state is not MotionState.CARRIED or not _is_of_now(reader, motion):
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)


def check_not_balloted(
    reader: Reader,
    committee: Committee,
    subject: Subject,
    about: str,
    rule: str,
    digest: str | None = None,
    even_carried: bool = False,
) -> None:
    """What is voted on here, or was and did not pass, nobody writes down from paper. Raises Refused BALLOT_NEEDED.

    `digest`: only of votes on that text. `even_carried`: nor what did pass, for it could be written down otherwise.
    """
    motions = reader.filed(Motion, committee=committee, subject=subject, about=about, way=Way.BALLOTED)
    put = [m for m in motions if m.state not in (MotionState.WITHDRAWN, MotionState.LAPSED)]
    put = sorted((m for m in put if digest in (None, m.digest)), key=lambda m: m.opened_at)
    if put and (put[-1].state is not MotionState.CARRIED or even_carried):
        raise Refused("BALLOT_NEEDED", rule, name=put[-1].id)


def _is_of_now(reader: Reader, motion: Motion) -> bool:
    """A decision about a suspension was taken after it: what lifted an earlier one lifts no later one."""
    if motion.subject not in (Subject.LIFT, Subject.RATIFY_SUSPENSION):
        return True
    suspended = [act.committed_at for act in reader.acts(motion.about) if act.act is Act.SUSPEND]
    return all(at <= motion.opened_at for at in suspended)
