"""Signing in through JupyterHub as its service `console`: OAuth with state and PKCE, one custom scope.

State, challenge, addresses and scope arithmetic are JupyterHub's own `HubOAuth`. The two calls to the hub are made
here, because its client remembers an answer for five minutes, and a person signed out at the hub must be out at once.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
from jupyterhub.services.auth import HubOAuth

from access_broker.console.sign_in import Arrival, Departure, SignInAway, SignInFailed

SCOPE = "custom:console:use"
SERVICE = "console"
_SECONDS = 3.0


class HubSignIn:
    """Implements `SignIn`. `api_url`: the hub's API as seen from this process; `secret`: the service's API token."""

    leave_url = "/hub/logout"

    def __init__(self, api_url: str, secret: str, prefix: str) -> None:
        self._oauth = HubOAuth(
            api_url=api_url,
            api_token=secret,
            base_url=prefix,
            hub_host="",
            hub_prefix="/hub/",
            oauth_client_id=f"service-{SERVICE}",
            oauth_redirect_uri=f"{prefix}oauth_callback",
            access_scopes={SCOPE},
        )

    def depart(self, back_to: str) -> Departure:
        verifier, challenge, method = self._oauth.generate_pkce_code_challenge()
        state = self._oauth.generate_state(back_to, code_verifier=verifier)
        asked = {
            "client_id": self._oauth.oauth_client_id,
            "redirect_uri": self._oauth.oauth_redirect_uri,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": method,
        }
        return Departure(f"{self._oauth.oauth_authorization_url}?{urlencode(asked)}", state)

    def arrive(self, state: str, code: str) -> Arrival:
        verifier, back_to = self._oauth.get_code_verifier(state), self._oauth.get_next_url(state)
        self._oauth.clear_oauth_state(state)
        if verifier is None:
            raise SignInFailed  # not a state of ours, used before, or from before a restart
        proof = self._exchanged(code, verifier)
        person = self._person_behind(proof)
        if person is None:
            raise SignInFailed
        return Arrival(person, proof, back_to)

    def still_holds(self, arrival: Arrival) -> bool:
        return self._person_behind(arrival.proof) == arrival.person

    def _exchanged(self, code: str, verifier: str) -> str:
        form = {
            "client_id": self._oauth.oauth_client_id,
            "client_secret": self._oauth.api_token,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._oauth.oauth_redirect_uri,
            "code_verifier": verifier,
        }
        answer = self._ask("POST", self._oauth.oauth_token_url, data=form)
        token = answer.get("access_token") if answer else None
        if not isinstance(token, str) or not token:
            raise SignInFailed
        return token

    def _person_behind(self, proof: str) -> str | None:
        """The person the hub knows this token as, None when it knows nobody or the scope is not theirs."""
        url = f"{self._oauth.api_url}/user"
        user = self._ask("GET", url, headers={"Authorization": f"token {proof}"})
        if user is None or user.get("kind") != "user" or not isinstance(user.get("scopes"), list):
            return None
        name = user.get("name")
        return name if isinstance(name, str) and self._oauth.check_scopes({SCOPE}, user) else None

    def _ask(self, method: str, url: str, **options: Any) -> dict[str, Any] | None:
        """The hub's answer; None when it refuses (4xx). Anything else is no answer."""
        try:
            with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
                response = client.request(method, url, **options)
            if 400 <= response.status_code < 500:
                return None
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SignInAway from error
        if not isinstance(answer, dict):
            raise SignInAway
        return answer
