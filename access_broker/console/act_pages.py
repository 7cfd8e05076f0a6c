"""The committee's acts: a form for each, and for what takes access away a look at all that will end by it.

A cut is final. Its form shows what runs now, and wants the contract's id typed by hand and the ground chosen.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from starlette.responses import RedirectResponse

from access_broker.api.bodies import ContractId
from access_broker.api.contract_routes import visible_contract
from access_broker.api.problems import status_of
from access_broker.console.contract_story import story_of
from access_broker.console.here import PREFIX, Acting, AtConsole, ByForm, Here
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.console.running import running_statements
from access_broker.console.wording import Wording
from access_broker.domain.acts import GROUNDS, Act
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.calendar import NoSuchDay, NotADate, end_of_day, parse_date
from access_broker.use_cases.committed import REVOKES
from access_broker.use_cases.permissions import check_may_act_at_all
from access_broker.use_cases.recording import check_may_cite, subject_of_act
from access_broker.use_cases.violations import counted

router = APIRouter(prefix="/contracts/{contract}/acts", route_class=Page, include_in_schema=False)

ActName = Annotated[Act, Path(description="warn, suspend, cut or lift")]


@router.get("/{act}")
def form(contract: ContractId, act: ActName, here: AtConsole) -> Response:
    """What will happen, and what the committee has to say for it."""
    return _form(here, contract, act)


@router.post("/{act}")
def take(contract: ContractId, act: ActName, acting: ByForm) -> Response:
    """Take the act, then show its end as it comes about; asking twice is answered with the first act."""
    here = acting.here
    try:
        _commit(acting, contract, act)
    except Refused as refused:  # also for a violation that is not there: its number must not cost what was typed
        return _form(here, contract, act, refused, acting.typed)
    here.desk.announce(contract)
    if act in REVOKES:
        return RedirectResponse(f"{PREFIX}/contracts/{contract}/end", 303)
    done = "warned" if act is Act.WARN else "lifted"
    return RedirectResponse(f"{PREFIX}/contracts/{contract}?done={done}", 303)


def _commit(acting: Acting, contract: str, act: Act) -> None:
    """The clock is read inside the transaction: time spent waiting for it must not make the commit look earlier."""
    here, request = acting.here, _request(acting, contract, act)
    with here.desk.records.write() as writer:
        seen = visible_contract(writer, here.caller, contract)
        check_may_act_at_all(here.caller)
        subject = subject_of_act(writer, seen, request.act, request.ground)
        if subject is not None:
            check_may_cite(writer, here.desk.policy, "console", Committee.MONITORING, subject, request.decision)
        commit_act(writer, here.desk.policy, request, here.desk.clock())


def _request(acting: Acting, contract: str, act: Act) -> ActRequest:
    """Raises Refused INVALID for a form that is not filled in, naming the field as its label does."""
    say = Wording(acting.here.language).say
    ground, text = acting.field("ground"), acting.field("text", 10_000)
    if not ground:
        raise Refused("INVALID", where=str(say("console.act.ground")))
    if act is Act.WARN and not text:
        raise Refused("INVALID", "S3-P6-R2", where=str(say("console.act.text")))
    if act is Act.CUT and acting.field("confirm") != contract:
        raise Refused("INVALID", "F-13", where=str(say("console.act.confirm")))
    decision, cure_by = acting.field("decision", 100) or None, _cure_by(acting) if act is Act.WARN else None
    violation = acting.field("violation", 7)
    if violation and not (violation.isascii() and violation.isdigit()):
        raise Refused("INVALID", "S3-P6-R2", where=str(say("console.act.violation")))
    number = int(violation) if violation else None
    return ActRequest(contract, act, ground, acting.here.person, decision, text, number, cure_by)


def _cure_by(acting: Acting) -> datetime | None:
    """The last second of the day that was typed, Jalali or not; None for nothing typed."""
    typed = acting.field("cure", 20)
    try:
        return end_of_day(parse_date(typed, acting.here.now)) if typed else None
    except (NotADate, NoSuchDay):
        label = str(Wording(acting.here.language).say("console.warnings.cure_by"))
        raise Refused("INVALID", "S3-P6-R2", where=label) from None


def _form(
    here: Here, contract: str, act: Act, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    check_may_act_at_all(here.caller)
    with here.desk.records.read() as reader:
        story = story_of(reader, here, visible_contract(reader, here.caller, contract))
        running = running_statements(reader, here.now) if act in REVOKES else []
        violations = [] if act is Act.LIFT else counted(reader, contract)
    status = status_of(refused.reason.code) if refused else 200
    known: dict[str, Any] = {"act": act, "grounds": sorted(GROUNDS[act]), "revokes": act in REVOKES, "cut": Act.CUT}
    known["violations"] = violations[::-1]
    known["statements"] = [statement for statement in running if statement.contract == contract]
    return page(here, "act.html", refused, status, story=story, typed=typed or {}, **known)
