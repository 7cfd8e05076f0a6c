"""What the console needs from whoever signs people in. The hub does it; tests put someone simpler in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class SignInFailed(Exception):  # noqa: N818 - an outcome, told to the person on a page
    """The way through the hub did not end with a person: stale or foreign state, or no right to use the console."""


class SignInAway(Exception):  # noqa: N818 - a state of the outside
    """Whoever signs people in does not answer. Nobody comes in, and nobody stays in, until it does."""


@dataclass(frozen=True)
class Departure:
    """Where the browser goes to sign in. `state` comes back with it and must then stand in its cookie, too."""

    url: str
    state: str


@dataclass(frozen=True)
class Arrival:
    """A person the hub has sent back. `proof` is what the hub is asked about later on; it does not print."""

    person: str
    proof: str = field(repr=False)
    back_to: str


class SignIn(Protocol):
    """OAuth as seen from the console. Every method but `depart` may raise SignInAway."""

    leave_url: str
    """Where the browser goes to sign out of everything."""

    def depart(self, back_to: str) -> Departure:
        """Begin; `back_to` is the path to show afterwards."""
        ...

    def arrive(self, state: str, code: str) -> Arrival:
        """Exchange the code. Raises SignInFailed. A state is good for one arrival."""
        ...

    def still_holds(self, arrival: Arrival) -> bool:
        """Whether the person is still signed in there and may still use the console."""
        ...
