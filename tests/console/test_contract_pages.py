"""An executor's contract, and the keys of a draft: what is done is recorded, what is refused is told with its rule."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.domain.acts import WarningNotice
from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.clauses import STANDARD
from access_broker.domain.contracts import AnswerMode, Contract, ContractState, Epsilon, Signatory, Signature, Terms
from access_broker.domain.dataset_records import TakenBack
from access_broker.domain.decisions import Reason
from access_broker.domain.people import Committee, Seat
from access_broker.domain.visits import WorkspaceVisit
from access_broker.use_cases.contracts import draft_contract
from tests.console.world import World, make_world
from tests.support.factories import CHAIR, MINISTRY, NOW, audit_kinds, make_contract, person, position

PARTIES = (Signature(Signatory.GOVERNMENT), Signature(Signatory.EXECUTOR))


def seen(world: World) -> str:
    return text_digest(stored(world))


def stored(world: World, id: str = "P1") -> Contract:
    with world.records.read() as reader:
        contract = reader.contract(id)
    assert contract is not None
    return contract


@pytest.mark.parametrize(("language", "name"), [("fa", "حسین رضایی"), ("en", "Hossein Rezaei")])
def test_whoever_gave_a_key_stands_there_by_name(language: str, name: str) -> None:
    world = make_world(make_contract("P1"))
    with world.records.write() as writer:
        named = replace(writer.person("chair") or CHAIR, name_fa="حسین رضایی", name_en="Hossein Rezaei")
        writer.save_person(named, AuditEvent("test.arranged", "test", "test", "F-1"))
    text = re.sub(r"<[^>]+>", "", world.browser("auditor", language).get("/contracts/P1").text)
    assert f"{name} chair" in text
    assert "analyst analyst" in text.lower()  # the people of the contract, as before


def test_the_executor_reads_what_may_be_asked_and_until_when() -> None:
    text = make_world(make_contract("P1", ContractState.ACTIVE)).browser("analyst").get("/contracts/P1").text

    assert "2027-02-20" in text
    assert "health.citizens" in text
    assert "at least 10 people" in text
    assert "in aggregates only" in text
    assert "full_name" not in text  # denied: it is not there, not even as a name
    assert "/hub/home" in text


@pytest.mark.parametrize("path", ["/contracts", "/contracts/P1"])
@pytest.mark.parametrize(
    ("language", "label", "left"),
    [("en", "Left today (UTC)", "993"), ("fa", "باقی‌ماندهٔ امروز (به وقت جهانی)", "۹۹۳")],
)
def test_the_executor_reads_what_is_left_of_today(path: str, language: str, label: str, left: str) -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE), spent={("P1", "2026-11-22"): 7})
    assert f"<dt>{label}</dt><dd><bdi>{left}</bdi></dd>" in world.browser("analyst", language).get(path).text


@pytest.mark.parametrize(
    ("language", "label", "left"), [("en", "Epsilon left", "0.7"), ("fa", "اپسیلون باقی‌مانده", "۰.۷")]
)
def test_the_executor_reads_what_is_left_of_epsilon(language: str, label: str, left: str) -> None:
    terms = Terms(answer_mode=AnswerMode.DP, epsilon=Epsilon(0.1, 1.0))
    world = make_world(make_contract("P1", ContractState.ACTIVE, terms=terms), epsilon_spent={"P1": 300_000})
    assert f"<dt>{label}</dt><dd><bdi>{left}</bdi></dd>" in world.browser("analyst", language).get("/contracts/P1").text


@pytest.mark.parametrize("path", ["/contracts", "/contracts/P1"])
@pytest.mark.parametrize(
    ("state", "spent"), [(ContractState.ACTIVE, {}), (ContractState.SUSPENDED, {("P1", "2026-11-22"): 7})]
)
def test_a_rest_that_is_not_known_or_of_no_use_is_not_told(
    path: str, state: ContractState, spent: dict[tuple[str, str], int]
) -> None:
    text = make_world(make_contract("P1", state), spent=spent).browser("analyst").get(path).text
    assert "Statements per day" in text
    assert "Left today" not in text


def test_who_has_not_accepted_the_terms_is_asked_to_and_gets_no_notebook() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE, acknowledged=()))
    browser = world.browser("analyst")
    assert "I accept the terms" in browser.get("/contracts/P1").text
    assert "/hub/home" not in browser.get("/contracts/P1").text
    answer = browser.post("/contracts/P1/acceptance")

    assert "You have accepted" in answer.text
    assert "I accept the terms" not in answer.text
    assert stored(world).acknowledged == ("analyst",)
    assert world.told == ["P1"]


def test_nobody_accepts_for_another() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE, acknowledged=()))
    answer = world.browser("chair").post("/contracts/P1/acceptance")

    assert answer.status_code == 403
    assert "NOT_NAMED" in answer.text
    assert stored(world).acknowledged == ()


def test_a_warning_is_confirmed_by_a_named_person() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    with world.records.write() as writer:
        notice = WarningNotice("P1", 1, "chair", NOW, "Rows were <b>kept</b>.\nDelete them.")
        writer.save_warning(notice, AuditEvent("test.arranged", "test", "P1", "F-1"))
    browser = world.browser("analyst")
    text = browser.get("/contracts/P1").text
    assert "&lt;b&gt;kept&lt;/b&gt;" in text
    assert "Written warnings to confirm: 1" in browser.get("/contracts").text

    assert "Confirmed by" in browser.post("/contracts/P1/warnings/1").text
    assert "warning.acknowledged" in audit_kinds(world.records)
    assert "to confirm" not in browser.get("/contracts").text


def draft(world_policy: dict[str, list[Reason]] | None = None) -> World:
    world = make_world(make_contract("P1", approvals=(), signatures=PARTIES, guarantees=()))
    world.policy.script.update(world_policy or {})
    return world


def test_a_draft_shows_every_missing_key_with_its_rule() -> None:
    world = draft({"activation": [Reason("APPROVAL_MISSING", "S3-P5"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]})
    for path in ("/committee", "/contracts/P1"):
        text = world.browser("chair").get(path).text
        assert all(word in text for word in ("APPROVAL_MISSING", "S3-P5", "GUARANTEE_MISSING", "S3-P7-R1"))


def test_a_seat_gives_the_key_of_its_own_committee() -> None:
    world = draft()
    browser = world.browser("chair")
    text = browser.get("/contracts/P1").text
    assert 'name="committee" value="monitoring"' in text
    assert 'name="committee" value="qualification"' not in text

    browser.post(
        "/contracts/P1/approvals", committee="monitoring", decision="approved", reference="1405-12", seen=seen(world)
    )
    assert [(a.committee.value, a.person) for a in stored(world).approvals] == [("monitoring", "chair")]
    answer = browser.post("/contracts/P1/approvals", committee="qualification", decision="approved", seen=seen(world))
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert "S3-P1-R2" in answer.text


def test_what_was_typed_comes_back_with_the_refusal() -> None:
    answer = (
        draft()
        .browser("chair")
        .post("/contracts/P1/approvals", committee="monitoring", decision="perhaps", reference="صورت‌جلسه ۱۲")
    )

    assert answer.status_code == 422
    assert 'value="صورت‌جلسه ۱۲"' in answer.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("approvals", {"committee": "cleaning", "decision": "approved"}),
        ("approvals", {"decision": "approved"}),
        ("approvals", {"committee": "monitoring", "decision": "approved", "reference": "x" * 101}),
        ("signatures", {"party": "nobody"}),
        ("guarantees", {"kind": "nda", "days": "-1"}),
        ("guarantees", {"kind": "nda", "days": "many"}),
        ("guarantees", {"kind": "nda", "days": "99999"}),
        ("guarantees", {"kind": "smile", "days": "10"}),
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(path: str, fields: dict[str, str]) -> None:
    world = draft()
    browser = world.browser("chair")
    before = position(world.records)
    answer = browser.post(f"/contracts/P1/{path}", **fields)

    assert answer.status_code in (422, 403)
    assert position(world.records) == before


def test_a_guarantee_is_counted_in_days_with_any_digits() -> None:
    world = draft()
    world.browser("chair").post("/contracts/P1/guarantees", kind="nda", days="۱۸۰")

    assert [g.expires_at for g in stored(world).guarantees] == [NOW + timedelta(days=180)]


def test_ito_signs_through_a_seat_and_the_executor_through_a_named_person() -> None:
    world = make_world(make_contract("P1", signatures=(), approvals=()))
    world.browser("chair").post("/contracts/P1/signatures", party="ito", seen=seen(world))
    world.browser("analyst").post("/contracts/P1/signatures", party="executor", seen=seen(world))

    assert stored(world).ito_approved
    assert [(s.signatory.value, s.person) for s in stored(world).signatures] == [
        ("ito", "chair"),
        ("executor", "analyst"),
    ]


def test_a_form_carries_the_text_it_was_shown_with_and_is_refused_for_another() -> None:
    world = draft()
    browser, read = world.browser("chair"), seen(world)
    assert f'name="seen" value="{read}"' in browser.get("/contracts/P1").text
    with world.records.write() as writer:
        draft_contract(writer, replace(stored(world), purpose="another", signatures=()), "operator")
    answer = browser.post("/contracts/P1/approvals", committee="monitoring", decision="approved", seen=read)
    assert answer.status_code == 409
    assert "has changed since it was read" in answer.text
    assert stored(world).approvals == ()
    assert f'name="seen" value="{seen(world)}"' in answer.text
    assert "have to be given again" in answer.text
    for lost in ("government", "executor"):
        assert f"{lost}</bdi>" in answer.text


def test_who_is_of_a_side_is_offered_no_key() -> None:
    world = draft()
    with world.records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 2, "steward"), AuditEvent("test.arranged", "test", "test", "F-1"))
    assert 'name="committee"' not in world.browser("steward").get("/contracts/P1").text


def test_a_steward_lends_a_dataset_on_the_page() -> None:
    world = make_world(make_contract("P1", owner="ito", approvals=(), signatures=()))
    browser = world.browser("steward")
    assert 'action="/services/console/contracts/P1/consents"' in browser.get("/contracts/P1").text
    browser.post("/contracts/P1/consents", dataset="health", seen=seen(world))
    assert [(c.dataset, c.person) for c in stored(world).consents] == [("health", "steward")]
    assert 'action="/services/console/contracts/P1/consents"' not in browser.get("/contracts/P1").text


def test_a_warning_is_withdrawn_on_the_page_by_the_monitoring_committee_only() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    with world.records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "chair", NOW, "late"), AuditEvent("test.arranged", "t", "t", "F-1"))
    for who in ("herasat", "analyst"):
        assert "/warnings/1/withdrawal" not in world.browser(who).get("/contracts/P1").text
    browser = world.browser("chair")
    assert "/warnings/1/withdrawal" in browser.get("/contracts/P1").text
    assert browser.post("/contracts/P1/warnings/1/withdrawal", reason="").status_code == 422
    text = browser.post("/contracts/P1/warnings/1/withdrawal", reason="it <b>was</b> ours").text
    assert "It does not count any more" in text
    assert "it &lt;b&gt;was&lt;/b&gt; ours" in text
    assert "/warnings/1/withdrawal" not in text


def test_guarantees_of_a_running_contract_are_renewed_on_its_page() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    assert 'name="days"' not in world.browser("analyst").get("/contracts/P1").text
    browser = world.browser("chair")
    assert 'name="days"' in browser.get("/contracts/P1").text
    for days, expected in (("200", 200), ("10", 200)):
        browser.post("/contracts/P1/guarantees", kind="nda", days=days)
        (nda,) = (g for g in stored(world).guarantees if g.kind == "nda")
        assert nda.expires_at == NOW + timedelta(days=expected)
    assert stored(world).state is ContractState.ACTIVE


def test_putting_into_force_is_refused_with_what_is_missing_and_else_done() -> None:
    world = draft({"activation": [Reason("APPROVAL_MISSING", "S3-P5")]})
    browser = world.browser("chair")
    answer = browser.post("/contracts/P1/activation")
    assert answer.status_code == 409
    assert "APPROVAL_MISSING" in answer.text
    assert stored(world).state is ContractState.DRAFTED

    world.policy.script.clear()
    assert "The contract is in force" in browser.post("/contracts/P1/activation").text
    assert stored(world).state is ContractState.ACTIVE


def test_recent_refusals_say_what_to_do_and_show_the_statement_token_by_token() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    body = {"code": "AGGREGATE_ONLY", "text": 'SELECT "سن" FROM t WHERE "سن" > 30', "uses": []}
    with world.records.write() as writer:
        writer.record(AuditEvent("query.refused", "analyst", "P1", "S3-P5", body))
        writer.record(AuditEvent("query.refused", "colleague", "P1", "S3-P5", body | {"text": "SELECT theirs"}))
    text = world.browser("analyst").get("/refusals").text

    assert "AGGREGATE_ONLY" in text
    assert "<bdi>&#34;سن&#34;</bdi> <bdi>&gt;</bdi> <bdi>30</bdi>" in text
    assert "theirs" not in text


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "Nothing leaves the platform"), ("fa", "هیچ چیز از سکو بیرون نمی‌رود")]
)
def test_the_executor_reads_that_nothing_leaves(language: str, sentence: str) -> None:
    browser = make_world(make_contract("P1", ContractState.ACTIVE)).browser("analyst", language)
    assert sentence in browser.get("/contracts").text


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [("en", "against monopoly", STANDARD[4].text_en), ("fa", "ضدانحصار", STANDARD[4].text_fa)],
)
def test_clauses_and_the_legal_basis_are_shown_with_the_contract(language: str, kind: str, text: str) -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE, legal_access_level_ref="DEMO-1405-12"))
    page = world.browser("analyst", language).get("/contracts/P1").text
    assert kind in page
    assert text in page
    assert "DEMO-1405-12" in page


@pytest.mark.parametrize("accepted", [(), ("analyst",)])
def test_the_terms_are_accepted_with_their_text_before_the_eyes(accepted: tuple[str, ...]) -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE, acknowledged=accepted))
    page = world.browser("analyst").get("/contracts/P1").text
    assert "take no row out of the sandbox" in page
    assert ("I accept the terms" in page) is not bool(accepted)


def test_somebody_of_the_owner_without_a_role_reads_the_draft_and_signs_it() -> None:
    world = make_world(make_contract("P1", signatures=()))
    with world.records.write() as writer:
        writer.save_person(person("clerk", MINISTRY), AuditEvent("test.arranged", "test", "test", "F-1"))
    browser = world.browser("clerk")
    assert "Sign" in browser.get("/contracts/P1").text
    browser.post("/contracts/P1/signatures", party="government", seen=seen(world))
    assert [s.person for s in stored(world).signatures] == ["clerk"]
    with world.records.write() as writer:
        active = replace(stored(world), state=ContractState.ACTIVE, generation=1)
        writer.save_contract(active, AuditEvent("test.arranged", "test", "test", "F-1"))
    assert browser.get("/contracts/P1").status_code == 404, "once in force it is no draft to read"


def test_a_visit_is_told_on_the_contract() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    with world.records.write() as writer:
        visit = WorkspaceVisit("P1", 1, "analyst", "auditor", NOW, "برای بازدید")
        writer.file(visit, AuditEvent("workspace.visited", "auditor", "P1", "C-3"))
    page = world.browser("analyst").get("/contracts/P1").text
    assert "Visits of ITO" in page
    assert "برای بازدید" in page


def test_the_committee_sees_promises_that_were_taken_back() -> None:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    with world.records.write() as writer:
        incident = TakenBack("clinics", "health", "steward", NOW, "منبع بسته شد.", ("P1",))
        writer.file(incident, AuditEvent("incident.filed", "steward", "clinics", "S1-P2-R1"))
    page = world.browser("chair").get("/committee").text
    assert "منبع بسته شد." in page
    assert "taken back" in page
    assert "<bdi>Steward</bdi>" in page
