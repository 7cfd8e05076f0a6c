"""Codes become sentences here and nowhere else: what happened, and what to do next, in English and in Persian.

The catalogues are ordinary gettext files, every `locale/LANGUAGE/LC_MESSAGES/*.po`. In a message, `{name}` is a detail
and `[…]` a piece that is left out when its detail is not known, so that a message reads well with and without details.
Literal code stands in backticks.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDateTime

from access_broker.domain.decisions import Reason
from access_broker.domain.reasons import REASONS
from access_broker.domain.remedies import remedy_of
from access_broker.domain.text import has_invisible

LANGUAGES = ("en", "fa")
LONGEST_DETAIL = 80  # characters of a detail that are shown; a refusal is not a place to print back a whole statement

_LOCALE = Path(__file__).resolve().parent.parent / "locale"
_TEHRAN = timezone(timedelta(hours=3, minutes=30))  # no summer time since 2022, and no time zone database needed
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CODE = re.compile(r"`[^`]+`")
_PERSIAN = re.compile(r"[\u0620-\u064a\u066e-\u06d3]")
_ZWNJ = "\u200c"


def sentence(reason: Reason, detail: dict[str, Any], language: str = "en") -> str:
    """`[AMANAT:CODE] (rule) What happened. What to do next.`; an unknown code is told as an internal fault."""
    known = reason if reason.code in REASONS else Reason("INTERNAL")
    head = f"[AMANAT:{known.code}]" + (f" ({known.rule})" if known.rule else "")
    told = f"{what(known.code, detail, language)} {next_step(known.code, detail, language)}"
    return f"{_isolated(head, language)} {told}"


def what(code: str, detail: dict[str, Any], language: str = "en") -> str:
    """What happened."""
    return translate(f"reason.{code if code in REASONS else 'INTERNAL'}.what", language, **detail)


def next_step(code: str, detail: dict[str, Any], language: str = "en") -> str:
    """What to do next, or what may be asked instead: for what is often written, of just that form or function."""
    remedy = remedy_of(code, str(detail.get("name") or ""))
    if remedy:
        return translate(f"remedy.{remedy}", language)
    return translate(f"reason.{code if code in REASONS else 'INTERNAL'}.next", language, **detail)


def translate(msgid: str, language: str, /, **detail: Any) -> str:
    """The message `msgid` with its details. A language that is not ours is answered in English.

    A message that is missing from the catalogue comes out as its msgid: ugly, but no refusal may fail over its wording.
    """
    spoken = language_of(language)
    template = catalogue(spoken).get(msgid)
    return msgid if template is None else _filled(template, detail, spoken)


def language_of(tag: str) -> str:
    """One of `LANGUAGES` for a language tag such as `fa-IR`; English for everything else."""
    primary = tag.strip().lower().replace("_", "-").split("-")[0]
    return primary if primary in LANGUAGES else "en"


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """msgid → template of one language, read once from all its files. Fuzzy and empty entries are not translations."""
    templates: dict[str, str] = {}
    for path in sorted((_LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=language)
        templates.update((str(m.id), str(m.string)) for m in messages if m.id and m.string and not m.fuzzy)
    return templates


def _filled(template: str, detail: dict[str, Any], language: str) -> str:
    """Code is isolated first and details put in last, so that nothing a person typed is taken for markup."""
    known = {name: value for name, value in detail.items() if value or isinstance(value, int | float)}
    kept = _OPTIONAL.sub(lambda m: m[1] if set(_PLACEHOLDER.findall(m[1])) <= known.keys() else "", template)
    coded = _CODE.sub(lambda m: _isolated(m[0], language), kept)
    return _PLACEHOLDER.sub(lambda m: _shown(known.get(m[1], "…"), language), coded)


def _shown(value: Any, language: str) -> str:
    """A detail as a reader of `language` writes it: Persian digits, Jalali dates, names for members of our enums."""
    if isinstance(value, Enum):
        return translate(f"{type(value).__name__}.{value.value}", language)
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return ("، " if language == "fa" else ", ").join(_shown(part, language) for part in parts)
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, language)
    return _isolated(plain(str(value)), language)


def moment(at: datetime, language: str, *, seconds: bool = False) -> str:
    """UTC for English, the Jalali calendar and Tehran's clock for Persian. A time without a zone is UTC."""
    clock = "%H:%M:%S" if seconds else "%H:%M"
    if language == "fa":
        return _jalali(at, f"%Y/%m/%d {clock}")
    return _utc(at).strftime(f"%Y-%m-%d {clock} UTC")


def day(at: datetime, language: str) -> str:
    """The date alone: Gregorian in UTC for English, Jalali by Tehran's clock for Persian."""
    return _jalali(at, "%Y/%m/%d") if language == "fa" else _utc(at).strftime("%Y-%m-%d")


def number(value: float, language: str) -> str:
    """With the digits of the language. Whole numbers are not grouped: some of them are positions people look up."""
    return str(en_to_fa(f"{value}")) if language == "fa" else f"{value}"


def day_of(year: int, month: int, day: int) -> datetime:
    """The beginning of a Jalali day in Tehran, in UTC. Raises ValueError for a day that the calendar does not have."""
    jalali = JalaliDateTime(year, month, day)  # type: ignore[no-untyped-call]
    gregorian: datetime = jalali.to_gregorian()  # type: ignore[no-untyped-call]
    return datetime(gregorian.year, gregorian.month, gregorian.day, tzinfo=_TEHRAN).astimezone(UTC)


def _jalali(at: datetime, form: str) -> str:
    jalali = JalaliDateTime(_utc(at).astimezone(_TEHRAN))  # type: ignore[no-untyped-call]
    return str(en_to_fa(jalali.strftime(form)))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def plain(text: str) -> str:
    """Text from outside, fit to be shown: one line, nothing invisible, at most `LONGEST_DETAIL` characters.

    The zero-width non-joiner stays between Persian letters, where it is spelling; elsewhere it could hide something.
    """
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    seen = "".join(ch for i, ch in enumerate(composed) if not has_invisible(ch) or _is_half_space(composed, i))
    return seen if len(seen) <= LONGEST_DETAIL else seen[: LONGEST_DETAIL - 1] + "…"


def _is_half_space(text: str, at: int) -> bool:
    around = text[at - 1 : at], text[at + 1 : at + 2]
    return text[at] == _ZWNJ and all(_PERSIAN.match(ch) for ch in around)


def _isolated(text: str, language: str) -> str:
    """In Persian, Latin text stands in U+2068…U+2069: otherwise its brackets and full stops jump to the other side."""
    return f"\u2068{text}\u2069" if language == "fa" else text
