"""A thread that looks at something again and again, and outlives whatever it finds."""

from __future__ import annotations

import logging
import threading

from access_broker.use_cases.ports import Unavailable

_STOPPING = 2.0  # seconds


class Periodic(threading.Thread):
    """Calls `step` every `seconds` from `start` on. A step that fails is logged and tried again at its next turn.

    `step` is a method of whoever inherits; tests and other threads may call it as well.
    """

    def __init__(self, name: str, seconds: float, log: logging.Logger) -> None:
        super().__init__(name=f"amanat-{name}", daemon=True)
        self._seconds, self._log = seconds, log
        self._ending = threading.Event()

    def step(self) -> int:
        """One look; returns how much was done."""
        raise NotImplementedError

    def run(self) -> None:
        while not self._ending.wait(self._seconds):
            try:
                self.step()
            except Unavailable as error:
                self._log.warning("%s waits: %s", self.name, error.code)  # whoever is asked meanwhile refuses by itself
            except Exception:
                self._log.exception("%s failed", self.name)  # this thread must outlive any surprise

    def stop(self) -> None:
        self._ending.set()
        self.join(_STOPPING)
