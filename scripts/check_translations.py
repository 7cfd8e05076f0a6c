"""Says what is missing or wrong in the gettext catalogues; exit status 1 when anything is.

Both languages must hold every sentence of every reason code and every name of the domain's enumerations, with the same
details in both; Persian is held to its spelling: Persian letters, half-spaces, Latin text only as `code` or {detail}.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import access_broker
from access_broker import domain
from access_broker.adapters.sentences import LANGUAGES, catalogue
from access_broker.domain.reasons import REASONS
from access_broker.domain.remedies import REMEDIES

_PACKAGE = Path(access_broker.__file__).parent
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MARKED = re.compile(r"`[^`]+`|\{\w+\}")
_LITERAL = re.compile(r"[\"']((?:cli|api|console)\.[a-z_.]+)[\"']")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")

# What a Persian reader stumbles over: (pattern, what is wrong).
_PERSIAN_FAULTS = (
    (re.compile("[يىكـ]"), "Arabic letter or tatweel; write ی and ک"),
    (re.compile("[٠-٩]"), "Arabic-Indic digit; write ۰ to ۹"),
    (re.compile(r"(?<![\w\u200c])ن?می (?=\w)"), "«می» stands apart; join it with a half-space"),
    (re.compile(r"\w (?:ها|های|هایی|تر|ترین)(?!\w)"), "suffix stands apart; join it with a half-space"),
    (re.compile(r"\u200c(?!\w)|(?<!\w)\u200c"), "half-space that joins nothing"),
    (re.compile("پیمانکار"), "the word is «مجری»"),
    (re.compile(r"[,;?]"), "Latin punctuation; write ، ؛ ؟"),
    (re.compile("[A-Za-z]"), "Latin text outside `backticks`"),
)
_EXISTENCE = {"en": re.compile(r"\bexist", re.IGNORECASE), "fa": re.compile("وجود")}


def expected_msgids() -> set[str]:
    """What the code can ask for: two sentences per code, remedies, names of values of enumerations, literal msgids."""
    sentences = {f"reason.{code}.{part}" for code in REASONS for part in ("what", "next")}
    names = {f"{kind.__name__}.{member.value}" for kind in _enumerations() for member in kind}
    sources = (path for suffix in ("py", "html") for path in _PACKAGE.rglob(f"*.{suffix}"))
    remedies = {f"remedy.{key}" for key in REMEDIES}
    return sentences.union(names, remedies, *(_LITERAL.findall(path.read_text(encoding="utf-8")) for path in sources))


def _enumerations() -> Iterator[type[StrEnum]]:
    for module_info in pkgutil.iter_modules(domain.__path__):
        module = importlib.import_module(f"{domain.__name__}.{module_info.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.__name__:
                yield value


def faults() -> list[str]:
    """Every fault there is, one sentence each; empty when the catalogues are complete and clean."""
    catalogues = {language: catalogue(language) for language in LANGUAGES}
    found = []
    for msgid in sorted(expected_msgids().union(*catalogues.values())):
        templates = {language: catalogues[language].get(msgid) for language in LANGUAGES}
        found += [f"{msgid}: no translation in {language}" for language, text in templates.items() if text is None]
        if len({tuple(sorted(set(_PLACEHOLDER.findall(text)))) for text in templates.values() if text}) > 1:
            found.append(f"{msgid}: the languages do not name the same details")
        for language, text in templates.items():
            found += [f"{msgid} ({language}): {fault}" for fault in template_faults(msgid, language, text or "")]
    return found


def template_faults(msgid: str, language: str, text: str) -> Iterator[str]:
    """What is wrong with one message by itself."""
    required = _OPTIONAL.sub("", text)
    if "[" in required or "]" in required or text.count("`") % 2:
        yield "brackets or backticks do not pair"
    if "  " in text or text != text.strip():
        yield "stray spaces"
    if any(not _PLACEHOLDER.search(piece) for piece in _OPTIONAL.findall(text)):
        yield "an optional piece without a detail"
    if msgid.startswith(("reason.", "remedy.")):
        yield from _sentence_faults(language, text, required)
    if language == "fa":
        prose = _MARKED.sub("", text)
        yield from (fault for pattern, fault in _PERSIAN_FAULTS if pattern.search(prose))


def _sentence_faults(language: str, text: str, required: str) -> Iterator[str]:
    """A refusal is a whole sentence, reads well without details, and tells nobody whether something is there."""
    if text and not text.endswith("."):
        yield "a sentence ends with a full stop"
    if _PLACEHOLDER.search(required):
        yield "a detail outside [brackets]: the sentence breaks when the detail is not known"
    if _EXISTENCE[language].search(text):
        yield "speaks of whether something exists"


def main() -> int:
    found = faults()
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
