"""Was it decided? What only a committee may do asks here for the decision it rests on."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Motion, MotionState, Subject, Way, question_of
from access_broker.domain.people import Committee
from access_broker.domain.text import fold
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.matters import is_voted_on
from access_broker.use_cases.of_now import is_of_now, is_used
from access_broker.use_cases.ports import Reader

_OPPOSITE = {Subject.LIFT: Subject.RATIFY_SUSPENSION, Subject.RATIFY_SUSPENSION: Subject.LIFT}
"""Subjects that are one question: what is carried on the one says no to the other."""

_LIKE_A_MOTION = re.compile(r"[\W_]*(?:m|rn)otion(-|[\W_]*\d)")
_LOOKS_LATIN = str.maketrans("\u043c\u043e\u0442\u0456\u043f\u03bc\u03bf\u03c4\u03b9\u03bd\u03b7\u0131", "motinmotinni")
"""Letters that look like one of `motion`: of the Cyrillic and Greek scripts, folded, and the i without its dot."""


def check_decided(
    reader: Reader,
    committee: Committee,
    subject: Subject,
    about: str,
    reference: str | None,
    rule: str,
    outcome: str = "",
) -> None:
    """`reference`: of a decision of the committee on `subject`, about the thing with the id `about`.

    A motion that was carried here, or what the committee decided on paper and a seat writes down. `outcome`: what was
    decided, for the subjects `WITH_OUTCOME`; without it a decision for one executor would choose another. A paper that
    was written down before is judged as that motion, so that an old one does not decide something new. The committee's
    last word counts: by an earlier one a single seat would do what all of them have voted down since.

    Raises Refused, by `rule`: DECISION_NEEDED without one, or for a motion that was not carried, decides something
    else, was overtaken by a later vote or has had its effect; BALLOT_NEEDED for a paper where the committee votes on it
    here, or has voted against it.
    """
    motion = None
    if reference is not None and reference.strip():
        motion = _named(reader, reference) or _written_down(reader, committee, subject, about, reference, outcome)
        if motion is None and not names_a_motion(reference):
            check_not_balloted(reader, committee, subject, about, rule, outcome=outcome)
            return
    asked = (committee, subject, about, outcome)
    if motion is None or (motion.committee, motion.subject, motion.about, motion.outcome) != asked:
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)
    later = [word for word in words_on(reader, committee, subject, about, outcome) if _order(word) > _order(motion)]
    stands = motion.state is MotionState.CARRIED and not later
    if not stands or not is_of_now(reader, motion) or is_used(reader, motion):
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)


def check_not_balloted(
    reader: Reader,
    committee: Committee,
    subject: Subject,
    about: str,
    rule: str,
    digest: str | None = None,
    even_carried: bool = False,
    outcome: str = "",
) -> None:
    """What is voted on here, or was and did not pass, nobody writes down from paper. Raises Refused BALLOT_NEEDED.

    `digest`: only of votes on that text. `even_carried`: nor what did pass, for it could be written down otherwise.
    `outcome`: nor the contrary of what did pass and waits to be carried out. What was lost on an earlier matter bars
    nothing: otherwise one vote about one suspension would close the paper to all that follow.
    """
    put = [
        last_ballot(reader, committee, subject, about, digest, outcome),
        _opposite(reader, committee, subject, about),
    ]
    last = max((motion for motion in put if motion is not None), key=_order, default=None)
    if last is None:
        return
    is_contrary = (last.subject, last.outcome) != (subject, outcome)
    says_otherwise = is_contrary and is_of_now(reader, last) and not is_used(reader, last)
    if last.state is not MotionState.CARRIED or even_carried or says_otherwise:
        raise Refused("BALLOT_NEEDED", rule, name=last.id)


def last_ballot(
    reader: Reader, committee: Committee, subject: Subject, about: str, digest: str | None = None, outcome: str = ""
) -> Motion | None:
    """What the committee votes on now, or voted on last, of what is still to be decided. `digest`: on that text.

    A motion that lapsed with votes, because its text was changed, was voted on when the very text is back: otherwise
    two changes of a draft would wipe out the votes against it.
    """
    put = _ballots_on(reader, committee, subject, about, outcome)
    put = [motion for motion in put if digest in (None, motion.digest) and _is_standing(reader, motion, digest)]
    return max(put, key=_order, default=None)


def is_undecided(reader: Reader, committee: Committee, subject: Subject, about: str, digest: str) -> bool:
    """Whether the committee has begun to vote on that text and come to no end, be it because the text was changed

    meanwhile. An earlier key, or one on paper, would else take the place of the votes.
    """
    put = [motion for motion in _ballots_on(reader, committee, subject, about) if motion.digest == digest]
    put.sort(key=lambda motion: (len(motion.id), motion.id), reverse=True)
    for motion in put:
        if motion.state in (MotionState.CARRIED, MotionState.LOST):
            return False
        if (motion.state is MotionState.OPEN or motion.was_redrafted) and is_voted_on(reader, motion):
            return True
    return False


def words_on(reader: Reader, committee: Committee, subject: Subject, about: str, outcome: str = "") -> list[Motion]:
    """The votes that say whether `outcome` is to be, in their order: on it, carried or lost, or carried on what

    excludes it. Another outcome that was lost says nothing: whoever does not terminate goes on letting go.
    """
    carried, lost = MotionState.CARRIED, MotionState.LOST
    put = _ballots_on(reader, committee, subject, about, outcome)
    said = [m for m in put if m.state is carried or (m.state is lost and m.outcome == outcome)]
    if subject in _OPPOSITE:
        said += [m for m in _ballots_on(reader, committee, _OPPOSITE[subject], about) if m.state is carried]
    return sorted(said, key=_order)


def _ballots_on(reader: Reader, committee: Committee, subject: Subject, about: str, outcome: str = "") -> list[Motion]:
    """What was put to the vote on that very question, with whatever became of it."""
    put = reader.filed(Motion, committee=committee, subject=subject, about=about, way=Way.BALLOTED)
    return [motion for motion in put if question_of(subject, motion.outcome) == question_of(subject, outcome)]


def _opposite(reader: Reader, committee: Committee, subject: Subject, about: str) -> Motion | None:
    """The vote on the opposite, begun or carried; voted down, it says nothing against this."""
    last = last_ballot(reader, committee, _OPPOSITE[subject], about) if subject in _OPPOSITE else None
    if last is None or last.state is MotionState.LOST or not is_of_now(reader, last):
        return None
    return last if last.state is MotionState.CARRIED or is_voted_on(reader, last) else None


def _is_standing(reader: Reader, motion: Motion, digest: str | None) -> bool:
    if motion.state is MotionState.LAPSED:
        return motion.was_redrafted and motion.digest == digest and is_voted_on(reader, motion)
    if motion.state is MotionState.LOST:
        return is_of_now(reader, motion)
    return motion.state is not MotionState.WITHDRAWN


def _order(motion: Motion) -> tuple[bool, datetime, int, str]:
    """By their ends, then as they are numbered; what is open comes last."""
    at = motion.closed_at or motion.opened_at
    return motion.state is MotionState.OPEN, at, len(motion.id), motion.id


def names_a_motion(reference: str | None) -> bool:
    """Whatever somebody could take for the id of a motion is one, or nothing: ` motion-7` is no paper."""
    return _LIKE_A_MOTION.match(fold(reference or "").translate(_LOOKS_LATIN)) is not None


def paper(reference: str) -> str:
    """A comparison key for the references of papers: with another dash, other digits or a blank more it is the same."""
    return fold("".join("-" if unicodedata.category(char) == "Pd" else char for char in reference))


def _named(reader: Reader, reference: str) -> Motion | None:
    return filed_one(reader, Motion, id=reference)


def _written_down(
    reader: Reader, committee: Committee, subject: Subject, about: str, reference: str, outcome: str
) -> Motion | None:
    """The decision of that paper on the same question, when a seat wrote it down before.

    One paper chooses several executors together (S3-P9-R2b), each of them once.
    """
    recorded = reader.filed(Motion, committee=committee, subject=subject, about=about, way=Way.RECORDED)
    if subject is Subject.AWARD:
        recorded = [motion for motion in recorded if motion.outcome == outcome]
    return next((motion for motion in recorded if paper(motion.reference or "") == paper(reference)), None)
