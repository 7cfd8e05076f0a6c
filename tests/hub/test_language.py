from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

import hub.language
from hub.language import LANGUAGES, catalogue, day, language_of, moment, remember_choice, say

PACKAGE = Path(hub.language.__file__).parent
KEY = re.compile(r"""["'](hub\.(?!css|js|po)[a-z0-9.-]*[a-z0-9])["']""")
PREFIXES = ("hub.contract.", "hub.sandbox.", "hub.spawn.step.", "hub.error.")


def handler(query: str = "", **headers: str) -> RequestHandler:
    connection: Any = SimpleNamespace(set_close_callback=lambda _: None, context=SimpleNamespace(protocol="http"))
    sent = HTTPHeaders({"Host": "127.0.0.1"} | {name.replace("_", "-"): value for name, value in headers.items()})
    line = RequestStartLine("GET", f"/hub/home{query}", "HTTP/1.1")
    request = HTTPServerRequest(headers=sent, connection=connection, start_line=line)
    return RequestHandler(Application(), request)


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [
        ("", {}, "fa"),
        ("", {"Accept_Language": "en-GB,en;q=0.9"}, "en"),
        ("", {"Accept_Language": "fa-IR,en;q=0.5"}, "fa"),
        ("", {"Accept_Language": "de,fr;q=0.8"}, "fa"),
        ("", {"Accept_Language": "de, en;q=0.8"}, "en"),
        ("", {"Accept_Language": "en", "Cookie": "amanat-language=fa"}, "fa"),
        ("?lang=en", {"Cookie": "amanat-language=fa"}, "en"),
        ("?lang=de", {"Cookie": "amanat-language=en"}, "en"),
        ("?lang=%27%3E%3Cscript", {}, "fa"),
    ],
)
def test_the_language_of_a_request(query: str, headers: dict[str, str], expected: str) -> None:
    assert language_of(handler(query, **headers)) == expected


def test_a_choice_is_remembered_and_nothing_else_is() -> None:
    chosen, odd = handler("?lang=en"), handler("?lang=xx")
    remember_choice(chosen)
    remember_choice(odd)
    assert "amanat-language=en" in chosen._new_cookie.output()
    assert not hasattr(odd, "_new_cookie")


def test_dates_are_of_the_reader_s_calendar() -> None:
    at = datetime(2027, 2, 20, 20, 30, tzinfo=UTC)
    assert (day(at, "fa"), day(at, "en")) == ("۱۴۰۵/۱۲/۰۲", "2027-02-20")
    assert (moment(at, "fa"), moment(at, "en")) == ("۱۴۰۵/۱۲/۰۲ ۰۰:۰۰:۰۰", "2027-02-20 20:30:00")


def test_numbers_have_the_digits_of_the_language() -> None:
    told = [say("hub.home.notice", language, days=15) for language in LANGUAGES]
    assert ["۱۵" in sentence or "15" in sentence for sentence in told] == [True, True]
    assert "15" not in say("hub.home.notice", "fa", days=15)


def test_a_sentence_that_is_missing_comes_out_as_its_name() -> None:
    assert say("hub.no-such", "fa") == "hub.no-such"


def test_both_languages_say_everything_that_is_asked_for() -> None:
    sources = [*PACKAGE.glob("*.py"), *PACKAGE.glob("templates/*.html")]
    asked = {key for path in sources for key in KEY.findall(path.read_text())}
    asked -= {key for key in asked if f"{key}." in PREFIXES}
    assert len(asked) > 40
    for language in LANGUAGES:
        assert asked <= set(catalogue(language))
    unused = {key for key in catalogue("en") if not key.startswith(PREFIXES)} - asked
    assert not unused


def test_the_languages_say_the_same_with_the_same_details() -> None:
    english, persian = catalogue("en"), catalogue("fa")
    assert set(english) == set(persian)
    for key in english:
        assert re.findall(r"\{\w+\}", english[key]) == re.findall(r"\{\w+\}", persian[key]), key


def test_persian_is_spelt_as_persian() -> None:
    for key, sentence in catalogue("fa").items():
        prose = re.sub(r"\u2068[^\u2069]*\u2069|\{\w+\}", "", sentence)
        assert not re.search(r"[A-Za-z,;?يىكـ٠-٩]", prose), (key, sentence)
        assert not re.search(r"(?<![\w\u200c])ن?می (?=\w)|\w (?:ها|های|تر)(?!\w)|پیمانکار", prose), (key, sentence)


def test_templates_hold_no_words_of_their_own() -> None:
    for path in PACKAGE.glob("templates/*.html"):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", path.read_text(), flags=re.DOTALL)
        assert not re.search(r"[A-Za-z\u0600-\u06ff]{2,}", text), (path.name, text.split())
        assert "<script>" not in path.read_text()
        assert "style=" not in path.read_text()
