"""What a crash left behind: containers nobody admitted, records of sandboxes that are gone, a hub that was not told.

It has a thread of its own beside the warden's, so that a slow answer of Docker or of the hub never holds up a cut.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from contextlib import suppress

from hub import broker as ask
from hub.broker import BrokerRefused, BrokerUnavailable, RunningSandbox
from hub.ending import Ending, Means
from hub.engine import EngineAway

GRACE_SECONDS = 2.0
"""How long something must have been out of place. A sandbox is admitted before it is made: unknown means ended."""

START_SECONDS = 180.0
"""A start that has left no container after this long has failed without anyone having said so."""

_EVERY_SECONDS = 1.0
log = logging.getLogger("amanat.warden")


class Tidying(threading.Thread):
    """`endings`: those under way, by sandbox; what they work on is left to them."""

    def __init__(self, means: Means, endings: dict[str, Ending]) -> None:
        super().__init__(name="tidying", daemon=True)
        self._means, self._endings = means, endings
        self._listed: tuple[RunningSandbox, ...] | None = None
        self._since: dict[tuple[str, str], float] = {}

    def hear(self, listed: tuple[RunningSandbox, ...]) -> None:
        """The broker's latest answer. Until the next one nothing is judged by it twice."""
        self._listed = listed

    def run(self) -> None:
        while not self._means.stop.wait(_EVERY_SECONDS):
            listed, self._listed = self._listed, None
            if listed is None:
                self._since.clear()  # the broker is away: what is out of place cannot be known
                continue
            try:
                self.look(listed)
            except (EngineAway, BrokerUnavailable) as error:
                log.warning("%s What a crash may have left is looked for again.", error)

    def look(self, listed: Collection[RunningSandbox]) -> None:
        """Raises EngineAway, BrokerUnavailable; what is left over then is found again a second later."""
        busy = {name for name, ending in self._endings.copy().items() if ending.is_alive() or ending.listed}
        known = {sandbox.sandbox: sandbox for sandbox in listed if sandbox.sandbox not in busy}
        made = {found.sandbox for found in self._means.engine.containers()}
        strays = (made | set(self._means.engine.networks())) - known.keys() - busy
        running = {name for name, sandbox in known.items() if sandbox.state == "running"}
        for name in self._due("stray", strays, GRACE_SECONDS):
            log.warning("sandbox %s was left behind; it is removed", name)
            self._means.engine.remove(name)
        for name in self._due("lost", running - made, GRACE_SECONDS):
            self._give_up(known[name], "lost")
        for name in self._due("failed", known.keys() - running - made, START_SECONDS):
            self._give_up(known[name], "failed")
        self._tell_hub({(sandbox.person, sandbox.contract) for sandbox in listed})

    def _due(self, kind: str, names: Collection[str], grace: float) -> list[str]:
        """Those that have been out of place in this way for `grace` seconds without a break."""
        now = time.monotonic()
        for key in [key for key in self._since if key[0] == kind and key[1] not in names]:
            del self._since[key]
        return [name for name in names if now - self._since.setdefault((kind, name), now) >= grace]

    def _give_up(self, sandbox: RunningSandbox, why: str) -> None:
        """A record without a container: its token ends, its slot is free, and the hub may start another."""
        log.warning("sandbox %s of %s has no container: %s", sandbox.sandbox, sandbox.contract, why)
        self._means.hub.remove_server(sandbox.person, sandbox.contract)
        with suppress(BrokerRefused):
            self._means.broker.ask(ask.ended(sandbox.sandbox, why))

    def _tell_hub(self, pairs: Collection[tuple[str, str]]) -> None:
        """Of servers that were ended while the hub was away: it may come back with them in its books.

        Whoever has a newer sandbox got it from a hub that knows; that one is not to be taken from them.
        """
        for ending in self._endings.copy().values():
            pair = ending.sandbox.person, ending.sandbox.contract
            if ending.is_alive() or ending.listed or ending.hub_told:
                continue
            if pair in pairs or self._means.hub.remove_server(*pair):
                ending.say_hub_removed()
