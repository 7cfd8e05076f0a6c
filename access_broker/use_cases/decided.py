"""Was it decided? What only a committee may do asks here for the decision it rests on."""

from __future__ import annotations

from access_broker.domain.acts import COUNTING, Act
from access_broker.domain.dataset_records import SovereigntyDecision
from access_broker.domain.datasets import DataClass
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Award, Sharing
from access_broker.domain.exits import Exit
from access_broker.domain.guarantees import GuaranteeDemand
from access_broker.domain.motions import MOTION, SEPARATE, Motion, MotionState, Subject, Way
from access_broker.domain.people import Committee
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.ports import Reader


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
    was written down before is judged as that motion, so that an old one does not decide something new.

    Raises Refused, by `rule`: DECISION_NEEDED without one, or for a motion that was not carried, decides something else
    or has had its effect; BALLOT_NEEDED for a paper where the committee votes on it here, or has voted against it.
    """
    motion = None
    if reference is not None and reference.strip():
        motion = _named(reader, reference) or _written_down(reader, committee, subject, about, reference, outcome)
        if motion is None and not reference.startswith(MOTION):
            check_not_balloted(reader, committee, subject, about, rule, outcome=outcome)
            return
    asked = (committee, subject, about, outcome)
    if motion is None or (motion.committee, motion.subject, motion.about, motion.outcome) != asked:
        raise Refused("DECISION_NEEDED", rule, committee=committee.value, subject=subject.value, name=about)
    if motion.state is not MotionState.CARRIED or not _is_of_now(reader, motion):
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
    `outcome`: nor the contrary of what did pass and waits to be carried out.
    """
    motions = reader.filed(Motion, committee=committee, subject=subject, about=about, way=Way.BALLOTED)
    put = [m for m in motions if m.state not in (MotionState.WITHDRAWN, MotionState.LAPSED)]
    put = [m for m in put if digest in (None, m.digest) and (subject not in SEPARATE or m.outcome == outcome)]
    last = max(put, key=lambda m: m.opened_at, default=None)
    if last is None:
        return
    says_otherwise = last.outcome != outcome and _is_of_now(reader, last)
    if last.state is not MotionState.CARRIED or even_carried or says_otherwise:
        raise Refused("BALLOT_NEEDED", rule, name=last.id)


def _named(reader: Reader, reference: str) -> Motion | None:
    return filed_one(reader, Motion, id=reference)


def _written_down(
    reader: Reader, committee: Committee, subject: Subject, about: str, reference: str, outcome: str
) -> Motion | None:
    """The decision of that paper on the same question, when a seat wrote it down before.

    One paper chooses several executors together (S3-P9-R2b), each of them once.
    """
    having = {"committee": committee, "subject": subject, "about": about, "way": Way.RECORDED, "reference": reference}
    if subject is Subject.AWARD:
        having["outcome"] = outcome
    return filed_one(reader, Motion, **having)


def _is_of_now(reader: Reader, motion: Motion) -> bool:
    """Whether what it decides is still to be done, and was there to be decided when it was put.

    What lifted an earlier suspension lifts no later one; nobody is cut by what was carried before there was a warning,
    and nothing is accepted by a vote on another text.
    """
    about, put, known_as = motion.about, motion.opened_at, {motion.id, motion.reference or motion.id}
    match motion.subject:
        case Subject.LIFT | Subject.RATIFY_SUSPENSION:
            return all(act.committed_at <= put for act in reader.acts(about) if act.act is Act.SUSPEND)
        case Subject.CUT_ON_REPETITION:
            return any(notice.issued_at <= put for notice in reader.warnings(about) if notice.state in COUNTING)
        case Subject.APPEAL:
            appeals = [notice for notice in reader.warnings(about) if notice.appealed_at is not None]
            is_used = any(notice.appeal_decision in known_as for notice in appeals)
            return not is_used and any(notice.appealed_at <= put for notice in appeals if notice.appealed_at)
        case Subject.EXIT | Subject.CLOSE_FAILURE:
            return all(leaving.asked_at <= put for leaving in reader.filed(Exit, contract=about))
        case Subject.AWARD:
            given = reader.filed(Award, problem=about, executor=motion.outcome)
            return all(award.at <= put and award.decision not in known_as for award in given)
        case Subject.SHARE_DATASET:
            shared = reader.filed(Sharing, dataset=about, problem=motion.outcome)
            return all(sharing.at <= put and sharing.decision not in known_as for sharing in shared)
        case Subject.SOVEREIGNTY:
            dataset, decided = reader.dataset(about), reader.filed(SovereigntyDecision, dataset=about)
            is_done = dataset is not None and dataset.sovereignty.value == motion.outcome
            return not is_done and all(one.at <= put and one.reference not in known_as for one in decided)
        case Subject.ACCEPT:
            return motion.digest == matter_of(reader, motion.subject, about).digest
        case Subject.GUARANTEES:
            asked = reader.filed(GuaranteeDemand, data_class=DataClass(about))
            return all(one.at <= put and one.reference not in known_as for one in asked)
        case _:
            return True
