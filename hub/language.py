"""The hub's pages in Persian and English: which language a browser asks for, and the sentences.

The catalogues are gettext files, `locale/LANGUAGE/LC_MESSAGES/hub.po`; in a sentence `{name}` is a detail.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from persiantools.digits import en_to_fa
from persiantools.jdatetime import JalaliDateTime
from tornado.web import RequestHandler

LANGUAGES = ("fa", "en")
COOKIE = "amanat-language"
_COOKIE_DAYS = 365
_LOCALE = Path(__file__).resolve().parent / "locale"
_TEHRAN = timezone(timedelta(hours=3, minutes=30))  # no summer time since 2022


def language_of(handler: RequestHandler) -> str:
    """What `?lang=` asks for, else what was chosen before, else what the browser prefers, else Persian."""
    for chosen in (handler.get_query_argument("lang", ""), handler.get_cookie(COOKIE, "") or ""):
        if chosen in LANGUAGES:
            return chosen
    preferred = handler.request.headers.get("Accept-Language", "").lower().split(",")
    tags = (part.split(";")[0].strip().split("-")[0] for part in preferred)
    return next((tag for tag in tags if tag in LANGUAGES), LANGUAGES[0])


def remember_choice(handler: RequestHandler) -> None:
    """Keeps what `?lang=` asked for. The console reads the same cookie."""
    chosen = handler.get_query_argument("lang", "")
    if chosen in LANGUAGES:
        secure = handler.request.protocol == "https"
        handler.set_cookie(COOKIE, chosen, expires_days=_COOKIE_DAYS, path="/", samesite="Lax", secure=secure)


def say(msgid: str, language: str, /, **detail: object) -> str:
    """The sentence `msgid`, numbers with the digits of its language.

    One that is missing comes out as its msgid: ugly, but no page may fail over its wording.
    """
    template = catalogue(language).get(msgid)
    return msgid if template is None else template.format(**{k: _shown(v, language) for k, v in detail.items()})


def _shown(value: object, language: str) -> object:
    return en_to_fa(str(value)) if isinstance(value, int) and language == "fa" else value


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """msgid → sentence of one language. Fuzzy and empty entries are not translations."""
    with (_LOCALE / language / "LC_MESSAGES" / "hub.po").open("rb") as file:
        messages = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string and not m.fuzzy}


def moment(at: datetime, language: str) -> str:
    """A day with its time, to the second, of the same clock as `day`; the sentence around it names the clock."""
    if language == "fa":
        return f"{day(at, language)} {en_to_fa(at.astimezone(_TEHRAN).strftime('%H:%M:%S'))}"
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def day(at: datetime, language: str) -> str:
    """A date: Jalali by Tehran's clock and in Persian digits, or Gregorian in UTC."""
    if language == "fa":
        jalali = JalaliDateTime(at.astimezone(_TEHRAN))  # type: ignore[no-untyped-call]
        return str(en_to_fa(jalali.strftime("%Y/%m/%d")))
    return at.astimezone(UTC).strftime("%Y-%m-%d")
