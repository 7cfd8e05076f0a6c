"""One request at the door: what its headers and its address say, before anybody believes them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import pyarrow.flight as flight

from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door
from access_broker.gateway.errors import Errors
from access_broker.gateway.service import Login, QueryService

LANGUAGES = ("fa", "en")
DEFAULT_LANGUAGE = "en"
_KEY = "headers"


class _Headers(flight.ServerMiddleware):  # type: ignore[misc]  # pyarrow is not typed
    def __init__(self, headers: dict[str, list[Any]]) -> None:
        self.headers = headers


class HeaderReader(flight.ServerMiddlewareFactory):  # type: ignore[misc]
    """Keeps the headers of each request for its handler, and turns the Flight handshake away.

    The handshake would exchange a name and a password for a token; people get their token elsewhere.
    """

    def __init__(self, errors: Errors) -> None:
        self._errors = errors

    def start_call(self, info: Any, headers: dict[str, list[Any]]) -> _Headers:
        """Called by Flight before the handler; what is raised here ends the request."""
        if info.method == flight.FlightMethod.HANDSHAKE:
            raise self._errors.to_flight(Refused("NO_TOKEN"), _asked_language(headers) or DEFAULT_LANGUAGE)
        return _Headers(headers)

    def middleware(self) -> dict[str, HeaderReader]:
        """As `FlightServerBase` takes it."""
        return {_KEY: self}


@dataclass
class Call:
    """A request before and after its login."""

    service: QueryService
    headers: dict[str, list[Any]]
    peer: str
    _login: Login | None = field(default=None, init=False)

    @property
    def login(self) -> Any:
        """The caller, checked once per request. Raises Refused."""
        if self._login is None:
            hint = Door.LOCAL if _is_loopback(self.peer) else Door.SANDBOX
            self._login = self.service.login(_bearer_token(self.headers), self.peer, hint)
        return self._login

    def check_login(self) -> None:
        """Raises Refused for a caller who may not come in."""
        _ = self.login

    @property
    def owner(self) -> tuple[str, str]:
        """(person, contract): to whom the handles of this request belong."""
        return self.login.person, self.login.contract

    @property
    def language(self) -> str:
        """What the request asks for, else what the person reads, else English."""
        asked = _asked_language(self.headers)
        if asked is None and self._login is not None and self._login.language in LANGUAGES:
            asked = self._login.language
        return asked or DEFAULT_LANGUAGE


def open_call(service: QueryService, context: Any) -> Call:
    """The request that `context` stands for. Does not log in yet."""
    kept = context.get_middleware(_KEY)
    return Call(service, kept.headers if kept is not None else {}, peer_address(context.peer()))


@lru_cache(maxsize=4096)
def peer_address(peer: str) -> str:
    """The IP address in gRPC's `ipv4:1.2.3.4:567` or `ipv6:%5B::1%5D:567`; empty when there is none.

    An IPv4 address that arrives inside IPv6 is written as IPv4, so that one sandbox has one address.
    """
    family, _, rest = unquote(peer).partition(":")
    if family not in ("ipv4", "ipv6"):
        return ""
    host = rest.rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


@lru_cache(maxsize=4096)
def _is_loopback(address: str) -> bool:
    return bool(address) and ipaddress.ip_address(address).is_loopback


def _values(headers: dict[str, list[Any]], name: str) -> list[str]:
    return [v for key, values in headers.items() if key.lower() == name for v in values if isinstance(v, str)]


def _bearer_token(headers: dict[str, list[Any]]) -> str | None:
    """The token of the request, None without one. Two different ones are refused: which is meant is a guess."""
    tokens = set()
    for value in _values(headers, "authorization"):
        scheme, _, token = value.strip().partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            tokens.add(token.strip())
    if len(tokens) > 1:
        raise Refused("TOKEN_NOT_VALID")
    return tokens.pop() if tokens else None


def _asked_language(headers: dict[str, list[Any]]) -> str | None:
    """The best language of `accept-language` that there are sentences in (`fa-IR, en;q=0.5` asks for `fa`)."""
    best, best_weight = None, 0.0
    for part in ",".join(_values(headers, "accept-language")).split(","):
        tag, _, rest = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(rest)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(text: str) -> float:
    name, _, number = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(number)
    except ValueError:
        return 0.0
