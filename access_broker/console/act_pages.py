"""The committee's acts: a form for each, and for what takes access away a look at all that will end by it.

A cut is final. Its form shows what runs now, and wants the contract's id typed by hand and the ground chosen.
"""

from __future__ import annotations

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
from access_broker.use_cases.acts import REVOKES, ActRequest, commit_act
from access_broker.use_cases.permissions import check_may_act_at_all

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
    except Refused as refused:
        if refused.reason.code == "NOT_FOUND":
            raise
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
        visible_contract(writer, here.caller, contract)
        check_may_act_at_all(here.caller)
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
    return ActRequest(contract, act, ground, acting.here.person, acting.field("decision", 100) or None, text)


def _form(
    here: Here, contract: str, act: Act, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    check_may_act_at_all(here.caller)
    with here.desk.records.read() as reader:
        story = story_of(reader, here, visible_contract(reader, here.caller, contract))
        running = running_statements(reader, here.now) if act in REVOKES else []
    status = status_of(refused.reason.code) if refused else 200
    known: dict[str, Any] = {"act": act, "grounds": sorted(GROUNDS[act]), "revokes": act in REVOKES, "cut": Act.CUT}
    known["statements"] = [statement for statement in running if statement.contract == contract]
    return page(here, "act.html", refused, status, story=story, typed=typed or {}, **known)
