"""What a committee decides by vote: putting a motion, voting, standing back, and the minutes, which can be printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from starlette.responses import RedirectResponse

from access_broker.api.motion_bodies import About, MotionId
from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, Acting, AtConsole, ByForm, Here
from access_broker.console.motion_story import MotionStory, motion_story, proposable
from access_broker.console.motion_things import outcome_told, thing_of
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.console.wording import Wording
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import ABOUT, Choice, Finding, Motion, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.minutes import visible_motion
from access_broker.use_cases.motions import Proposal, open_motion, withdraw_motion
from access_broker.use_cases.outcomes import outcomes
from access_broker.use_cases.permissions import check_may_act_at_all
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.said import LONGEST
from access_broker.use_cases.voting import Ballot, give_vote, recuse

router = APIRouter(prefix="/motions", route_class=Page, include_in_schema=False)

Asked = Annotated[Subject, Query(description="What is to be decided")]


@router.get("/new")
def new(subject: Asked, about: About, here: AtConsole) -> Response:
    """What would be voted on, with the digest of its text; nothing is put yet."""
    return _new_page(here, subject, about)


@router.post("")
def put(acting: ByForm) -> Response:
    """Put a motion to the vote of one's committee (S1-C2, S3-P1-R2)."""
    here = acting.here
    subject, about = Subject(acting.choice("subject", Subject)), acting.field("about", 100)
    try:
        committee = Committee(acting.choice("committee", Committee))
        outcome, text = acting.field("outcome", 100), acting.field("text", LONGEST)
        proposal = Proposal(committee, subject, about, acting.field("seen"), text, outcome)
        with here.desk.records.write() as writer:
            motion = open_motion(writer, here.caller, proposal, here.now)
    except Refused as refused:
        if refused.reason.code == "NOT_FOUND":
            raise
        return _new_page(here, subject, about, refused, acting.typed)
    return RedirectResponse(f"{PREFIX}/motions/{motion.id}?done=motion_put", 303)


@router.get("/{motion}")
def motion(motion: MotionId, here: AtConsole, done: str = "") -> Response:
    """A motion, how it stands, and the person's own vote."""
    return _motion_page(here, motion, done)


@router.get("/{motion}/minutes")
def minutes(motion: MotionId, here: AtConsole) -> Response:
    """Who sat, who voted how and why, what came of it; made to be printed."""
    return page(here, "minutes.html", story=_story(here, motion))


@router.post("/{motion}/votes")
def vote(motion: MotionId, acting: ByForm) -> Response:
    """Vote, or vote anew while the motion is open."""
    here = acting.here

    def give(writer: Writer) -> Motion:
        findings = tuple((f, acting.field(f"finding.{f.value}", LONGEST)) for f in Finding)
        ballot = Ballot(
            Choice(acting.choice("choice", Choice)),
            acting.field("seen"),
            acting.field("opinion", LONGEST),
            tuple((finding, text) for finding, text in findings if text),
            tuple(sorted(name.removeprefix("refuse.") for name in acting.typed if name.startswith("refuse."))),
        )
        return give_vote(writer, here.desk.policy, here.caller, motion, ballot, here.desk.clock())

    return _change(acting, motion, "voted", give)


@router.post("/{motion}/recusals")
def recusal(motion: MotionId, acting: ByForm) -> Response:
    """Stand back from judging, with the reason."""
    here = acting.here

    def stand_back(writer: Writer) -> Motion:
        reason = acting.field("reason", LONGEST)
        return recuse(writer, here.desk.policy, here.caller, motion, reason, here.desk.clock())

    return _change(acting, motion, "recused", stand_back)


@router.post("/{motion}/withdrawal")
def withdrawal(motion: MotionId, acting: ByForm) -> Response:
    """Take one's own motion back while it is open."""
    here = acting.here
    return _change(
        acting, motion, "motion_withdrawn", lambda writer: withdraw_motion(writer, here.caller, motion, here.now)
    )


def _change(acting: Acting, motion: str, confirm: str, change: Callable[[Writer], Motion]) -> Response:
    """Do it and go back to the motion; or show the motion again with why not, and with what was typed."""
    here = acting.here
    try:
        with here.desk.records.write() as writer:
            check_may_act_at_all(here.caller)
            change(writer)
    except Refused as refused:
        if refused.reason.code == "NOT_FOUND":
            raise
        return _motion_page(here, motion, "", refused, acting.typed)
    return RedirectResponse(f"{PREFIX}/motions/{motion}?done={confirm}", 303)


def _story(here: Here, motion: str) -> MotionStory:
    with here.desk.records.read() as reader:
        return motion_story(reader, here, visible_motion(reader, here.caller, motion))


def _motion_page(
    here: Here, motion: str, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    status = status_of(refused.reason.code) if refused else 200
    story = _story(here, motion)
    return page(here, "motion.html", refused, status, story=story, typed=typed or {}, done=done(asked))


def _new_page(
    here: Here, subject: Subject, about: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    check_may_act_at_all(here.caller)
    with here.desk.records.read() as reader:
        matter = matter_of(reader, subject, about)
        organisation = reader.organisation(matter.organisation)
        words = Wording(here.language)
        choices = [(one, outcome_told(reader, words, subject, one)) for one in outcomes(reader, subject, about)]
        thing = thing_of(reader, subject, about)
    status = status_of(refused.reason.code) if refused else 200
    known: dict[str, Any] = {"matter": matter, "organisation": organisation, "kind": ABOUT[subject], "thing": thing}
    known |= {"typed": typed or {}}
    committees = proposable(here, subject)
    return page(here, "motion_new.html", refused, status, committees=committees, outcomes=choices, **known)
