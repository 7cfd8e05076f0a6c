from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from multidict import CIMultiDict

from hub.guard.passes import Passes, has_two_sessions, question
from hub.guard.paths import PUBLIC, Place, place_of

SESSION = "jupyterhub-session-id=0a1b2c"
CALLBACK = "/user/sara/health-1/oauth_callback"
NOW = 1_800_000_000.0


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passes(clock: Clock) -> Passes:
    return Passes("s3cret", False, clock)


def sandbox(path: str = "/user/sara/health-1/lab") -> Place:
    return place_of(PUBLIC, "GET", path)


def entering(passes: Passes, location: str = f"{CALLBACK}?code=c", cookies: str = SESSION, status: int = 302) -> str:
    """What the browser is given after this answer of the hub, to send with its next requests."""
    headers = CIMultiDict({"Location": location})
    assert passes.amend(cookies, "state=of-the-sandbox", status, headers) == status
    return headers.get("Set-Cookie", "")


def pair(cookie: str) -> str:
    return f"{SESSION}; {cookie.partition(';')[0]}"


def test_who_was_let_in_by_the_hub_has_a_pass_for_this_sandbox_only(passes: Passes) -> None:
    cookie = entering(passes)
    assert cookie.endswith("; Path=/user/sara/health-1; HttpOnly; SameSite=Lax")
    assert passes.admits(pair(cookie), sandbox())
    assert passes.admits(pair(cookie), sandbox("/user/sara/health-1/api/contents/a.txt"))
    assert not passes.admits(pair(cookie), sandbox("/user/sara/health-2/lab"))
    assert not passes.admits(pair(cookie), sandbox("/user/omid/health-1/lab"))


def test_names_that_run_together_are_told_apart(passes: Passes) -> None:
    cookie = entering(passes, "/user/a-b/c/oauth_callback?code=c")
    assert passes.admits(pair(cookie), sandbox("/user/a-b/c/lab"))
    assert not passes.admits(pair(cookie), sandbox("/user/a/b-c/lab"))


def test_a_pass_belongs_to_one_sign_in(passes: Passes) -> None:
    token = entering(passes).partition(";")[0]
    assert not passes.admits(f"jupyterhub-session-id=another; {token}", sandbox())
    assert not passes.admits(token, sandbox())
    assert not passes.admits(f"{SESSION}; jupyterhub-session-id=planted; {token}", sandbox())
    assert not passes.admits(f"{SESSION}; {token}; amanat-pass=planted", sandbox())


@pytest.mark.parametrize(
    "forged",
    ["", "amanat-pass=", "amanat-pass=.", "amanat-pass=1800000000.", "amanat-pass=1800000000.0000", "amanat-pass=é.ü",
     "amanat-pass=99999999999999999999.00", "amanat-pass=-1.00", "amanat-pass=1800000000", "amanat-pass=\udcff.\udcff"],
)  # fmt: skip
def test_what_the_guard_has_not_made_is_no_pass(passes: Passes, forged: str) -> None:
    assert not passes.admits(f"{SESSION}; {forged}", sandbox())


def test_a_changed_time_is_no_pass(passes: Passes) -> None:
    made, _, mac = entering(passes).partition(";")[0].partition(".")
    assert not passes.admits(f"{SESSION}; {made[:-1]}1.{mac}", sandbox())


def test_a_pass_ends_after_a_day_and_is_not_from_tomorrow(passes: Passes, clock: Clock) -> None:
    cookie = pair(entering(passes))
    clock.now = NOW + 24 * 3600 - 1
    assert passes.admits(cookie, sandbox())
    clock.now = NOW + 24 * 3600
    assert not passes.admits(cookie, sandbox())
    clock.now = NOW - 1
    assert not passes.admits(cookie, sandbox())


def test_a_guard_that_was_started_anew_knows_it_and_another_system_does_not(passes: Passes, clock: Clock) -> None:
    cookie = pair(entering(passes))
    assert Passes("s3cret", False, clock).admits(cookie, sandbox())
    assert not Passes("other", False, clock).admits(cookie, sandbox())


def test_over_tls_the_pass_is_sent_over_tls_only() -> None:
    assert "; Secure" in entering(Passes("s3cret", True))


@pytest.mark.parametrize(
    ("location", "status"),
    [
        (f"{CALLBACK}?error=access_denied", 302),
        (CALLBACK, 302),
        (f"{CALLBACK}?code=c", 200),
        (f"{CALLBACK}?code=c", 403),
        (f"http://evil.example{CALLBACK}?code=c", 302),
        (f"//evil.example{CALLBACK}?code=c", 302),
        ("/user/sara/health-1/lab?code=c", 302),
        ("/services/console/oauth_callback?code=c", 302),
        ("/hub/login?next=%2Fuser%2Fsara%2Fhealth-1%2Foauth_callback%3Fcode%3Dc", 302),
        ("", 302),
    ],
)
def test_nothing_but_the_hubs_yes_gives_a_pass(passes: Passes, location: str, status: int) -> None:
    assert entering(passes, location, status=status) == ""


def test_without_a_session_there_is_nothing_to_bind_a_pass_to(passes: Passes) -> None:
    assert entering(passes, cookies="") == ""
    assert entering(passes, cookies=f"{SESSION}; jupyterhub-session-id=planted") == ""
    assert has_two_sessions(f"{SESSION}; jupyterhub-session-id=planted")
    assert not has_two_sessions(SESSION)


def test_the_guards_own_question_leads_to_the_page_that_was_wanted(passes: Passes) -> None:
    page = "/user/sara/health-1/lab/tree/%DA%AF%D8%B2%D8%A7%D8%B1%D8%B4.ipynb"
    asked = urlsplit(question(sandbox(), page))
    assert asked.path == "/hub/api/oauth2/authorize"
    fields = {name: values[0] for name, values in parse_qs(asked.query).items()}
    assert fields["client_id"] == "jupyterhub-user-sara.health-1"
    assert (fields["redirect_uri"], fields["response_type"]) == (CALLBACK, "code")
    headers = CIMultiDict({"Location": f"{CALLBACK}?code=c&{urlencode({'state': fields['state']})}"})
    assert passes.amend(SESSION, asked.query, 302, headers) == 302
    assert headers["Location"] == page
    assert passes.admits(pair(headers["Set-Cookie"]), sandbox())


@pytest.mark.parametrize(
    "wanted",
    ["/user/sara/health-2/lab", "/hub/admin", "http://evil.example/", "//evil.example/user/sara/health-1/lab",
     "/user/sara/health-1/api/contents", "/user/sara/health-1/../health-2/lab", ""],
)  # fmt: skip
def test_a_question_that_somebody_else_put_together_leads_nowhere_else(passes: Passes, wanted: str) -> None:
    query = urlencode({"state": f"guard:{wanted}"})
    headers = CIMultiDict({"Location": f"{CALLBACK}?code=c&{query}"})
    assert passes.amend(SESSION, query, 302, headers) == 302
    assert headers["Location"] in ("/user/sara/health-1/", f"{CALLBACK}?code=c&{query}")


@pytest.mark.parametrize("status", [400, 403])
def test_after_a_no_the_hub_says_what_is_wrong(passes: Passes, status: int) -> None:
    headers: CIMultiDict[str] = CIMultiDict()
    query = urlsplit(question(sandbox(), "/user/sara/health-1/lab")).query
    assert passes.amend(SESSION, query, status, headers) == 302
    assert headers == {"Location": "/hub/user/sara/health-1/lab"}
    headers = CIMultiDict()
    assert passes.amend(SESSION, "state=of-the-sandbox", status, headers) == status
    assert not headers


def test_a_very_long_address_comes_back_to_the_first_page(passes: Passes) -> None:
    asked = question(sandbox(), "/user/sara/health-1/lab/tree/" + "%DA%AF" * 200)
    assert parse_qs(urlsplit(asked).query)["state"] == ["guard:/user/sara/health-1"]
