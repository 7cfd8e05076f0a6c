"""Answer times in whole multiples of what the contract's terms ask for: how long one took then tells less.

A cheap test for k people that was in doubt, a group more or less, a refusal instead of an answer all take their time.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class EvenTime:
    """Counts from when it is made. `step`: milliseconds; 0 waits for nothing."""

    def __init__(
        self,
        step: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._step, self._clock, self._sleep = step / 1000, clock, sleep
        self._started = clock()

    @property
    def asked_for(self) -> bool:
        return self._step > 0

    def wait(self) -> None:
        """Until the next whole multiple."""
        if self.asked_for:
            self._sleep(self._step - (self._clock() - self._started) % self._step)
