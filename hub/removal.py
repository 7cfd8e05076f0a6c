"""How the warden has the hub forget a server, and the proxy its route."""

from __future__ import annotations

import time
from urllib.parse import quote

import httpx

_GONE = frozenset({204, 404})


class HubDoor:
    """The hub's own API, with the warden's narrow token. May be used from several threads."""

    def __init__(self, hub: str, hub_token: str, proxy: str, proxy_token: str, patience: float = 4.0) -> None:
        """`hub`, `proxy`: addresses of the two APIs. `patience`: seconds the hub has for removing one server."""
        self._patience = patience
        self._hub = httpx.Client(
            base_url=hub, headers={"Authorization": f"token {hub_token}"}, timeout=patience, trust_env=False
        )
        self._proxy = httpx.Client(
            base_url=proxy, headers={"Authorization": f"token {proxy_token}"}, timeout=patience, trust_env=False
        )

    def remove_server(self, person: str, contract: str) -> bool:
        """Whether the hub says the server is gone. False: it is away, refuses, or takes longer than it may."""
        path = f"/users/{_segment(person)}/servers/{_segment(contract)}"
        deadline = time.monotonic() + self._patience
        while time.monotonic() < deadline:
            try:
                status = self._hub.delete(path).status_code
            except httpx.HTTPError:
                return False
            if status in _GONE:
                return True
            if status != 202:  # it is being stopped
                return False
            time.sleep(0.1)
        return False

    def drop_route(self, person: str, contract: str) -> bool:
        """Whether the proxy leads no one there any more. Only where the hub cannot say it to the proxy itself."""
        try:
            answer = self._proxy.delete(f"/routes/user/{_segment(person)}/{_segment(contract)}")
        except httpx.HTTPError:
            return False
        return answer.status_code in _GONE

    def close(self) -> None:
        self._hub.close()
        self._proxy.close()


def _segment(text: str) -> str:
    return quote(text, safe="@~")
