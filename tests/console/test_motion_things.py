"""What a motion tells beside its id: until when it may be decided, what it is about, what exactly it decides."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.adapters.policy.files import policy_dir
from access_broker.console.motion_things import outcome_told, thing_of
from access_broker.console.wording import Wording
from access_broker.domain.motions import VOTING_DAYS, MotionState, Subject
from access_broker.domain.working_days import Closure
from access_broker.use_cases.calendar import today
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.outcomes import asked_for
from access_broker.use_cases.settling_motions import settle_due_motion
from tests.console.world import World
from tests.support.committees import EVENT, put, seated, voting
from tests.support.factories import NOW
from tests.support.fakes import FixedClock

MAIN = re.compile(r"<main.*</main>", re.DOTALL)


@pytest.fixture
def world(policy: EmbeddedPolicy) -> World:
    return World(seated(), FixedClock(NOW), policy=policy)


def read(world: World, who: str, path: str, language: str = "en") -> str:
    """What a person reads there: the page without its tags."""
    main = MAIN.search(world.browser(who, language).get(path).text)
    assert main is not None
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def ended(world: World, at: datetime) -> bool:
    with world.records.write() as writer:
        return settle_due_motion(writer, world.policy, "motion-1", at)


def test_the_days_that_people_are_told_are_those_the_policy_counts() -> None:
    assert json.loads((policy_dir() / "votes" / "data.json").read_text("utf-8"))["days"] == VOTING_DAYS


@pytest.mark.parametrize(("language", "told"), [("en", "Vote until 2026-12-13"), ("fa", "مهلت رأی تا ۱۴۰۵/۰۹/۲۲")])
def test_until_when_stands_on_the_motion_and_in_every_list(world: World, language: str, told: str) -> None:
    put(world.records)
    for path in ("/motions/motion-1", "/motions/motion-1/minutes", "/committee", "/contracts/P1"):
        assert told in read(world, "chair", path, language), path


def test_it_is_the_last_day_on_which_the_motion_stands(world: World) -> None:
    put(world.records)
    shown = re.search(r"Vote until (\S+)", read(world, "chair", "/motions/motion-1"))
    assert shown is not None
    last = datetime.fromisoformat(f"{shown[1]}T20:29:59+00:00")
    assert not ended(world, last)
    assert ended(world, last + timedelta(seconds=1))


def test_a_day_off_that_is_declared_moves_it(world: World) -> None:
    put(world.records)
    with world.records.write() as writer:
        writer.file(Closure("", today(NOW) + timedelta(days=1), "snow", "operator", NOW), EVENT)
    assert "Vote until 2026-12-14" in read(world, "chair", "/motions/motion-1")


def test_what_is_decided_has_no_deadline(world: World, policy: EmbeddedPolicy) -> None:
    motion = put(world.records)
    for who in ("chair", "m2", "m3", "m6"):
        motion = voting(world.records, policy, motion, who)
    assert motion.state is MotionState.CARRIED
    assert "Vote until" not in read(world, "chair", "/motions/motion-1")


@pytest.mark.parametrize(
    ("subject", "about", "title", "link"),
    [
        (Subject.LIFT, "P1", "Where are clinics missing?", "contracts/P1"),
        (Subject.APPROVE_PROBLEM, "clinics", "Where are clinics missing?", "problems/clinics"),
        (Subject.SOVEREIGNTY, "health", "Visits to clinics", "datasets/health"),
        (Subject.GUARANTEES, "sensitive", "sensitive", "guarantees"),
    ],
)
def test_what_is_voted_on_has_its_title_and_a_way_to_it(
    world: World, subject: Subject, about: str, title: str, link: str
) -> None:
    with world.records.read() as reader:
        thing = thing_of(reader, subject, about)
    assert thing is None or thing.title_en == title
    page = world.browser("chair").get(f"/motions/new?subject={subject}&about={about}").text
    assert title in page
    assert f'href="/services/console/{link}"' in page


def test_an_auditor_is_led_to_no_page_that_is_closed_to_auditors(world: World) -> None:
    put(world.records, subject=Subject.APPROVE_PROBLEM, about="clinics", seen=digest(world, "clinics"))
    page = world.browser("auditor").get("/motions/motion-1").text
    assert "Where are clinics missing?" in page
    assert 'href="/services/console/problems/clinics"' not in page


def digest(world: World, about: str) -> str:
    with world.records.read() as reader:
        return matter_of(reader, Subject.APPROVE_PROBLEM, about).digest


@pytest.mark.parametrize(
    ("subject", "outcome", "told"),
    [
        (Subject.SHARE_DATASET, "clinics", "کجا درمانگاه کم است؟ clinics"),
        (Subject.SHARE_DATASET, "gone", "gone"),
        (Subject.AWARD, "ministry", "وزارت بهداشت ministry"),
        (Subject.GUARANTEES, asked_for(["deposit", "insurance"]), "وجه‌الضمان، بیمه مسئولیت"),
        (Subject.GUARANTEES, asked_for([]), "چیزی بیش از آنچه همیشه لازم است خواسته نشود"),
        (Subject.SOVEREIGNTY, "sovereign", "حاکمیتی"),
    ],
)
def test_what_exactly_is_decided_is_told_in_words(world: World, subject: Subject, outcome: str, told: str) -> None:
    with world.records.read() as reader:
        assert outcome_told(reader, Wording("fa"), subject, outcome).striptags() == told


@pytest.mark.parametrize(
    ("who", "path", "asked"),
    [
        ("chair", "/problems/clinics", ["award&amp;about=clinics", "share_dataset&amp;about=health"]),
        ("herasat", "/guarantees", ["guarantees&amp;about=sensitive"]),
    ],
)
def test_where_a_vote_is_needed_the_page_leads_to_it(world: World, who: str, path: str, asked: list[str]) -> None:
    page = world.browser(who).get(path).text
    for one in asked:
        assert f'href="/services/console/motions/new?subject={one}"' in page


def test_ids_that_may_be_put_to_the_vote_are_offered_with_their_titles(world: World) -> None:
    page = world.browser("chair").get("/committee").text
    assert '<option value="clinics" label="Where are clinics missing?">' in page
    assert '<option value="health"' in page
