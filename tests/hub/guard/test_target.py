from __future__ import annotations

import posixpath
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tornado.escape import url_unescape
from yarl import URL

from hub.guard.refusal import TurnedAway
from hub.guard.target import read_target

AMBIGUOUS = (
    *("", "hub/home", "*", "example.com:443", "http://127.0.0.1/hub/home", "//hub/home", "///", "\\hub"),
    *("/hub//home", "/user/../hub/admin", "/user/./x", "/..", "/.", "/hub/home/..", "/hub/home/.", "/hub/.../../x"),
    *("/hub/%2e%2e/admin", "/hub/%2E%2E/admin", "/hub/.%2e/admin", "/hub%2fadmin", "/hub%2Fadmin", "/hub%5Cadmin"),
    *("/hub\\admin", "/hub/home;x=1", "/hub/home%3Bx", "/hub/home#x", "/hub/home%23x", "/hub/home%3Fx", "/hub/%68ome"),
    *("/hub/%252e%252e/admin", "/hub/home%25", "/hub/home%", "/hub/home%2", "/hub/home%zz", "/hub/home%00", "/a%0Ab"),
    *("/hub/ho me", "/hub/ho\tme", "/hub/ho\x00me", "/hub/home%7F", "/hub/home%C2%80", "/hub/home%d8%a7", "/hub/%FF"),
    *("/hub/home%ED%A0%80", "/hub/home%C0%AE", "/hub/خانه", "/hub/{x}", "/hub/<x>", '/hub/"', "/hub/^", "/hub/|"),
    *("/hub/home?next=%", "/hub/home?next=%2", "/hub/home?a b", "/hub/home?a=\\", "/hub/home?<x>", "/hub/home?a#b"),
    *("/hub/home?token=abc", "/hub/home?x=1&Token=abc", "/hub/home?%74oken=abc", "/hub/login?password=x"),
    *("/" + "a" * 3000, "/hub/home?" + "a" * 5000),
)


@pytest.mark.parametrize("raw", AMBIGUOUS)
def test_an_ambiguous_spelling_is_turned_away(raw: str) -> None:
    with pytest.raises(TurnedAway) as turned:
        read_target(raw)
    assert turned.value.refusal.code == "ADDRESS_NOT_PLAIN"


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/", "/"),
        ("/hub/home", "/hub/home"),
        ("/hub/", "/hub/"),
        ("/hub/login?next=%2Fhub%2Fhome%3Fa", "/hub/login"),
        ("/user/sara/health-1/api/contents/a%20b.ipynb?content=0&hash=0&1795334227415", None),
        ("/user/sara/health-1/lab/api/settings/@jupyterlab/apputils-extension:themes", None),
        ("/user/sara/health-1/api/contents/" + quote("گزارش‌ها") + "/" + quote("سال ۱۴۰۵.ipynb"), None),
        ("/user/sara/health-1/api/contents/(1)!'*~.ipynb", None),
        ("/user/sara/health-1/lab?reset&token=", "/user/sara/health-1/lab"),
    ],
)
def test_what_browsers_and_lab_send_passes(raw: str, path: str | None) -> None:
    target = read_target(raw)
    assert target.raw == raw
    assert target.path == (path or unquote(raw.partition("?")[0]))


def test_a_query_is_not_told_by_accident() -> None:
    assert "s3cret" not in repr(read_target("/hub/login?code=s3cret"))


_PIECES = [
    "/",
    "//",
    "..",
    ".",
    "%2e",
    "%2E",
    "%2F",
    "%252F",
    "\\",
    "%5C",
    ";",
    "?",
    "#",
    "%",
    "%00",
    "%D8%A7",
    "ا",
    "a",
]
_PIECES += [
    "hub",
    "user",
    "sara",
    "files",
    "api",
    "%61",
    "@",
    ":",
    "%40",
    "\t",
    "%09",
    "&",
    "token=1",
    "~",
    "%7E",
    "\x85",
]


@given(st.one_of(st.lists(st.sampled_from(_PIECES)).map(lambda parts: "/" + "".join(parts)), st.text(max_size=40)))
@example("/user/sara/health-1/api/contents/%D8%A7.ipynb")
@example("/a%2e%2e/b")
@example("/??")
def test_every_reader_sees_the_path_that_was_decided_on(raw: str) -> None:
    """Whatever passes is read the same by everything behind the guard, and has nothing left to be normalised."""
    try:
        target = read_target(raw)
    except TurnedAway:
        return
    written = raw.partition("?")[0]
    assert target.raw == raw
    assert written.isascii()
    assert posixpath.normpath(target.path) == (target.path.rstrip("/") or "/")
    assert target.path == unquote(target.path)  # decoded twice is decoded once
    assert target.path == url_unescape(written, plus=False)
    assert [unquote(part) for part in written.split("/")] == target.path.split("/")
    assert urlsplit("http://x" + raw).path == written
    url = URL(f"http://127.0.0.1:1{raw}", encoded=True)
    assert url.raw_path_qs == (raw if target.query else written)
    assert url.path == target.path
