"""Does a motion decide what is there now? What was put on an earlier suspension, text or exit decides nothing later."""

from __future__ import annotations

from dataclasses import replace

from access_broker.domain.acts import Act, WarningState
from access_broker.domain.dataset_records import SovereigntyDecision
from access_broker.domain.datasets import DataClass
from access_broker.domain.exclusivity import Award, Sharing
from access_broker.domain.exits import Exit
from access_broker.domain.guarantees import GuaranteeDemand
from access_broker.domain.motions import Motion, MotionState, Subject, warning_in
from access_broker.domain.suspensions import Suspension
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.repetition import repetitions


def is_of_now(reader: Reader, motion: Motion) -> bool:
    """Whether what is to be decided now was there when it was put, carried or lost.

    What lifted an earlier suspension lifts no later one, and what would not lift it says nothing of the later one;
    nobody is cut by what was carried before a warning was repeated, and nothing is accepted by a vote on another text.
    """
    about, put = motion.about, motion.opened_at
    match motion.subject:
        case Subject.LIFT:
            return all(act.committed_at <= put for act in reader.acts(about) if act.act is Act.SUSPEND)
        case Subject.RATIFY_SUSPENSION:  # put before another violation was found, it is of the first alone
            acts = (act.committed_at for act in reader.acts(about) if act.act is Act.SUSPEND)
            return all(at <= put for at in (*acts, *(s.at for s in reader.filed(Suspension, contract=about))))
        case Subject.CUT_ON_REPETITION:  # carried, one repetition is enough; lost, it is of those there were
            repeated = [violation.at <= put for violation in repetitions(reader, about)]
            return any(repeated) if motion.state is MotionState.CARRIED else all(repeated)
        case Subject.APPEAL:
            named = [notice for notice in reader.warnings(about) if notice.number == warning_in(motion.outcome)]
            waiting = [notice.appealed_at for notice in named if notice.state is WarningState.APPEALED]
            return any(at <= put for at in waiting if at is not None)
        case Subject.EXIT | Subject.CLOSE_FAILURE:
            return all(leaving.asked_at <= put for leaving in reader.filed(Exit, contract=about))
        case Subject.AWARD:
            return all(award.at <= put for award in reader.filed(Award, problem=about, executor=motion.outcome))
        case Subject.SHARE_DATASET:
            return all(given.at <= put for given in reader.filed(Sharing, dataset=about, problem=motion.outcome))
        case Subject.SOVEREIGNTY:
            return all(decided.at <= put for decided in reader.filed(SovereigntyDecision, dataset=about))
        case Subject.ACCEPT:
            return motion.digest == matter_of(reader, motion.subject, about).digest
        case Subject.GUARANTEES:
            return all(asked.at <= put for asked in reader.filed(GuaranteeDemand, data_class=DataClass(about)))
        case _:
            return True


def is_of_before(reader: Reader, motion: Motion) -> bool:
    """Whether an open motion was put before there was what it is to decide, so that neither end of it would decide it.

    Put in advance by one seat, it would take the votes of the others, and leave what came of them undecided.
    """
    ends = (replace(motion, state=state) for state in (MotionState.CARRIED, MotionState.LOST))
    return motion.state is MotionState.OPEN and not any(is_of_now(reader, end) for end in ends)


def is_used(reader: Reader, motion: Motion) -> bool:
    """Whether what it decides was carried out by it; of what a later act shows anyway, `is_of_now` tells."""
    about, known_as = motion.about, {motion.id, motion.reference or motion.id}
    match motion.subject:
        case Subject.AWARD:
            given = reader.filed(Award, problem=about, executor=motion.outcome)
            return any(award.decision in known_as for award in given)
        case Subject.SHARE_DATASET:
            shared = reader.filed(Sharing, dataset=about, problem=motion.outcome)
            return any(sharing.decision in known_as for sharing in shared)
        case Subject.SOVEREIGNTY:
            dataset, decided = reader.dataset(about), reader.filed(SovereigntyDecision, dataset=about)
            is_done = dataset is not None and dataset.sovereignty.value == motion.outcome
            return is_done or any(one.reference in known_as for one in decided)
        case Subject.GUARANTEES:
            asked = reader.filed(GuaranteeDemand, data_class=DataClass(about))
            return any(one.reference in known_as for one in asked)
        case _:
            return False
