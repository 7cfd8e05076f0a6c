"""Which answers are on their way out of this process, by contract: what an end has to wait for before it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Lock


class Running:
    """A count of open deliveries. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: Counter[str] = Counter()

    def begin(self, contract: str) -> Callable[[], None]:
        """Count one; what is returned takes it off again, however often it is called."""
        ended = False

        def end() -> None:
            nonlocal ended
            with self._lock:
                if not ended:
                    ended = True
                    self._open -= Counter((contract,))

        with self._lock:
            self._open[contract] += 1
        return end

    def of(self, contract: str) -> int:
        """How many answers under this contract are not closed."""
        with self._lock:
            return self._open[contract]
