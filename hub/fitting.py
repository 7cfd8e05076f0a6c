"""The four places where JupyterHub 6.1.1 itself is changed, because it offers no setting for them.

The version is pinned, and `tests/hub/test_fitting.py` fails when one of these places is no longer where it was.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jupyterhub.app
import jupyterhub.handlers.base
import jupyterhub.handlers.pages
import jupyterhub.user
import jupyterhub.utils
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.static import CacheControlStaticFilesHandler
from tornado.web import HTTPError

from hub.language import LANGUAGES, day, language_of, remember_choice, say

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
"""What an id of a person or a contract looks like; the broker's scenario files ask for the same."""

_ROOT = Path(__file__).resolve().parents[1]
_OWN = _ROOT / "hub" / "static"
_NPM = _ROOT / "node_modules"
_FONTS = _NPM / "@fontsource-variable" / "vazirmatn" / "files"
_FILES = {
    "hub.css": _OWN / "hub.css",
    "hub.js": _OWN / "hub.js",
    "favicon.svg": _OWN / "favicon.svg",
    "bootstrap.min.css": _NPM / "bootstrap" / "dist" / "css" / "bootstrap.min.css",
    "bootstrap.rtl.min.css": _NPM / "bootstrap" / "dist" / "css" / "bootstrap.rtl.min.css",
    "vazirmatn-arabic.woff2": _FONTS / "vazirmatn-arabic-wght-normal.woff2",
    "vazirmatn-latin.woff2": _FONTS / "vazirmatn-latin-wght-normal.woff2",
}


def fit() -> None:
    """Call once, before the hub starts."""
    _name_servers_after_contracts()
    _speak_both_languages()
    _look_more_often()


class StaticFiles(CacheControlStaticFilesHandler):  # type: ignore[misc]
    """The files our pages use, and none of those JupyterHub ships."""

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        return str(_FILES.get(path, _OWN / "absent"))

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        if not Path(absolute_path).is_file():
            raise HTTPError(404)
        return absolute_path


def _name_servers_after_contracts() -> None:
    """JupyterHub 6 allows lower-case letters only, of 30 characters; ours are ids of contracts."""
    for module in (jupyterhub.app, jupyterhub.handlers.base, jupyterhub.handlers.pages, jupyterhub.user):
        module.is_valid_safe_slug = lambda name: bool(ID.fullmatch(name))


def _speak_both_languages() -> None:
    """Every page knows the language of its request. JupyterHub has one language, and pages cannot see the request."""
    plain = BaseHandler.template_namespace.fget

    def namespace(handler: BaseHandler) -> dict[str, Any]:
        remember_choice(handler)
        return dict(plain(handler)) | _words(handler)

    BaseHandler.template_namespace = property(namespace)


def _words(handler: BaseHandler) -> dict[str, Any]:
    language = language_of(handler)
    other = next(each for each in LANGUAGES if each != language)
    return {
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "other_language": other,
        "other_language_name": say("hub.language-name", other),
        "say": lambda msgid, **detail: say(msgid, language, **detail),
        "day": lambda at: day(at, language),
        "path": handler.request.path,
    }


def _look_more_often() -> None:
    """The hub waits up to 5 seconds between two looks whether a server answers; ours answers within one."""
    backoff = jupyterhub.utils.exponential_backoff
    backoff.__defaults__ = (0.05, 1.2, 0.25, *backoff.__defaults__[3:])
