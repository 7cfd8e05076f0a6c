"""What may pass within a time: bytes a sandbox puts out, requests an address makes."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

_MOST_KEYS = 4096


class Budget:
    """At most `most` units within the last `seconds`, counted for each key apart."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self._seconds, self._clock = most, seconds, clock
        self._spent: OrderedDict[Hashable, _Spent] = OrderedDict()

    def take(self, key: Hashable, units: int = 1) -> bool:
        """Spends `units`, or spends nothing and says False when that would be too much."""
        now = self._clock()
        spent = self._spent.setdefault(key, _Spent())
        self._spent.move_to_end(key)
        while len(self._spent) > _MOST_KEYS:
            self._spent.popitem(last=False)
        spent.forget(now - self._seconds)
        if spent.total + units > self.most:
            return False
        spent.add(now, units)
        return True


class _Spent:
    """Sums over slices of a second, so that a busy minute is some hundred numbers and not one for each message."""

    _SLICE = 0.5

    def __init__(self) -> None:
        self.total = 0
        self._slices: deque[tuple[float, int]] = deque()

    def add(self, now: float, units: int) -> None:
        self.total += units
        if self._slices and now - self._slices[-1][0] < self._SLICE:
            begun, sum_of_slice = self._slices.pop()
            self._slices.append((begun, sum_of_slice + units))
        else:
            self._slices.append((now, units))

    def forget(self, before: float) -> None:
        # A slice goes when its last unit may be old enough, not its first: rather a little too long than too short.
        while self._slices and self._slices[0][0] + self._SLICE <= before:
            self.total -= self._slices.popleft()[1]
