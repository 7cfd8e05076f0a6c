"""The story itself: a dataset is lent, used, abused and taken back."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from access_broker.walkthrough import cutting, sandboxed
from access_broker.walkthrough.system import System
from access_broker.walkthrough.telling import Listener, Story, eventually, one_of, same
from access_broker.walkthrough.world import AGREEMENT, CONTRACT, GROUPED, PARTIES, PERSONAL, TOWNS, World

STARTS = "everything answers"


@dataclass
class Walk:
    """What the chapters share. `password`: one for everybody, made for this run. `kept`: open until all is told."""

    story: Story
    system: System
    world: World
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    kept: ExitStack = field(default_factory=ExitStack)
    facts: dict[str, Any] = field(default_factory=dict)

    def token(self, person: str) -> str:
        """A token of the person for REST, with seats and roles."""
        if person not in self.tokens:
            self.tokens[person] = self.system.amanat("token", person)
        return self.tokens[person]

    @property
    def data_token(self) -> str:
        """Roya's token for the data door of this machine."""
        if "data" not in self.tokens:
            self.tokens["data"] = self.system.amanat("token", "roya", "--contract", CONTRACT)
        return self.tokens["data"]


def walk(tell: Listener) -> Story:
    """Play everything in a temporary place and leave nothing there."""
    story = Story(tell)
    folder = Path(tempfile.mkdtemp(prefix="amanat-walk-"))
    system = System(folder / "state")
    try:
        world = World.under(folder, system.state)
        if not story.step("start the system", STARTS, lambda: _start(system)):
            return story
        told = Walk(story, system, world)
        with told.kept:
            lending(told)
            using(told)
            sandboxed.chapter(told)
            cutting.chapter(told)
        story.step("stop the system", "nothing is left", lambda: cutting.stopped(system))
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return story


def lending(told: Walk) -> None:
    """The steward registers and tags; the contract comes into force with its last key, not before."""
    step = told.story.step
    step("bring the parties on record", "7 people, 2 seats", lambda: _load_parties(told))
    step("the steward registers a dataset", "registered", lambda: _register(told))
    step("the steward tags a column", "town is personal", lambda: _tag(told))
    step("the committee decides about sovereignty", "sovereign", lambda: _decide(told))
    step("draft the contract", "drafted, a key is missing", lambda: _draft(told))
    step("activate it with a key missing", "APPROVAL_MISSING", lambda: _too_early(told))
    step("approve, accept the terms, activate", "in force", lambda: _in_force(told))
    step("publish", "a file for this contract", lambda: _published(told))


def using(told: Walk) -> None:
    """The executor asks: groups are answered, persons are not."""
    step = told.story.step
    step("a grouped query at the data door", f"{len(TOWNS)} groups", lambda: _grouped(told))
    step("a personal field at the data door", "AGGREGATE_ONLY or KEY_USE_NOT_ALLOWED", lambda: _personal(told))
    step("a column that was not granted", "NOT_GRANTED, like a typo", lambda: _absent(told))


def _start(system: System) -> str:
    system.start()
    same(system.rest("", "GET", "/health").status_code, 200, "health")
    return STARTS


def _load_parties(told: Walk) -> str:
    told.system.amanat("load", str(told.world.scenario("parties", PARTIES)))
    for person in ("roya", "davood", "soraya", "auditor"):
        told.system.amanat("passwd", person, given=told.password + "\n")
    return "7 people, 2 seats"


def _register(told: Walk) -> str:
    body = {"text": told.world.description(town="public")}
    told.system.done(told.token("soraya"), "POST", "/datasets", body)
    refused = told.system.refused(told.token("roya"), "POST", "/datasets", body)
    return f"registered; an executor who tries is refused with {one_of(refused[0][0], 'NOT_PERMITTED')}"


def _tag(told: Walk) -> str:
    path = "/datasets/towns/tables/residents/columns/town"
    told.system.done(told.token("soraya"), "PUT", path, {"class": "personal"})
    tables = told.system.done(told.token("soraya"), "GET", "/datasets/towns")["tables"]
    columns = next(table["columns"] for table in tables if table["table"] == "residents")
    return f"town is {one_of(next(c['data_class'] for c in columns if c['column'] == 'town'), 'personal')}"


def _decide(told: Walk) -> str:
    body = {"sovereignty": "sovereign", "decision": "M-1"}
    told.system.done(told.token("davood"), "PUT", "/datasets/towns/sovereignty", body)
    return "sovereign"


def _draft(told: Walk) -> str:
    world = told.world
    told.system.amanat("load", str(world.scenario("agreement", PARTIES, world.dataset_section(), AGREEMENT)))
    contract = told.system.done(told.token("davood"), "GET", f"/contracts/{CONTRACT}")
    same(contract["state"], "drafted")
    return "drafted, a key is missing"


def _too_early(told: Walk) -> str:
    reasons = told.system.refused(told.token("davood"), "POST", f"/contracts/{CONTRACT}/activation")
    one_of("APPROVAL_MISSING", *(code for code, _ in reasons))
    return ", ".join(f"{code} ({rule})" for code, rule in reasons)


def _in_force(told: Walk) -> str:
    ask = told.system.done
    seen = ask(told.token("davood"), "GET", f"/contracts/{CONTRACT}")["digest"]
    approval = {"committee": "monitoring", "reference": "M-1", "seen": seen}
    ask(told.token("davood"), "POST", f"/contracts/{CONTRACT}/approvals", approval)
    ask(told.token("roya"), "POST", f"/contracts/{CONTRACT}/acknowledgements")
    same(ask(told.token("davood"), "POST", f"/contracts/{CONTRACT}/activation")["state"], "active")
    return "in force"


def _published(told: Walk) -> str:
    eventually(lambda: _answers(told), 60, "published")
    return "a file for this contract"


def _answers(told: Walk) -> bool:
    try:
        told.system.ask(told.data_token, "SELECT count(*) FROM readings")
    except Exception:
        return False
    return True


def _grouped(told: Walk) -> str:
    rows = told.system.ask(told.data_token, GROUPED)
    same([town for town, _ in rows], sorted(TOWNS))
    told.facts["grouped"] = rows
    return f"{len(rows)} groups, {sum(n for _, n in rows)} people"


def _personal(told: Walk) -> str:
    code = one_of(told.system.refusal(told.data_token, PERSONAL), "AGGREGATE_ONLY", "KEY_USE_NOT_ALLOWED")
    said = json.loads(told.system.amanat("explain", PERSONAL, "--as", "roya", "--contract", CONTRACT, "--json"))
    same(said["verdict"], "refuse")
    return f"{code} ({said['rule']})"


def _absent(told: Walk) -> str:
    code = told.system.refusal(told.data_token, "SELECT birth_date, count(*) FROM residents GROUP BY birth_date")
    return f"{one_of(code, 'NOT_GRANTED')}, like a typo"
