"""What a committee decides, and how: motions, votes, recusals (S1-C2, S3-P1-R2).

A motion is *balloted*, when seats vote here on one frozen text, or *recorded*, when a seat writes down what was decided
on paper. Votes are never changed: a new one of the same person comes after the old one, and the latest counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from access_broker.domain.people import Committee


class Subject(StrEnum):
    """What is put to the vote. `about` of a motion is the id of a contract, problem or dataset, or a class of data."""

    APPROVE_CONTRACT = "approve_contract"
    SOVEREIGNTY = "sovereignty"
    APPROVE_PROBLEM = "approve_problem"
    CUT_ON_REPETITION = "cut_on_repetition"
    RATIFY_SUSPENSION = "ratify_suspension"
    LIFT = "lift"
    APPEAL = "appeal"
    SHARE_DATASET = "share_dataset"  # another problem may use a dataset that is in exclusive use (S3-P9-R1)
    AWARD = "award"  # who carries a problem out (S3-P9)
    ACCEPT = "accept"
    EXIT = "exit"
    CLOSE_FAILURE = "close_failure"
    GUARANTEES = "guarantees"  # what is asked for because of a class of data (S3-P7)


class About(StrEnum):
    """What kind of thing a motion is about."""

    CONTRACT = "contract"
    PROBLEM = "problem"
    DATASET = "dataset"
    DATA_CLASS = "data_class"


ABOUT: dict[Subject, About] = {
    **dict.fromkeys(Subject, About.CONTRACT),
    Subject.APPROVE_PROBLEM: About.PROBLEM,
    Subject.AWARD: About.PROBLEM,
    Subject.SOVEREIGNTY: About.DATASET,
    Subject.SHARE_DATASET: About.DATASET,
    Subject.GUARANTEES: About.DATA_CLASS,
}
"""Of what kind the thing is whose id stands in `about`."""

SUBJECTS_OF_QUALIFICATION = frozenset(
    {Subject.APPROVE_CONTRACT, Subject.EXIT, Subject.CLOSE_FAILURE, Subject.GUARANTEES}
)
"""What the Qualification Committee decides beside the Monitoring Committee, which decides on everything."""

VOTING_DAYS = 15
"""Working days of ITO a motion may stand open, for those who are told until when; the policy `votes` counts them."""

RULES: dict[Subject, str] = {
    **dict.fromkeys(Subject, "S1-C2"),
    Subject.SOVEREIGNTY: "S1-P4-R4",
    Subject.APPROVE_PROBLEM: "F-5",
    Subject.CUT_ON_REPETITION: "S3-P6-R2",
    Subject.RATIFY_SUSPENSION: "F-13",
    Subject.LIFT: "F-13",
    Subject.APPEAL: "S3-P6-R2",
    Subject.SHARE_DATASET: "S3-P9-R1",
    Subject.AWARD: "S3-P9",
    Subject.ACCEPT: "F-14",
    Subject.EXIT: "D-2",
    Subject.CLOSE_FAILURE: "D-1",
    Subject.GUARANTEES: "S3-P7",
}
"""The rule that asks for the decision."""


SEPARATE = frozenset({Subject.AWARD, Subject.SHARE_DATASET})
"""Subjects where each outcome is a question of its own: the executor that is chosen, the problem that is let in."""

WITH_OUTCOME = SEPARATE | {Subject.SOVEREIGNTY, Subject.APPEAL, Subject.EXIT, Subject.GUARANTEES}
"""Subjects that may be decided more than one way, so that a motion has to name the outcome.

Beside those two: the kind of the data, `upheld-N` or `withdrawn-N` for warning N, the kind of the exit, the guarantees
that are asked for; of these one excludes the others.
"""


_WARNING_NUMBER = re.compile(r"[0-9]{1,9}")


def on_appeal(answer: str, warning: int) -> str:
    """The outcome of a motion that answers the appeal against that warning of the contract: `upheld-3`."""
    return f"{answer}-{warning}"


def warning_in(outcome: str) -> int | None:
    """The number in an outcome that `on_appeal` made; None in any other, as of motions that named no warning."""
    answer, _, number = outcome.rpartition("-")
    return int(number) if answer and _WARNING_NUMBER.fullmatch(number) else None


def question_of(subject: Subject, outcome: str) -> str:
    """Which of the questions that the subject may ask of one thing: which executor, which problem, which warning.

    Motions on different ones do not touch each other; of two on the same one the outcomes exclude each other.
    """
    if subject is Subject.APPEAL:
        return str(warning_in(outcome))
    return outcome if subject in SEPARATE else ""


class MotionState(StrEnum):
    OPEN = "open"
    CARRIED = "carried"
    LOST = "lost"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


MOTION_TRANSITIONS: dict[MotionState, frozenset[MotionState]] = {
    MotionState.OPEN: frozenset(
        {MotionState.CARRIED, MotionState.LOST, MotionState.WITHDRAWN, MotionState.LAPSED},
    ),
    MotionState.CARRIED: frozenset(),
    MotionState.LOST: frozenset(),
    MotionState.WITHDRAWN: frozenset(),
    MotionState.LAPSED: frozenset(),
}
"""Nothing leads out of an end: whoever wants it otherwise puts a new motion.

Lapsed: its text was changed meanwhile, or it could be decided no more (policy `votes`).
"""


class Way(StrEnum):
    """How a committee came to its decision: by votes here, or on paper, written down by a seat."""

    BALLOTED = "balloted"
    RECORDED = "recorded"


class Choice(StrEnum):
    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class Finding(StrEnum):
    """What the Monitoring Committee finds on a problem before it approves it (F-5)."""

    ISSUE = "issue"
    FEASIBILITY = "feasibility"
    RESOURCES = "resources"
    SOVEREIGNTY = "sovereignty"
    SCENARIO = "scenario"


MOTION = "motion-"
"""What the ids of motions begin with, so that nobody takes one for the reference of a paper."""


@dataclass(frozen=True)
class Motion:
    """`digest`: of the text of what it is about, as it lay there when the motion was opened; everybody votes on that.

    `closed_by`: whose vote, recusal or withdrawal ended it, or the clerk; None where a new draft did. `reference`: of
    the paper, for a recorded one. `counted`, `refused`, `reasons`, `barred`: the tally as it stood at its end, that is,
    which votes counted, which columns were refused, why it was not carried, and who could not judge: seat, person, why.
    `outcome`: what exactly is decided, for the subjects `WITH_OUTCOME`; a decision for one executor must not choose
    another.
    """

    KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    committee: Committee
    subject: Subject
    about: str
    text: str
    digest: str
    opened_by: str
    opened_at: datetime
    way: Way = Way.BALLOTED
    state: MotionState = MotionState.OPEN
    closed_by: str | None = None
    closed_at: datetime | None = None
    reference: str | None = None
    counted: tuple[int, ...] = ()
    refused: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    barred: tuple[tuple[int, str, str], ...] = ()
    outcome: str = ""

    @property
    def rule(self) -> str:
        """The rule that asks for the decision; where it is the committee itself, the one that says who sits there."""
        is_of_committee = RULES[self.subject] == "S1-C2" and self.committee is Committee.QUALIFICATION
        return "S3-P1-R2" if is_of_committee else RULES[self.subject]

    @property
    def was_redrafted(self) -> bool:
        """Whether it lapsed because its text was changed; otherwise too few could vote, or its days were over."""
        return self.state is MotionState.LAPSED and self.closed_at is None

    @property
    def about_contract(self) -> str | None:
        return self.about if ABOUT[self.subject] is About.CONTRACT else None


@dataclass(frozen=True)
class Vote:
    """`number` counts within the motion. `seat`: the lowest the person held. `opinion`: the reasons, in words.

    `findings`: pairs of a `Finding` and what was found. `refused`: columns, `dataset.table.column`, that the voter
    would not grant, whatever becomes of the rest.
    """

    KEY: ClassVar[tuple[str, ...]] = ("motion", "number")

    motion: str
    number: int
    person: str
    seat: int
    choice: Choice
    at: datetime
    opinion: str = ""
    findings: tuple[tuple[str, str], ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recusal:
    """Somebody who will not judge, and why. Their vote, if there was one, counts no more."""

    KEY: ClassVar[tuple[str, ...]] = ("motion", "person")

    motion: str
    person: str
    reason: str
    at: datetime
