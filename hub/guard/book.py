"""The audit lines of refusals: counted, batched, and sent to the broker in the background.

Bounded in every direction, so that whoever floods the guard with nonsense fills neither its memory nor the audit table.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from hub.guard.budget import Budget

_log = logging.getLogger("amanat.guard")

_EVERY = 1.0  # seconds between batches
_MOST_LINES = 32  # different lines in one batch; what is beyond is summed up by its reason
_MOST_WAITING = 512  # different lines kept while the broker is away
_LONGEST_PATH = 300
# Lines that name their address are dear, because every one stays in the audit for good; beyond these, in an hour, a
# refusal is only counted by its reason, and such sums go out once a minute.
_HOUR = 3600.0
_NAMED_PER_CLIENT = 240
_NAMED = 2000
_SUMS_EVERY = 60.0
_SECONDS = 5.0


@dataclass(frozen=True)
class Line:
    """One kind of refused request. `user`: whom the address was about, which says nothing of who asked. `client`: the
    network address it came from, by which lines are rationed; it is not sent."""

    method: str
    path: str
    status: int
    why: str
    user: str
    client: str = ""

    def summed(self) -> Line:
        """The line that stands for many of the same reason."""
        return replace(self, method="*", path="*", user="", client="")


class RefusalBook:
    """Lines waiting to be sent. `note` never waits; `run` sends until it is cancelled."""

    def __init__(
        self, broker: str, secret: str, session: aiohttp.ClientSession, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = f"{broker}/hub/refusals"
        self._headers = {"X-Amanat-Guard": secret, "Content-Type": "application/json"}
        self._session = session
        self._waiting: Counter[Line] = Counter()
        self._away = False
        self._clock, self._summed_at = clock, -_SUMS_EVERY
        self._of_client, self._of_all = Budget(_NAMED_PER_CLIENT, _HOUR, clock), Budget(_NAMED, _HOUR, clock)

    def note(self, method: str, path: str, status: int, why: str, user: str = "", client: str = "") -> None:
        """Counts one refusal. `path` without query: that may hold one-time codes."""
        line = Line(_plain(method, 16), _plain(path, _LONGEST_PATH), status, why, user, client)
        if line not in self._waiting and len(self._waiting) >= _MOST_WAITING:
            line = line.summed()
        self._waiting[line] += 1

    async def run(self) -> None:
        """Sends a batch every second while there is one; keeps it when the broker is away."""
        while True:
            await asyncio.sleep(_EVERY)
            await self.flush()

    async def flush(self, last: bool = False) -> None:
        """Sends what waits and may go out now, if anything does; `last`: the sums too. Never raises for the broker's
        absence."""
        batch = self._batch(last)
        if batch and not self._away:
            reasons = ", ".join(sorted({line.why for line in batch}))
            _log.info("%d requests turned away: %s", batch.total(), reasons)
        if batch and not await self._sent(batch):
            for line, count in batch.items():
                self._waiting[line] += count

    def _batch(self, last: bool) -> Counter[Line]:
        """Takes from what waits: the most frequent lines as they are, the others summed up by their reason."""
        named: Counter[Line] = Counter()
        sums: Counter[Line] = Counter()
        for line, count in self._waiting.most_common():
            if line.path != "*" and len(named) < _MOST_LINES and self._may_name(line):
                named[line] += count
            else:
                sums[line.summed()] += count
        due = last or self._clock() - self._summed_at >= _SUMS_EVERY
        if due and sums:
            self._summed_at = self._clock()
        self._waiting = Counter() if due else sums
        return named + sums if due else named

    def _may_name(self, line: Line) -> bool:
        # Once a broker that was away has cost a line its share, sending it again costs another: rather too few.
        return self._of_client.take(line.client) and self._of_all.take("")

    async def _sent(self, batch: Counter[Line]) -> bool:
        """Is the batch done with? A broker that will never take it gets it only once."""
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        try:
            async with self._session.post(
                self._url, json={"items": _items(batch)}, headers=self._headers, timeout=timeout
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._tell(f"the broker does not take refusal lines ({type(error).__name__}); they wait")
            return False
        if status >= 500 or status == 429:
            self._tell(f"the broker does not take refusal lines now ({status}); they wait")
            return False
        if status >= 400:
            _log.error("the broker turned %d refusal lines down (%d); they are lost: %s", len(batch), status, batch)
        self._away = False
        return True

    def _tell(self, sentence: str) -> None:
        if not self._away:
            _log.warning("%s", sentence)
        self._away = True


def _items(batch: Counter[Line]) -> list[dict[str, Any]]:
    return [
        {"method": e.method, "path": e.path, "status": e.status, "why": e.why, "user": e.user, "count": count}
        for e, count in batch.items()
    ]


def _plain(text: str, longest: int) -> str:
    """Printable ASCII only: these lines are read on terminals and in pages."""
    kept = "".join(c if " " < c < "\x7f" else "?" for c in text[:longest])
    return kept or "-"
