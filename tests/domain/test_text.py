"""Names that look alike are one name, and what prints nothing hides nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_broker.domain.decisions import Refused
from access_broker.domain.text import digest_of_text, fold, has_invisible, misleading_character
from access_broker.sql.parse import parse

HAMZA = "\u0654"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("مسئول", f"مسی{HAMZA}ول"),
        ("مسئول", f"مسي{HAMZA}ول"),
        ("خان\u06c0 ما", f"خانه{HAMZA} ما"),
        ("خان\u06c2 ما", f"خانه{HAMZA} ما"),
        ("مؤسسه", f"مو{HAMZA}سسه"),
        ("مؤسسه", "م\u0676سسه"),
        ("شناسه", "شناس\u06d5"),
        ("شناسه", "شناس\u06be"),
        ("شناسه", "شناس\u06c1"),
        ("کد", "\u06aaد"),
        ("استان", "\u0671ستان"),
        ("کد_ملی", "كد_ملي"),
        ("کد_ملی", "کد_مل\ufef0"),
        ("کُد", "کد"),
        ("شماره ۱۲", "شماره ١2"),
        ("name", "na\u115fme"),
        ("name", "na\u3164me"),
        ("name", "na\uffa0me"),
        ("name", "na\u2800me"),
        ("name", "na\ufe0fme"),
    ],
)
def test_what_looks_alike_is_one_name(one: str, other: str) -> None:
    assert one != other
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("کد", "گد"), ("پدر", "بدر"), ("año", "ano"), ("هدف", "حدف")])
def test_what_looks_different_is_two(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(min_codepoint=0x600, max_codepoint=0x6FF)))
def test_composed_or_not_an_arabic_name_is_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "char",
    ["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u200b", "\u034f", "\u2028", "\ufe0f", "\U000e0100", "\u17b4"],
)
def test_what_prints_nothing_is_refused(char: str) -> None:
    assert has_invisible(f"a{char}b")
    assert misleading_character(f"a{char}b") == f"U+{ord(char):04X}"
    for sql in (f"SELECT 'a{char}b'", f'SELECT 1 AS "a{char}b"', f"SELECT 1 -- {char}"):
        with pytest.raises(Refused, match="BAD_TEXT"):
            parse(sql)


@pytest.mark.parametrize("text", ["SELECT 1\r\n\t", "نام‌ها".replace("\u200c", ""), "år 東京 한국", "a\u00a0b"])
def test_what_can_be_read_is_not(text: str) -> None:
    assert not has_invisible(text)


def test_a_digest_is_of_the_words_as_they_were_written() -> None:
    """As whoever holds the text counts it again with other tools: `printf %s آری | sha256sum`."""
    assert digest_of_text("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of_text("کد ي") != digest_of_text("کد ی")
