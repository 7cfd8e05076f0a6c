"""What stands on a page: whole in both languages, isolated where it runs the other way, and never markup of others."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access_broker import console
from access_broker.adapters.sentences import catalogue
from access_broker.console.sql_text import shown_sql
from access_broker.console.wording import Wording, ltr
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Committee
from scripts.check_translations import expected_msgids

PACKAGE = Path(console.__file__).parent
AT = datetime(2026, 11, 21, 20, 30, 5, tzinfo=UTC)


def test_every_message_of_the_console_is_used_somewhere() -> None:
    known = {msgid for msgid in catalogue("en") if msgid.startswith("console.")}

    assert known - expected_msgids() == set()
    assert len(known) > 200


@pytest.mark.parametrize("path", sorted((PACKAGE / "templates").glob("*.html")), ids=lambda path: path.name)
def test_no_template_holds_words_of_its_own(path: Path) -> None:
    """Whatever is left without tags, expressions and comments has no letters."""
    text = re.sub(r"\{[{%#].*?[}%#]\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    left = re.sub(r"<[^>]*>", "", text)
    spoken = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text)

    assert re.findall(r"[^\W\d_]+", left) == []
    assert [words for words in spoken if re.search(r"[^\W\d_]", words)] == []


def test_no_page_writes_words_in_python() -> None:
    for path in PACKAGE.glob("*_pages.py"):
        assert not re.search(r"[\u0600-\u06ff]", path.read_text(encoding="utf-8")), path.name


def test_dates_and_digits_follow_the_language() -> None:
    assert "2026-11-21 20:30 UTC" in Wording("en").moment(AT)
    assert "۱۴۰۵/۰۹/۰۱ ۰۰:۰۰:۰۵" in Wording("fa").moment(AT, seconds=True)
    assert "۱۴۰۵/۰۹/۰۱" in Wording("fa").day(AT)
    assert Wording("fa").number(1405) == "<bdi>۱۴۰۵</bdi>"
    assert 'datetime="2026-11-21T20:30:05+00:00"' in Wording("fa").moment(AT)
    assert Wording("fa").number(None) == Wording("fa").moment(None) == "—"


@pytest.mark.parametrize(("left", "told"), [(1, "days left: 1"), (86_400, "days left: 1"), (86_401, "days left: 2")])
def test_the_last_day_counts_as_a_day(left: int, told: str) -> None:
    assert Wording("en").days_left(AT + timedelta(seconds=left), AT) == told


def test_what_is_over_is_over() -> None:
    assert Wording("en").days_left(AT, AT) == "over"


def test_latin_text_keeps_its_direction_and_shows_what_it_hides() -> None:
    assert ltr("S3-P5") == '<bdi dir="ltr">S3-P5</bdi>'
    assert ltr("a\u202eb<") == '<bdi dir="ltr">a⟨U+202E⟩b&lt;</bdi>'


def test_code_in_a_message_is_set_as_code_and_a_detail_never_is() -> None:
    told = Wording("fa").reason(Reason("NOT_GRANTED", "S3-P5"), {"name": "<b>`x`"})

    assert "<b>" not in told.what
    assert "&lt;b&gt;" in told.what
    assert '<code dir="ltr">' in Wording("en").say("console.audit.none_next")


def test_every_reason_of_a_refusal_is_told() -> None:
    refused = Refused("APPROVAL_MISSING", "S3-P5")
    refused.reasons = (Reason("APPROVAL_MISSING", "S3-P5"), Reason("GUARANTEE_MISSING", "S3-P7-R1"))

    assert [told.rule for told in Wording("en").refused(refused)] == ["S3-P5", "S3-P7-R1"]


def test_words_of_enumerations_are_joined_as_the_language_does() -> None:
    assert "، " in Wording("fa").words(Committee)
    assert ", " in Wording("en").words(Committee)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"سن" > 30', "<bdi>&#34;سن&#34;</bdi> <bdi>&gt;</bdi> <bdi>30</bdi>"),
        ('SELECT "نام", "سن"', "<bdi>SELECT</bdi> <bdi>&#34;نام&#34;</bdi><bdi>,</bdi> <bdi>&#34;سن&#34;</bdi>"),
        ("a -- دو کلمه\nb", "<bdi>a</bdi> <bdi>-- دو کلمه</bdi>\n<bdi>b</bdi>"),
        ("'unterminated <b>", "<bdi>&#39;unterminated</bdi> <bdi>&lt;b&gt;</bdi>"),
        ("a\u202e", "<bdi>a⟨U+202E⟩</bdi>"),
        ("", ""),
    ],
)
def test_a_statement_is_shown_token_by_token(text: str, shown: str) -> None:
    assert shown_sql(text) == f'<code class="sql" dir="ltr">{shown}</code>'


@pytest.mark.parametrize(
    "text", ["SELECT a::int, b FROM t WHERE c='x''y'", "/* q */ SELECT $$body$$ ;", "e'\\n' || 1.5e3"]
)
def test_nothing_of_a_statement_is_lost_or_doubled(text: str) -> None:
    plain = re.sub(r"<[^>]+>", "", str(shown_sql(text)))

    assert plain.replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">") == text
