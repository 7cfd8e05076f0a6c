from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from hub.guard.headers import is_attachment, is_compressed, secure, to_browser, to_upstream
from hub.guard.paths import PUBLIC, place_of

SANDBOX = place_of(PUBLIC, "GET", "/user/sara/health-1/lab")
HUB = place_of(PUBLIC, "GET", "/hub/home")


def headers(*pairs: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(pairs))


def asked(*pairs: tuple[str, str]) -> Any:
    return SimpleNamespace(headers=headers(*pairs), host="127.0.0.1:24703")


def test_what_a_client_says_of_its_origin_is_replaced() -> None:
    claims = [(name, "6.6.6.6") for name in ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded")]
    claims += [("X-Real-IP", "6.6.6.6"), ("X-Scheme", "https"), ("X-Original-URL", "/hub/admin"), ("Via", "x")]
    sent = to_upstream(asked(*claims), HUB, "127.0.0.7", "http")
    assert "6.6.6.6" not in str(sent)
    assert {"X-Scheme", "X-Original-URL", "Via", "Forwarded", "X-Real-IP"}.isdisjoint(sent)
    assert sent["X-Forwarded-For"] == "127.0.0.7"
    assert sent["X-Forwarded-Proto"] == "http"


def test_only_listed_headers_pass() -> None:
    given = asked(
        ("Accept", "text/html"), ("X-XSRFToken", "t"), ("HX-Request", "true"), ("X-Anything", "1"), ("Connection", "x"),
        ("TE", "trailers"), ("Range", "bytes=0-1"), ("Accept-Encoding", "gzip"), ("Keep-Alive", "1"),
    )  # fmt: skip
    sent = to_upstream(given, HUB, "127.0.0.1", "http")
    assert {"Accept", "X-XSRFToken", "HX-Request"} <= set(sent)
    assert {"X-Anything", "Connection", "TE", "Range", "Keep-Alive"}.isdisjoint(sent)
    assert sent["Accept-Encoding"] == "identity"


def test_a_sandbox_gets_the_cookies_of_its_own_login_only() -> None:
    own = (
        "jupyterhub-session-id=s; _xsrf=x; jupyterhub-user-sara-health-1=t; jupyterhub-user-sara-health-1-oauth-state=o"
    )
    cookies = own + "; jupyterhub-hub-login=h; amanat-console=c; jupyterhub-user-omid-x=o"
    sent = to_upstream(asked(("Cookie", cookies)), SANDBOX, "127.0.0.1", "http")["Cookie"]
    assert sent == own
    assert to_upstream(asked(("Cookie", cookies)), HUB, "127.0.0.1", "http")["Cookie"] == cookies


@pytest.mark.parametrize(
    ("cookie", "passes"),
    [
        ("jupyterhub-user-sara-health-1=x; HttpOnly; Path=/user/sara/health-1/", True),
        ('_xsrf="2|a"; expires=Tue, 22 Dec 2026 07:56:51 GMT; Path=/user/sara/health-1/', True),
        ("jupyterhub-hub-login=x; Path=/hub/", False),
        ("jupyterhub-session-id=x; Path=/", False),
        ("a=x", False),
        ("a=x; Path=/user/sara/health-2/", False),
        ("a=x; Path=/user/sara/health-1/; Domain=example.com", False),
        ("\x01", False),
    ],
)
def test_a_sandbox_sets_cookies_for_itself_only(cookie: str, passes: bool) -> None:
    assert ("Set-Cookie" in to_browser(headers(("Set-Cookie", cookie)), SANDBOX)) == passes
    assert "Set-Cookie" in to_browser(headers(("Set-Cookie", cookie)), HUB)


def test_an_answer_cannot_open_what_the_guard_closes() -> None:
    received = headers(
        ("Access-Control-Allow-Origin", "*"), ("Service-Worker-Allowed", "/"), ("Clear-Site-Data", "*"),
        ("X-Frame-Options", "ALLOWALL"), ("Server", "TornadoServer/6.5"), ("Refresh", "0; url=http://x"), ("ETag", "e"),
        ("Referrer-Policy", "unsafe-url"), ("Content-Security-Policy", "frame-ancestors *"), ("Transfer-Encoding", "x"),
    )  # fmt: skip
    answer = to_browser(received, SANDBOX)
    secure(answer, SANDBOX.way, "127.0.0.1:24703", "http")
    gone = {"Access-Control-Allow-Origin", "Service-Worker-Allowed", "Clear-Site-Data", "Refresh", "Transfer-Encoding"}
    assert gone.isdisjoint(answer)
    assert answer.getall("X-Frame-Options") == ["DENY"]
    assert answer.getall("Referrer-Policy") == ["same-origin"]
    assert answer["Server"] == "amanat"
    assert answer["ETag"] == "e"
    theirs, ours = answer.getall("Content-Security-Policy")
    assert theirs == "frame-ancestors *"
    assert "frame-ancestors 'none'" in ours
    assert "connect-src 'self' ws://127.0.0.1:24703;" in ours


def test_a_file_of_a_sandbox_runs_no_script_when_it_is_opened_as_a_page() -> None:
    file = place_of(PUBLIC, "GET", "/user/sara/health-1/lab/extensions/x/a.html")
    answer = to_browser(headers(("Content-Type", "text/html")), file)
    secure(answer, file.way, "127.0.0.1:24703", "http")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "allow-scripts" not in answer["Content-Security-Policy"]


def test_transport_security_is_promised_only_over_tls() -> None:
    plain, tls = to_browser(headers(), HUB), to_browser(headers(), HUB)
    secure(plain, HUB.way, "x", "http")
    secure(tls, HUB.way, "x", "https")
    assert "Strict-Transport-Security" not in plain
    assert "Strict-Transport-Security" in tls


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("attachment; filename=a.csv", True), ("ATTACHMENT", True), ("form-data", True), ("", True), ("inline", False)],
)
def test_attachments_are_recognised(value: str, is_one: bool) -> None:
    assert is_attachment(headers(("Content-Disposition", value))) is is_one
    assert not is_attachment(headers())


def test_compression_is_recognised() -> None:
    assert is_compressed(headers(("Content-Encoding", "br")))
    assert is_compressed(headers(("Content-Encoding", "identity"), ("Content-Encoding", "gzip")))
    assert not is_compressed(headers(("Content-Encoding", "identity")))
