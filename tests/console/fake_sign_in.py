"""A hub that vouches for whoever a test names, until the test says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from access_broker.console.here import PREFIX
from access_broker.console.sign_in import Arrival, Departure, SignInAway, SignInFailed


@dataclass
class FakeSignIn:
    """`person` signs in next; `away`: nothing answers; people in `out` are not vouched for any more."""

    person: str = ""
    away: bool = False
    out: set[str] = field(default_factory=set)
    asked: int = 0
    leave_url: str = "/hub/logout"
    _open: dict[str, str] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    def depart(self, back_to: str) -> Departure:
        state = f"state-{next(self._numbers)}"
        self._open[state] = back_to
        return Departure(f"{PREFIX}/oauth_callback?state={state}&code=good", state)

    def arrive(self, state: str, code: str) -> Arrival:
        if self.away:
            raise SignInAway
        back_to = self._open.pop(state, None)
        if back_to is None or code != "good" or not self.person:
            raise SignInFailed
        return Arrival(self.person, f"proof of {self.person}", back_to)

    def still_holds(self, arrival: Arrival) -> bool:
        self.asked += 1
        if self.away:
            raise SignInAway
        return arrival.person not in self.out
