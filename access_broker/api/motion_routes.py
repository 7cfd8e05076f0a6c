"""What a committee decides by vote: motions, votes, recusals, minutes (S1-C2, S3-P1-R2)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from access_broker.api.bodies import Limit
from access_broker.api.callers import SignedIn
from access_broker.api.motion_bodies import About, MotionBody, MotionId, RecusalBody, VoteBody
from access_broker.api.motion_views import MatterView, MinutesView, MotionView
from access_broker.api.problems import teller_of
from access_broker.api.services import Desk
from access_broker.api.views import ReasonView
from access_broker.domain.motions import MotionState, Subject
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.minutes import minutes_of, visible_motion
from access_broker.use_cases.motions import Proposal, motions_about, open_motion, withdraw_motion
from access_broker.use_cases.permissions import check_may_read_audit
from access_broker.use_cases.voting import Ballot, give_vote, recuse

router = APIRouter(prefix="/motions", tags=["motions"])

OnlyState = Annotated[MotionState | None, Query(description="Only motions in this state")]


@router.get("")
def motions(
    caller: SignedIn, desk: Desk, about: About | None = None, state: OnlyState = None, limit: Limit = 100
) -> list[MotionView]:
    """Motions of both committees, newest first; for committee seats and auditors."""
    with desk.records.read() as reader:
        found = motions_about(reader, caller, about)
    return [MotionView.of(motion) for motion in found if state in (None, motion.state)][:limit]


@router.post("")
def put(body: MotionBody, caller: SignedIn, desk: Desk) -> MotionView:
    """Put a motion to the vote of one's committee. The same one again is answered with the first."""
    proposal = Proposal(body.committee, body.subject, body.about, body.seen, body.text, body.outcome)
    with desk.records.write() as writer:
        return MotionView.of(open_motion(writer, caller, proposal, desk.clock()))


@router.get("/matter")
def matter(subject: Subject, about: About, caller: SignedIn, desk: Desk) -> MatterView:
    """The digest of what would be voted on, as its text lies there now."""
    check_may_read_audit(caller)
    with desk.records.read() as reader:
        return MatterView.of(matter_of(reader, subject, about))


@router.get("/{motion}")
def motion(motion: MotionId, caller: SignedIn, desk: Desk) -> MotionView:
    """One motion."""
    with desk.records.read() as reader:
        return MotionView.of(visible_motion(reader, caller, motion))


@router.post("/{motion}/votes")
def vote(motion: MotionId, body: VoteBody, caller: SignedIn, desk: Desk) -> MotionView:
    """Vote, or vote anew while the motion is open. The answer tells whether this vote has decided it."""
    findings = tuple(sorted(body.findings.items()))
    ballot = Ballot(body.choice, body.seen, body.opinion, findings, tuple(body.refused))
    with desk.records.write() as writer:
        return MotionView.of(give_vote(writer, desk.policy, caller, motion, ballot, desk.clock()))


@router.post("/{motion}/recusals")
def recusal(motion: MotionId, body: RecusalBody, caller: SignedIn, desk: Desk) -> MotionView:
    """Stand back from judging, with the reason; a vote given before counts no more."""
    with desk.records.write() as writer:
        return MotionView.of(recuse(writer, desk.policy, caller, motion, body.reason, desk.clock()))


@router.post("/{motion}/withdrawal")
def withdrawal(motion: MotionId, caller: SignedIn, desk: Desk) -> MotionView:
    """Take one's own motion back while it is open."""
    with desk.records.write() as writer:
        return MotionView.of(withdraw_motion(writer, caller, motion, desk.clock()))


@router.get("/{motion}/minutes")
def minutes(motion: MotionId, caller: SignedIn, desk: Desk, request: Request) -> MinutesView:
    """Who sat, who voted how and why, who did not judge, what came of it, and what it still lacks."""
    tell = teller_of(request)
    with desk.records.read() as reader:
        found = minutes_of(reader, desk.policy, visible_motion(reader, caller, motion), desk.clock())
    missing = [ReasonView(code=r.code, rule=r.rule, detail=tell.sentence(r, {})) for r in found.tally.reasons]
    return MinutesView.of(found, missing)
