"""Stylesheets, scripts and fonts: an allow-list of files, each under an address that changes with its content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from access_broker.console.here import PREFIX

_OWN = Path(__file__).parent / "static"
_MODULES = Path(__file__).parents[2] / "node_modules"
_FONTS = _MODULES / "@fontsource-variable" / "vazirmatn" / "files"

FILES: dict[str, tuple[Path, str]] = {
    "frame.css": (_OWN / "frame.css", "text/css"),
    "pages.css": (_OWN / "pages.css", "text/css"),
    "pages.js": (_OWN / "pages.js", "text/javascript"),
    "bootstrap.min.css": (_MODULES / "bootstrap/dist/css/bootstrap.min.css", "text/css"),
    "bootstrap.rtl.min.css": (_MODULES / "bootstrap/dist/css/bootstrap.rtl.min.css", "text/css"),
    "htmx.min.js": (_MODULES / "htmx.org/dist/htmx.min.js", "text/javascript"),
    **{
        f"vazirmatn-{subset}.woff2": (_FONTS / f"vazirmatn-{subset}-wght-normal.woff2", "font/woff2")
        for subset in ("arabic", "latin", "latin-ext")
    },
}


def address_of(name: str) -> str:
    """The address of a file, with a piece of its digest, so that a browser never keeps an old one."""
    return f"{PREFIX}/static/{name}?{_digest(name)}"


@lru_cache(maxsize=len(FILES))
def _digest(name: str) -> str:
    path = FILES[name][0]
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""
