"""Logins at the console: a token of the broker in the browser's cookie, and what stands behind it, in memory only.

The token is authenticated on every request like any other. What is remembered here beside it is the hub's proof, so
that signing out at the hub ends the console too, and the word that every form of this login must carry. A broker that
was started anew remembers nothing: the login is then renewed through the hub, mostly without anybody noticing.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from access_broker.console.sign_in import Arrival, SignIn
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.people import SIGN_IN_LIFETIME

COOKIE = "amanat-console"
ASK_AGAIN_SECONDS = 5.0
"""A person signed out at the hub is out of the console after at most this long."""
_MOST = 10_000


@dataclass(frozen=True)
class Login:
    """`form_word`: every form of this login carries it. `asked_at`: when the hub last vouched, monotonic seconds."""

    arrival: Arrival
    form_word: str = field(repr=False)
    began_at: float
    asked_at: float

    def is_word(self, given: str) -> bool:
        """Constant time, so that the word cannot be guessed one letter after the other."""
        return hmac.compare_digest(self.form_word.encode(), given.encode("utf-8", "replace"))


class Logins:
    """Kept by the digest of the token; the token itself is only in the browser."""

    def __init__(self, sign_in: SignIn, ticks: Callable[[], float]) -> None:
        self._sign_in, self._clock = sign_in, ticks
        self._kept: dict[str, Login] = {}
        self._lock = threading.Lock()

    def begin(self, token: str, arrival: Arrival) -> None:
        """Remember a new login. When there are too many, the oldest must sign in again."""
        now = self._clock()
        with self._lock:
            lifetime = SIGN_IN_LIFETIME.total_seconds()
            self._kept = {key: login for key, login in self._kept.items() if now - login.began_at < lifetime}
            while len(self._kept) >= _MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[digest_of(token)] = Login(arrival, secrets.token_urlsafe(24), now, now)

    def of(self, token: str) -> Login | None:
        """The login behind a token, asking the hub again where that was long ago. None when there is none any more.

        Raises SignInAway: an answer that is not there is no yes.
        """
        key = digest_of(token)
        with self._lock:
            login = self._kept.get(key)
        if login is None or self._clock() - login.asked_at < ASK_AGAIN_SECONDS:
            return login
        holds = self._sign_in.still_holds(login.arrival)
        with self._lock:
            if not holds:
                self._kept.pop(key, None)
                return None
            if key in self._kept:  # not ended while the hub was asked
                self._kept[key] = replace(login, asked_at=self._clock())
            return self._kept.get(key)

    def end(self, token: str) -> None:
        with self._lock:
            self._kept.pop(digest_of(token), None)
