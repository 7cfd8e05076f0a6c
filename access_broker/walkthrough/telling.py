"""Telling a story step by step: what was expected, what was observed, how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Listener = Callable[["Step"], None]


class NotRun(Exception):  # noqa: N818 - nothing went wrong, the machine cannot carry this step
    """The reason a step was left out. It is told as it stands."""


class Differs(Exception):  # noqa: N818 - an observation
    """What was observed is not what was expected. The message is the observation."""


@dataclass(frozen=True)
class Step:
    """One line of the story. `ms`: of the thing the step is about, which a step may name itself; `status`: held,
    failed or not_run.
    """

    step: str
    expected: str
    observed: str
    ms: float
    status: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Story:
    """Runs steps one after the other; a step that fails does not stop the next ones, unless they need it."""

    tell: Listener
    steps: list[Step] = field(default_factory=list)
    took: float | None = None  # milliseconds, set by a step that measures itself

    def step(self, name: str, expected: str, act: Callable[[], str]) -> bool:
        """`act` answers with what it observed, or raises Differs, NotRun, or anything else, which is a failure."""
        self.took, began = None, time.monotonic()
        try:
            observed, status = act(), "held"
        except NotRun as reason:
            observed, status = str(reason), "not_run"
        except Exception as error:
            observed, status = str(error) or type(error).__name__, "failed"
        took = (time.monotonic() - began) * 1000 if self.took is None else self.took
        done = Step(name, expected, observed, round(took, 1), status)
        self.steps.append(done)
        self.tell(done)
        return status == "held"

    @property
    def held(self) -> bool:
        """Every step held: a step that was not run is not a step that held."""
        return bool(self.steps) and all(step.status == "held" for step in self.steps)


def same(observed: Any, expected: Any, what: str = "") -> None:
    """Raises Differs unless the two are equal."""
    if observed != expected:
        raise Differs(f"{what + ': ' if what else ''}{observed!r} instead of {expected!r}")


def one_of(observed: str, *expected: str) -> str:
    """`observed`; raises Differs unless it is among `expected`."""
    if observed not in expected:
        raise Differs(f"{observed} instead of {' or '.join(expected)}")
    return observed


def eventually(ask: Callable[[], Any], seconds: float, what: str) -> Any:
    """The first true answer of `ask`; raises Differs when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Differs(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)
