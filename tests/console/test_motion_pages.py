"""Votes at the console: putting a motion, voting, standing back, and the minutes, with the real policy."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import WarningNotice
from access_broker.domain.contracts import ContractState
from access_broker.domain.motions import Motion, MotionState, Subject, Vote
from access_broker.use_cases.contracts import draft_contract
from access_broker.use_cases.matters import matter_of
from tests.console.world import Browser, World
from tests.support.committees import BARE, EVENT, digest_of, put, seated, voting
from tests.support.factories import CHAIR, NOW, make_contract
from tests.support.fakes import FixedClock, ScriptedPolicy


def world_of(policy: Any, *contracts: Any) -> World:
    return World(seated(*contracts), FixedClock(NOW), policy=policy)


def motion_of(world: World, id: str = "motion-1") -> Motion:
    with world.records.read() as reader:
        found = reader.filed(Motion, id=id)
    return found[0]


def put_here(browser: Browser, world: World, **more: str) -> Any:
    fields = {"subject": "approve_contract", "about": "P1", "committee": "monitoring", "seen": digest_of(world.records)}
    return browser.post("/motions", **fields | more)


def vote(browser: Browser, world: World, choice: str = "for", **more: str) -> Any:
    fields = {"choice": choice, "seen": motion_of(world).digest, "opinion": ""}
    return browser.post("/motions/motion-1/votes", **fields | more)


def test_from_the_contract_to_the_committees_key(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    chair = world.browser("chair")
    assert 'action="/services/console/motions/new"' in chair.get("/contracts/P1").text
    new = chair.get("/motions/new?subject=approve_contract&about=P1").text
    assert digest_of(world.records) in new
    shown = put_here(chair, world, text="for six months").text
    assert "It was put to the vote." in shown
    assert "for six months" in shown
    for who in ("chair", "m2", "m3", "m6"):
        assert "/motions/motion-1" in world.browser(who).get("/committee").text
        assert "Your vote is on record." in vote(world.browser(who), world, opinion=f"{who} agrees").text
    assert motion_of(world).state is MotionState.CARRIED
    page = world.browser("m5").get("/contracts/P1").text
    assert "/motions/motion-1/minutes" in page
    minutes = world.browser("auditor").get("/motions/motion-1/minutes").text
    for said in ("chair agrees", "m6 agrees", "carried", "ministry"):
        assert said in minutes
    assert "<form" not in minutes.split("<main", 1)[1]


def test_the_minutes_speak_persian_with_jalali_dates(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    voting(world.records, policy, put(world.records), "chair", opinion="مناسب است")
    minutes = world.browser("chair", "fa").get("/motions/motion-1/minutes").text
    for said in ("صورت‌جلسه", "موافق", "مناسب است", "۱۴۰۵/۰۹/۰۱", "کرسی"):
        assert said in minutes


@pytest.mark.parametrize(("language", "name"), [("fa", "حسین رضایی"), ("en", "Hossein Rezaei")])
def test_the_minutes_tell_who_people_are(policy: EmbeddedPolicy, language: str, name: str) -> None:
    """An id alone tells a reader of the printed minutes nothing; beside the name it keeps two of one name apart."""
    world = world_of(policy)
    with world.records.write() as writer:
        for id in ("chair", "m2"):
            named = replace(writer.person(id) or CHAIR, name_fa="حسین رضایی", name_en="Hossein Rezaei")
            writer.save_person(named, EVENT)
    motion = put(world.records)
    voting(world.records, policy, motion, "chair")
    world.browser("m2").post("/motions/motion-1/recusals", reason="my brother works there")
    for page in ("/motions/motion-1", "/motions/motion-1/minutes"):
        text = re.sub(r"<[^>]+>", "", world.browser("auditor", language).get(page).text)
        assert text.count(f"{name} chair") == 3, "who put it, who sits, who voted"
        assert text.count(f"{name} m2") == 2, "who sits, who stood back"


def test_who_voted_sees_it_and_may_vote_anew(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    put(world.records)
    chair = world.browser("chair")
    for choice in ("against", "for", "for"):
        vote(chair, world, choice)
    with world.records.read() as reader:
        assert [v.choice.value for v in reader.filed(Vote)] == ["against", "for"]
    assert "You voted:" in chair.get("/motions/motion-1").text


def test_columns_are_refused_one_by_one(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    put(world.records)
    browser = world.browser("m2")
    assert 'name="refuse.health.citizens.income"' in browser.get("/motions/motion-1").text
    vote(browser, world, **{"refuse.health.citizens.income": "1"})
    with world.records.read() as reader:
        assert reader.filed(Vote)[0].refused == ("health.citizens.income",)


def test_a_text_that_has_changed_since_is_told(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    seen = digest_of(world.records)
    with world.records.write() as writer:
        draft_contract(writer, replace(BARE, purpose="another", signatures=()), "operator")
    answer = put_here(world.browser("chair"), world, seen=seen, text="as we agreed")
    assert (answer.status_code, "CONFLICT" in answer.text) == (409, True)
    assert "as we agreed" in answer.text, "what was typed is not lost"


def test_standing_back_and_taking_back(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    put(world.records)
    m2 = world.browser("m2")
    assert "do not judge" in m2.post("/motions/motion-1/recusals", reason="my brother works there").text
    page = m2.get("/motions/motion-1").text
    assert 'name="choice"' not in page
    assert "my brother works there" in page
    assert "withdrawal" not in page
    assert m2.post("/motions/motion-1/withdrawal").status_code == 403
    assert "was taken back" in world.browser("chair").post("/motions/motion-1/withdrawal").text
    assert motion_of(world).state is MotionState.WITHDRAWN


def test_what_was_voted_on_is_not_offered_to_be_taken_back(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    put(world.records)
    chair = world.browser("chair")
    assert "/motions/motion-1/withdrawal" in chair.get("/motions/motion-1").text
    vote(world.browser("m2"), world, "against")
    assert "withdrawal" not in chair.get("/motions/motion-1").text


@pytest.mark.parametrize(("language", "word"), [("en", "is disabled"), ("fa", "غیرفعال است")])
def test_a_seat_whose_holder_is_disabled_is_told(policy: EmbeddedPolicy, language: str, word: str) -> None:
    world = world_of(policy)
    put(world.records)
    assert word not in world.browser("chair", language).get("/motions/motion-1").text
    with world.records.write() as writer:
        writer.save_person(replace(writer.person("m2") or CHAIR, disabled=True), EVENT)
    assert word in world.browser("chair", language).get("/motions/motion-1").text


@pytest.mark.parametrize("who", ["analyst", "steward"])
@pytest.mark.parametrize("path", ["/motions/motion-1", "/motions/motion-1/minutes", "/motions/motion-9"])
def test_votes_are_the_committees_business(policy: EmbeddedPolicy, who: str, path: str) -> None:
    world = world_of(policy)
    put(world.records)
    assert world.browser(who).get(path).status_code == 403
    assert "/motions/" not in world.browser(who).get("/contracts/P1").text


@pytest.mark.parametrize("who", ["r6", "herasat", "auditor"])
def test_who_has_no_say_finds_no_ballot(policy: EmbeddedPolicy, who: str) -> None:
    world = world_of(policy)
    put(world.records)
    browser = world.browser(who)
    assert 'name="choice"' not in browser.get("/motions/motion-1").text
    assert vote(browser, world).status_code == 403


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"choice": "perhaps"}, 422), ({"opinion": "a\u202eb"}, 422), ({"seen": "f" * 64}, 409), ({"seen": ""}, 409)],
)
def test_ballots_that_are_none(policy: EmbeddedPolicy, fields: dict[str, str], code: int) -> None:
    world = world_of(policy)
    put(world.records)
    assert vote(world.browser("chair"), world, **fields).status_code == code
    with world.records.read() as reader:
        assert reader.filed(Vote) == []


def test_a_problem_and_a_dataset_are_put_from_the_committees_page(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    chair = world.browser("chair")
    assert 'value="approve_problem"' in chair.get("/committee").text
    assert "clinics" in chair.get("/motions/new?subject=approve_problem&about=clinics").text
    assert chair.get("/motions/new?subject=approve_problem&about=nothing").status_code == 404
    assert chair.get("/motions/new?subject=coffee&about=clinics").status_code == 422
    herasat = world.browser("herasat")
    assert "No committee you sit in decides this." in herasat.get("/motions/new?subject=lift&about=P1").text


def test_at_the_console_the_committee_votes_and_writes_no_paper_down(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    chair = world.browser("chair")
    assert 'action="/services/console/contracts/P1/approvals"' not in chair.get("/contracts/P1").text
    seen = digest_of(world.records)
    answer = chair.post("/contracts/P1/approvals", committee="monitoring", decision="approved", seen=seen)
    assert (answer.status_code, "BALLOT_NEEDED" in answer.text) == (409, True)


def test_a_cut_on_repetition_rests_on_a_vote_there_too() -> None:
    from access_broker.domain.decisions import Reason

    policy = ScriptedPolicy(recording=[Reason("BALLOT_NEEDED", "S1-C2")])
    world = world_of(policy, make_contract(state=ContractState.ACTIVE))
    fields = {"ground": "S3-P6-R2", "decision": "M-3", "confirm": "P1"}
    answer = world.browser("chair").post("/contracts/P1/acts/cut", **fields)
    assert (answer.status_code, "BALLOT_NEEDED" in answer.text) == (409, True)


def test_an_appeal_is_put_to_the_vote_by_the_warning_it_is_against(policy: EmbeddedPolicy) -> None:
    world = world_of(policy, make_contract(state=ContractState.ACTIVE))
    chair = world.browser("chair")
    with world.records.write() as writer:
        for number in (1, 2):
            appealed_at = NOW if number == 2 else None
            notice = WarningNotice("P1", number, "m2", NOW, "late", "analyst", NOW, appealed_at=appealed_at)
            writer.save_warning(notice, EVENT)
    form = chair.get("/motions/new?subject=appeal&about=P1").text
    assert '<option value="upheld-2">Warning 2: upheld</option>' in form
    assert 'value="upheld-1"' not in form, "nobody has appealed against it"
    with world.records.read() as reader:
        seen = matter_of(reader, Subject.APPEAL, "P1").digest
    put = {"subject": "appeal", "about": "P1", "seen": seen}
    assert put_here(chair, world, **put, outcome="upheld").status_code == 422
    assert "Warning 2: withdrawn" in put_here(chair, world, **put, outcome="withdrawn-2").text


def test_what_exactly_is_proposed_is_chosen_and_stands_in_the_minutes(policy: EmbeddedPolicy) -> None:
    world = world_of(policy)
    chair = world.browser("chair")
    with world.records.read() as reader:
        seen = matter_of(reader, Subject.AWARD, "clinics").digest
    assert '<option value="raqib">' in chair.get("/motions/new?subject=award&about=clinics").text
    assert 'name="outcome"' not in chair.get("/motions/new?subject=approve_contract&about=P1").text
    award = {"subject": "award", "about": "clinics", "seen": seen}
    refused = put_here(chair, world, **award, text="the best of them")
    assert refused.status_code == 422
    assert "the best of them" in refused.text
    assert "raqib" in put_here(chair, world, **award, outcome="raqib").text
    assert "raqib" in world.browser("auditor").get("/motions/motion-1/minutes").text
