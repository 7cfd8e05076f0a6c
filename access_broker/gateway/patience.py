"""What a running answer has taken, and who sees to it that it is given back: the reader, or our patience with him."""

from __future__ import annotations

import threading
import time
from typing import Any
from weakref import WeakSet

from access_broker.domain.decisions import Refused
from access_broker.gateway.errors import log_fault
from access_broker.gateway.handles import Slot
from access_broker.gateway.service import Answer

PATIENCE_SECONDS = 300.0
"""How long a reader may leave a message untaken. ADBC takes ten ahead, so this is not the time of one batch's work."""

_LOOK_EVERY = 0.02  # seconds; asking gRPC whether the caller is still there costs 70 µs, more than a small answer


class Watch:
    """Has the caller gone, or one of `flags` been raised? Safe to ask from any thread and at any time.

    Flight's context is memory of a request: touching it after the end of the request is a crash, not an exception.
    """

    def __init__(self, context: Any, *flags: threading.Event) -> None:
        self._context = context
        self._flags = flags
        self._lock = threading.Lock()
        self._next_look = time.monotonic() + _LOOK_EVERY

    def __call__(self) -> bool:
        with self._lock:
            if self._context is None or any(flag.is_set() for flag in self._flags):
                return True
            now = time.monotonic()
            if now < self._next_look:
                return False
            self._next_look = now + _LOOK_EVERY
            if self._context.is_cancelled():
                self._context = None  # gone is gone: the next question must not be too early to see it
            return self._context is None

    def end(self) -> None:
        """The request is over; from now on the answer is yes."""
        with self._lock:
            self._context = None


class Taken:
    """The answer, the place and the request of one stream; given back once, by whoever comes first."""

    def __init__(self, answer: Answer, watch: Watch, slot: Slot) -> None:
        self._answer: Answer | None = answer
        self._watch = watch
        self._slot = slot
        self._lock = threading.Lock()
        self._untaken_since: float | None = time.monotonic()

    def reader_returns(self) -> None:
        """The reader has taken the last message. Raises Refused TOO_SLOW when he was not waited for."""
        with self._lock:
            if self._answer is None:
                raise Refused("TOO_SLOW")
            self._untaken_since = None

    def reader_owes(self) -> None:
        """A message has been made ready for him."""
        with self._lock:
            self._untaken_since = time.monotonic()

    def give_back_if_untaken(self, seconds: float) -> bool:
        """Give everything back if the reader has left a message for longer than `seconds`."""
        with self._lock:
            since = self._untaken_since
            if since is None or self._answer is None or time.monotonic() - since < seconds:
                return False
            answer, self._answer = self._answer, None
        self._end(answer)
        return True

    def give_back(self) -> None:
        """Give everything back; a second time does nothing. Never raises."""
        with self._lock:
            answer, self._answer = self._answer, None
        if answer is not None:
            self._end(answer)

    def _end(self, answer: Answer) -> None:
        self._watch.end()
        try:
            answer.close()
        except Exception as error:
            log_fault(error, "an answer did not close")
        finally:
            self._slot.release()


class Patience(threading.Thread):
    """Frees what is held for readers who neither read nor leave: a few of them could else occupy the whole door.

    It holds on to what was taken and never to the stream: a stream must end with its request, not with our next look.
    """

    def __init__(self, seconds: float = PATIENCE_SECONDS) -> None:
        super().__init__(name="amanat-patience", daemon=True)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._taken: WeakSet[Taken] = WeakSet()
        self._ended = threading.Event()

    def watch_over(self, taken: Taken) -> None:
        with self._lock:
            self._taken.add(taken)

    def run(self) -> None:
        while not self._ended.wait(min(1.0, self._seconds)):
            with self._lock:
                everything = list(self._taken)
            for taken in everything:
                taken.give_back_if_untaken(self._seconds)

    def stop(self) -> None:
        self._ended.set()
