"""How a page words things: sentences of the catalogues, dates, digits, names. One `Wording` speaks one language.

Everything that comes out is safe to be put into a page as it stands. Ids, rules, addresses and other Latin text stand
in `<bdi dir="ltr">`: in a line that runs right to left their dots, brackets and dashes would change sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, Protocol

from markupsafe import Markup, escape

from access_broker.adapters import sentences
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.guarantees import GuaranteeKind
from access_broker.domain.motions import Subject, on_appeal, warning_in
from access_broker.domain.text import has_invisible
from access_broker.use_cases.outcomes import ANSWERS, WORDS

_CODE = re.compile(r"`([^`]+)`")
_ISOLATES = str.maketrans("", "", "\u2068\u2069")


class Named(Protocol):
    """A person or an organisation."""

    @property
    def name_en(self) -> str: ...
    @property
    def name_fa(self) -> str: ...


class Titled(Protocol):
    """A dataset, a column, a problem."""

    @property
    def title_en(self) -> str: ...
    @property
    def title_fa(self) -> str: ...


@dataclass(frozen=True)
class Told:
    """A reason as a page shows it."""

    code: str
    rule: str
    what: Markup
    next_step: Markup


@dataclass(frozen=True)
class Wording:
    language: str

    @property
    def direction(self) -> str:
        return "rtl" if self.language == "fa" else "ltr"

    def say(self, msgid: str, /, **detail: Any) -> Markup:
        """A message of the catalogues with its details; `code` in backticks is set as code."""
        return _marked(sentences.translate(msgid, self.language, **detail))

    def word(self, value: Enum) -> Markup:
        """The name of a value of our enumerations."""
        return self.say(f"{type(value).__name__}.{value.value}")

    def outcome(self, subject: Subject, outcome: str) -> Markup:
        """What exactly a motion decides: words of ours, the answer on a warning, or an executor's or problem's id."""
        if subject is Subject.GUARANTEES:
            kinds = [kind for kind in GuaranteeKind if kind in outcome.split("+")]
            return self.words(kinds) if kinds else self.say("console.demand.none")
        if subject is Subject.APPEAL and (number := warning_in(outcome)) is not None:
            answer = next((known for known in ANSWERS if on_appeal(known.value, number) == outcome), outcome)
            return self.say("console.motion.on_warning", number=number, answer=answer)
        return self.word(WORDS[subject](outcome)) if subject in WORDS else ltr(outcome)

    def words(self, values: Iterable[Enum]) -> Markup:
        return escape("، " if self.language == "fa" else ", ").join(self.word(value) for value in values)

    def reason(self, reason: Reason, detail: dict[str, Any] | None = None) -> Told:
        """What happened and what to do next, in two sentences."""
        what = sentences.what(reason.code, detail or {}, self.language)
        return Told(reason.code, reason.rule, _marked(what), self.what_next(reason.code, detail))

    def what_next(self, code: str, detail: dict[str, Any] | None = None) -> Markup:
        return _marked(sentences.next_step(code, detail or {}, self.language))

    def refused(self, refused: Refused) -> list[Told]:
        """Every reason of a refusal. Details belong to the first one."""
        told = [self.reason(reason, refused.detail if i == 0 else None) for i, reason in enumerate(refused.reasons)]
        return told or [self.reason(refused.reason, refused.detail)]

    def moment(self, at: datetime | None, seconds: bool = False) -> Markup:
        """A `<time>` element: Jalali and Tehran's clock in Persian, UTC in English. Nothing for None."""
        if at is None:
            return Markup("—")
        shown = sentences.moment(at, self.language, seconds=seconds)
        return Markup('<time datetime="{}"><bdi dir="ltr">{}</bdi></time>').format(at.isoformat(), shown)

    def day(self, at: datetime | None) -> Markup:
        if at is None:
            return Markup("—")
        shown = sentences.day(at, self.language)
        return Markup('<time datetime="{}"><bdi dir="ltr">{}</bdi></time>').format(at.date().isoformat(), shown)

    def date(self, day: date | None) -> Markup:
        """A day that is no moment, the same one in either calendar."""
        return self.day(datetime.combine(day, time(12), UTC) if day else None)

    def days_left(self, until: datetime, now: datetime) -> Markup:
        """Whole days, so that the last day counts as a day."""
        days = -((now - until) // timedelta(days=1)) if until > now else 0
        return self.say("console.days_left", days=days) if days else self.say("console.days_over")

    def number(self, value: float | None) -> Markup:
        return Markup("—") if value is None else Markup("<bdi>{}</bdi>").format(sentences.number(value, self.language))

    def name(self, of: Named | None) -> Markup:
        return Markup("<bdi>{}</bdi>").format((of.name_fa if self.language == "fa" else of.name_en) if of else "—")

    def title(self, of: Titled) -> Markup:
        """The title in this language, else in the other one; empty when there is none."""
        both = (of.title_fa, of.title_en) if self.language == "fa" else (of.title_en, of.title_fa)
        title = both[0] or both[1]
        return Markup("<bdi>{}</bdi>").format(title) if title else Markup("")


def ltr(text: object) -> Markup:
    """Latin text that keeps its own direction, whatever stands around it. What cannot be seen shows as its number."""
    return Markup('<bdi dir="ltr">{}</bdi>').format(visible(str(text)))


def visible(text: str) -> str:
    """Every invisible character as ⟨U+202E⟩: a name that hides one is not the name it looks like."""
    return "".join(f"⟨U+{ord(ch):04X}⟩" if has_invisible(ch) else ch for ch in text)


def _marked(text: str) -> Markup:
    """Backticks become code elements; the isolates that plain text needs around them are markup's business here."""
    pieces = _CODE.split(text)
    out = Markup("")
    for place, piece in enumerate(pieces):
        if place % 2:
            out += Markup('<code dir="ltr">{}</code>').format(piece.translate(_ISOLATES))
        else:
            out += escape(piece)
    return out
