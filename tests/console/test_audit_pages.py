"""The auditor searches the chain, by either calendar, and has it read anew."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from access_broker.console.days import read_day
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from tests.console.world import Browser, World, make_world
from tests.support.broker import Checked
from tests.support.factories import DAY, make_contract


@pytest.fixture
def world() -> World:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    with world.records.write() as writer:
        writer.record(AuditEvent("contract.cut", "chair", "P1", "F-13", {"act": "cut"}))
        body = {"text": "SELECT 'a'\u202e FROM t", "code": "NOT_GRANTED"}
        writer.record(AuditEvent("query.refused", "analyst", "P1", "S3-P5", body))
    world.clock.advance(DAY)
    with world.records.write() as writer:
        writer.record(AuditEvent("query.refused", "colleague", "P9", "S3-P5", {"text": "SELECT 'later'"}))
    return world


@pytest.fixture
def auditor(world: World) -> Browser:
    return world.browser("auditor")


def found(browser: Browser, query: str) -> list[str]:
    """Kinds of the records on the page, newest first."""
    table = browser.get(f"/audit?{query}").text.split("<tbody>")
    rows = table[1].split("<tr>")[1:] if len(table) > 1 else []
    return [row.split('<td class="id"><bdi dir="ltr">')[1].split("<")[0] for row in rows]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("kind=query.", ["query.refused", "query.refused"]),
        ("kind=query.refused&actor=analyst", ["query.refused"]),
        ("kind=contract.cut&subject=P1", ["contract.cut"]),
        ("subject=P9", ["query.refused"]),
        ("actor=nobody", []),
        ("kind=query.&until=2026-11-22", ["query.refused"]),
        ("kind=query.&since=2026-11-23", ["query.refused"]),
        ("kind=query.&until=۱۴۰۵/۰۹/۰۱", ["query.refused"]),
        ("kind=query.&since=1405-9-1&until=1405-9-2", ["query.refused", "query.refused"]),
    ],
)
def test_a_search_finds_what_fits(auditor: Browser, query: str, kinds: list[str]) -> None:
    assert found(auditor, query) == kinds


def test_who_acted_has_a_name_and_a_motion_its_page(world: World, auditor: Browser) -> None:
    with world.records.write() as writer:
        writer.record(AuditEvent("motion.voted", "chair", "motion-7", "S1-C2", {}))
    text = auditor.get("/audit?kind=motion.").text
    assert '<bdi>Chair</bdi> <span class="id"><bdi dir="ltr">chair</bdi>' in text
    assert 'href="/services/console/motions/motion-7"' in text


def test_a_day_that_is_none_is_told_and_what_was_typed_stays(auditor: Browser) -> None:
    answer = auditor.get("/audit?since=1405-13-40&actor=chair")

    assert answer.status_code == 422
    assert 'value="1405-13-40"' in answer.text
    assert 'value="chair"' in answer.text


def test_a_statement_shows_what_it_hides(auditor: Browser) -> None:
    text = auditor.get("/audit?kind=query.&actor=analyst").text

    assert "⟨U+202E⟩" in text
    assert "\u202e" not in text


def test_older_records_are_on_the_next_page(world: World, auditor: Browser) -> None:
    with world.records.write() as writer:
        for number in range(60):
            writer.record(AuditEvent("test.counted", "test", str(number), "F-1"))
    first = found(auditor, "kind=test.counted")
    older = auditor.get("/audit?kind=test.counted").text.split('href="/services/console/audit?')[1].split('"')[0]

    assert len(first) == 50
    assert found(auditor, older.replace("&amp;", "&")) == ["test.counted"] * 10


def test_the_chain_is_read_anew(world: World, auditor: Browser) -> None:
    assert "Records read: 12" in auditor.post("/audit/verification").text

    world.verified = Checked(ok=False, records=12, first_broken=7)
    text = auditor.post("/audit/verification").text
    assert "does not hold" in text
    assert "First broken record: 7" in text


@pytest.mark.parametrize("typed", ["2026-11-22", "۲۰۲۶/۱۱/۲۲", " 2026.11.22 "])
def test_a_gregorian_day_begins_in_utc(typed: str) -> None:
    assert read_day(typed, "since") == datetime(2026, 11, 22, tzinfo=UTC)


def test_a_jalali_day_begins_in_tehran() -> None:
    assert read_day("۱۴۰۵/۰۹/۰۱", "since") == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "1405-12-30", "26-11-22", "2026-11-22T00:00", "٪"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        read_day(typed, "since")
    assert refused.value.detail == {"where": "since"}
