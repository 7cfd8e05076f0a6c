"""Templates become responses here. What every page may use is named in `_common`; nothing undefined prints."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from access_broker.adapters.sentences import LANGUAGES
from access_broker.console import labels
from access_broker.console.files import address_of
from access_broker.console.here import FORM_WORD, PREFIX, Here
from access_broker.console.sections import sections_of
from access_broker.console.sql_text import shown_sql
from access_broker.console.wording import Wording, ltr
from access_broker.domain.decisions import Refused
from access_broker.use_cases.expiry_notices import days_noticed

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; form-action 'self'; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie",
}
"""`data:` images are the arrows of Bootstrap's form fields, which its stylesheet carries inside itself.

With no referrer at all a browser would not say from where a form comes (`Origin: null`).
"""


def page(here: Here, template: str, refused: Refused | None = None, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page for a signed-in person. With `refused` it says why nothing was done, above what was typed."""
    wording = Wording(here.language)
    told = wording.refused(refused) if refused else []
    known = {"here": here, "sections": sections_of(here), "refused": told, "form_word": here.login.form_word}
    return _response(template, wording, status, {"done": None} | known | context)


def bare_page(language: str, template: str, status: int, **context: Any) -> HTMLResponse:
    """A page for somebody who is not, or not surely, signed in."""
    return _response(template, Wording(language), status, {"here": None, "sections": []} | context)


def done(asked: str) -> str | None:
    """The message that says what the page before this one has done, if it is one of ours."""
    return labels.DONE.get(asked)


def _response(template: str, wording: Wording, status: int, context: dict[str, Any]) -> HTMLResponse:
    text = _templates().get_template(template).render(_common(wording) | context)
    return HTMLResponse(text, status, HEADERS | {"Content-Language": wording.language})


def _common(wording: Wording) -> dict[str, Any]:
    return {
        "prefix": PREFIX,
        "form_word_field": FORM_WORD,
        "languages": LANGUAGES,
        "language": wording.language,
        "direction": wording.direction,
        "w": wording,
        "say": wording.say,
        "ltr": ltr,
        "sql": shown_sql,
        "static": address_of,
        "labels": labels,
        "days_noticed": days_noticed,
    }


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
