"""Motions and their minutes as they go out, to committee seats and auditors."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from access_broker.api.views import ReasonView
from access_broker.domain.motions import Motion, Recusal, Vote
from access_broker.use_cases.matters import Matter
from access_broker.use_cases.minutes import Minutes
from access_broker.use_cases.tallying import Chair


class MatterView(BaseModel):
    """What may be put to the vote. `digest`: of its text, which whoever moves or votes names as `seen`."""

    subject: str
    about: str
    organisation: str
    digest: str

    @classmethod
    def of(cls, matter: Matter) -> Self:
        return cls(
            subject=matter.subject.value, about=matter.about, organisation=matter.organisation, digest=matter.digest
        )


class MotionView(BaseModel):
    """`reference`: of the paper, for a decision that was taken elsewhere and written down here.

    `outcome`: what exactly is decided, where the subject leaves that open.
    """

    motion: str
    committee: str
    subject: str
    about: str
    text: str
    digest: str
    way: str
    state: str
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    reference: str | None
    outcome: str

    @classmethod
    def of(cls, motion: Motion) -> Self:
        return cls(
            motion=motion.id,
            committee=motion.committee.value,
            subject=motion.subject.value,
            about=motion.about,
            text=motion.text,
            digest=motion.digest,
            way=motion.way.value,
            state=motion.state.value,
            opened_by=motion.opened_by,
            opened_at=motion.opened_at,
            closed_by=motion.closed_by,
            closed_at=motion.closed_at,
            reference=motion.reference,
            outcome=motion.outcome,
        )


class ChairView(BaseModel):
    """A seat that has a say.

    `barred`: `disabled`, `recused`, an interest, `spoke_elsewhere`, or null for one that may vote.
    """

    seat: int
    organisation: str | None
    person: str
    barred: str | None

    @classmethod
    def of(cls, chair: Chair) -> Self:
        return cls(
            seat=chair.seat.number,
            organisation=chair.seat.organisation,
            person=chair.seat.person,
            barred=chair.barred,
        )


class VoteView(BaseModel):
    """`counts`: nothing came after it from the same person or seat, and whoever gave it may judge."""

    number: int
    seat: int
    person: str
    choice: str
    at: datetime
    opinion: str
    findings: dict[str, str]
    refused: list[str]
    counts: bool

    @classmethod
    def of(cls, vote: Vote, counts: bool) -> Self:
        return cls(
            number=vote.number,
            seat=vote.seat,
            person=vote.person,
            choice=vote.choice.value,
            at=vote.at,
            opinion=vote.opinion,
            findings=dict(vote.findings),
            refused=list(vote.refused),
            counts=counts,
        )


class RecusalView(BaseModel):
    person: str
    reason: str
    at: datetime

    @classmethod
    def of(cls, recusal: Recusal) -> Self:
        return cls(person=recusal.person, reason=recusal.reason, at=recusal.at)


class MinutesView(BaseModel):
    """`votes`: all that were given, in order. `totals`: of those that count. `missing`: why it is not carried.

    `until`: when an open one lapses.
    """

    motion: MotionView
    until: datetime | None
    seats: list[ChairView]
    votes: list[VoteView]
    recusals: list[RecusalView]
    totals: dict[str, int]
    refused: list[str]
    missing: list[ReasonView]

    @classmethod
    def of(cls, minutes: Minutes, missing: list[ReasonView]) -> Self:
        return cls(
            motion=MotionView.of(minutes.motion),
            until=minutes.until,
            seats=[ChairView.of(chair) for chair in minutes.chairs],
            votes=[VoteView.of(vote, minutes.counts(vote)) for vote in minutes.votes],
            recusals=[RecusalView.of(recusal) for recusal in minutes.recusals],
            totals={choice.value: count for choice, count in minutes.totals.items()},
            refused=list(minutes.tally.refused),
            missing=missing,
        )
