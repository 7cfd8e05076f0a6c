"""The one normaliser. Every name and every statement from outside passes here, once, at the edge.

Two names that look alike must be one name: otherwise a policy on «کد_ملی» is walked round with «کد_ملي».
NFKC alone does not fold the Arabic yeh and kaf into the Persian ones, hence the table.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

_FOLD = str.maketrans(
    {
        "ي": "ی",  # ARABIC YEH → FARSI YEH
        "ى": "ی",  # ALEF MAKSURA → FARSI YEH
        "ك": "ک",  # ARABIC KAF → KEHEH
        "ڪ": "ک",  # SWASH KAF → KEHEH
        "ہ": "ه",  # HEH GOAL → HEH
        "ھ": "ه",  # HEH DOACHASHMEE → HEH
        "ە": "ه",  # AE → HEH
        "ۃ": "ة",  # TEH MARBUTA GOAL → TEH MARBUTA
        "ٱ": "ا",  # ALEF WASLA and both with a wavy hamza → ALEF
        "ٲ": "ا",
        "ٳ": "ا",
        "\u0674": None,  # HIGH HAMZA stands where a hamza above would
        "ـ": None,  # tatweel stretches a word and means nothing
    }
    | {ord("٠") + i: str(i) for i in range(10)}  # Arabic-Indic digits
    | {ord("۰") + i: str(i) for i in range(10)}  # Persian digits
)
_PRINTS_NOTHING = re.compile("FILLER|VARIATION SELECTOR|VOWEL INHERENT|PATTERN BLANK|GRAPHEME JOINER|NULL NOTEHEAD")
"""Names of what is a letter, mark or symbol to Unicode and leaves no ink: its categories do not say so."""
_HALF_SPACE = re.compile("(?<=[\u0620-\u06ff])\u200c(?=[\u0620-\u06ff])")
_JOINERS = re.compile("[\u200c\u200d]")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def fold(text: str) -> str:
    """A comparison key: NFKC, Persian letters and Latin digits, no diacritics or invisible characters, lower case.

    A mark is a mark whether it was typed in one with its Arabic letter or after it: «ئ» is «ی» with a hamza above.
    """
    return _known_fold(text) if len(text) <= _USUAL_NAME else _fold(text)


def _fold(text: str) -> str:
    parts = (unicodedata.normalize("NFD", ch) if _is_arabic(ch) else ch for ch in unicodedata.normalize("NFKC", text))
    out = "".join(parts).translate(_FOLD)
    out = "".join(ch for ch in out if unicodedata.category(ch) != "Mn" and not _is_invisible(ch))
    return " ".join(out.split()).lower()


_USUAL_NAME = 100
"""Characters. Longer names are folded each time: what is remembered must not grow with what strangers send."""
_known_fold = lru_cache(8192)(_fold)


def has_invisible(text: str) -> bool:
    """True when a reader cannot see everything that is there: controls, bidi marks, zero-width characters, fillers."""
    return any(ch not in "\t\n\r" and _is_invisible(ch) for ch in text)


@lru_cache(4096)
def _is_invisible(char: str) -> bool:
    if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"):
        return True
    return not char.isascii() and _PRINTS_NOTHING.search(unicodedata.name(char, "")) is not None


def misleading_character(text: str) -> str | None:
    """The first character a reader cannot see or that turns the text around, as `U+202E`; None when there is none.

    The half-space between two Persian letters is spelling, not deceit: `fold` drops it wherever names are compared.
    """
    plain = _HALF_SPACE.sub("", text)
    if not has_invisible(plain):
        return None
    return next((f"U+{ord(ch):04X}" for ch in plain if has_invisible(ch)), None)


def spelling_joiners(text: str) -> list[int]:
    """Where a half-space (ZWNJ) or a joiner (ZWJ) stands singly between two letters of the Arabic script.

    There it is ordinary spelling, «نام‌ها»; anywhere else, between Latin letters say, it hides something.
    """
    places = [match.start() for match in _JOINERS.finditer(text)]
    return [p for p in places if p > 0 and _is_arabic(text[p - 1]) and _is_arabic(text[p + 1 : p + 2])]


def _is_arabic(char: str) -> bool:
    """A letter of the Arabic script, or a vowel mark on one."""
    return unicodedata.category(char or " ") in ("Lo", "Mn") and unicodedata.name(char, "").startswith("ARABIC ")


def digits(text: str) -> str:
    """Persian and Arabic digits as Latin ones; everything else untouched."""
    return text.translate({k: v for k, v in _FOLD.items() if isinstance(v, str) and v.isdigit()})


def is_stable_id(text: str) -> bool:
    """An id that policies and files may use: lower-case ASCII letter, then letters, digits, `_`; at most 63."""
    return _IDENTIFIER.fullmatch(text) is not None


def digest_of_text(text: str) -> str:
    """SHA-256 of its UTF-8, in hex: tells later that the words on record are the ones that were read."""
    return sha256(text.encode()).hexdigest()
