"""OAuth against a hub of the test: PKCE holds, states are used once, and only a person with the scope comes through."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from access_broker.console.hub_sign_in import SCOPE, HubSignIn
from access_broker.console.sign_in import Arrival, Departure, SignInAway, SignInFailed

PREFIX = "/services/console/"
SECRET = "the-api-token-of-the-service"
PERSON = {"kind": "user", "name": "sara", "scopes": [SCOPE, "read:users:name!user=sara"]}


@dataclass
class Hub:
    """Answers with what the test puts in; keeps what it was asked."""

    user: tuple[int, Any] = (200, PERSON)
    token: tuple[int, Any] = (200, {"access_token": "proof"})
    forms: list[dict[str, str]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.shown.append(self.headers.get("Authorization", ""))
            self._answer(*hub.user)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            hub.forms.append({name: values[0] for name, values in parse_qs(body).items()})
            self._answer(*hub.token)

        def _answer(self, status: int, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}/hub/api"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


def asked(departure: Departure) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(departure.url).query).items()}


def test_the_way_there_and_back(hub: Hub) -> None:
    sign_in = HubSignIn(hub.url, SECRET, PREFIX)
    departure = sign_in.depart("/services/console/contracts")
    sent = asked(departure)
    arrival = sign_in.arrive(departure.state, "code")

    assert urlsplit(departure.url).path == "/hub/api/oauth2/authorize"
    assert (sent["client_id"], sent["redirect_uri"]) == ("service-console", "/services/console/oauth_callback")
    assert sent["state"] == departure.state
    assert arrival == Arrival("sara", "proof", "/services/console/contracts")
    assert hub.forms[0]["client_secret"] == SECRET
    assert hub.shown == ["token proof"]


def test_the_code_is_only_good_with_the_verifier_of_its_challenge(hub: Hub) -> None:
    sign_in = HubSignIn(hub.url, SECRET, PREFIX)
    departure = sign_in.depart("/")
    sign_in.arrive(departure.state, "code")
    digest = hashlib.sha256(hub.forms[0]["code_verifier"].encode()).digest()

    assert asked(departure)["code_challenge_method"] == "S256"
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked(departure)["code_challenge"]


def test_a_state_is_used_once_and_a_foreign_one_never(hub: Hub) -> None:
    sign_in = HubSignIn(hub.url, SECRET, PREFIX)
    departure = sign_in.depart("/")
    sign_in.arrive(departure.state, "code")

    for state in (departure.state, "made-up", ""):
        with pytest.raises(SignInFailed):
            sign_in.arrive(state, "code")
    assert len(hub.forms) == 1


@pytest.mark.parametrize(
    "user",
    [
        (403, {}),
        (200, PERSON | {"scopes": []}),
        (200, PERSON | {"scopes": ["custom:console:look"]}),
        (200, PERSON | {"kind": "service"}),
        (200, {"kind": "user", "scopes": [SCOPE]}),
        (200, {"kind": "user", "name": "sara"}),
    ],
)
def test_only_a_person_with_the_scope_comes_through(hub: Hub, user: tuple[int, Any]) -> None:
    sign_in, hub.user = HubSignIn(hub.url, SECRET, PREFIX), user

    with pytest.raises(SignInFailed):
        sign_in.arrive(sign_in.depart("/").state, "code")
    assert not sign_in.still_holds(Arrival("sara", "proof", "/"))


@pytest.mark.parametrize("token", [(400, {"error": "invalid_grant"}), (200, {}), (200, {"access_token": ""})])
def test_a_code_that_gives_no_token_lets_nobody_in(hub: Hub, token: tuple[int, Any]) -> None:
    sign_in, hub.token = HubSignIn(hub.url, SECRET, PREFIX), token

    with pytest.raises(SignInFailed):
        sign_in.arrive(sign_in.depart("/").state, "code")


def test_a_proof_of_somebody_else_does_not_hold(hub: Hub) -> None:
    sign_in = HubSignIn(hub.url, SECRET, PREFIX)

    assert sign_in.still_holds(Arrival("sara", "proof", "/"))
    assert not sign_in.still_holds(Arrival("nima", "proof", "/"))


@pytest.mark.parametrize("user", [(500, {}), (502, "gone"), (200, ["not", "a", "person"])])
def test_an_answer_that_is_none_is_neither_yes_nor_no(hub: Hub, user: tuple[int, Any]) -> None:
    sign_in, hub.user = HubSignIn(hub.url, SECRET, PREFIX), user

    with pytest.raises(SignInAway):
        sign_in.still_holds(Arrival("sara", "proof", "/"))


def test_a_hub_that_is_gone_is_away() -> None:
    with pytest.raises(SignInAway):
        HubSignIn("http://127.0.0.1:1/hub/api", SECRET, PREFIX).still_holds(Arrival("sara", "proof", "/"))


def test_a_proof_does_not_print() -> None:
    assert "secret-proof" not in repr(Arrival("sara", "secret-proof", "/"))


def test_without_a_secret_there_is_no_console() -> None:
    with pytest.raises(Exception, match="cannot be empty"):
        HubSignIn("http://127.0.0.1:1/hub/api", "", PREFIX)
