"""The warden: sees that access has ended, and freezes, keeps and removes the sandbox. `python -m hub.warden`.

A process of its own beside the hub, so that a hub that is busy, stuck or dead does not hold up a cut. It asks the
broker ten times a second which sandboxes there are; nobody has to send it a message, so no message can be lost.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable

from hub import broker as ask
from hub.broker import Broker, BrokerRefused, BrokerUnavailable, RunningSandbox
from hub.ending import Ending, Means
from hub.engine import Engine, EngineAway
from hub.homes import Homes
from hub.removal import HubDoor
from hub.settings import Sandboxes, SettingsFaulty, WardenSettings
from hub.tidying import Tidying

TICK_SECONDS = 0.1
_BROKER_SECONDS = 5.0  # an answer that takes longer counts as none
_AFRESH_SECONDS = 5.0
_LEAVING_SECONDS = 5.0
_COPIERS = 2
log = logging.getLogger("amanat.warden")


class Warden:
    """`silence`: seconds without an answer of the broker after which every sandbox is paused.

    Failure is deny: while it cannot be known which sandboxes must end, none of them runs for long.
    """

    def __init__(self, means: Means, silence: float) -> None:
        self._means, self._silence = means, silence
        self._endings: dict[str, Ending] = {}
        self._ended_at: dict[str, float] = {}
        self._tidying = Tidying(means, self._endings)
        self._heard_at = time.monotonic()
        self._fault = ""
        self._may_be_paused = True  # by an earlier warden

    def run(self) -> None:
        """Until `means.stop` is set; then whatever has begun gets a few seconds to finish."""
        self._tidying.start()
        while True:
            began = time.monotonic()
            self.tick()
            if not self._tidying.is_alive() and not self._means.stop.is_set():
                raise RuntimeError("the tidying thread has died")  # whoever started us starts us again
            if self._means.stop.wait(max(0.0, TICK_SECONDS - (time.monotonic() - began))):
                break
        deadline = time.monotonic() + _LEAVING_SECONDS
        for thread in (*self._endings.values(), self._tidying):
            thread.join(max(0.0, deadline - time.monotonic()))

    def tick(self) -> None:
        """Ask once, and begin what the answer asks for."""
        try:
            listed = self._means.broker.ask(ask.sandboxes())
        except (BrokerUnavailable, BrokerRefused) as error:
            self._not_heard(str(error))
            return
        self._heard_at = time.monotonic()
        self._begin(listed)
        if self._may_be_paused:
            self._resume(listed)
        else:
            self._complain("")
        self._tidying.hear(listed)

    def _begin(self, listed: Iterable[RunningSandbox]) -> None:
        """An end for each sandbox that must end and has none under way; those whose sandbox is gone are forgotten."""
        known = {sandbox.sandbox: sandbox for sandbox in listed}
        for name, ending in list(self._endings.items()):
            ending.listed = name in known
            if not ending.is_alive() and self._may_forget(name, ending):
                del self._endings[name], self._ended_at[name]
        for sandbox in known.values():
            if sandbox.must_end is not None and sandbox.sandbox not in self._endings:
                log.warning("sandbox %s of %s must end: %s", sandbox.sandbox, sandbox.contract, sandbox.must_end.code)
                ending = Ending(sandbox, sandbox.must_end, self._means)
                self._endings[sandbox.sandbox] = ending
                ending.start()

    def _may_forget(self, name: str, ending: Ending) -> bool:
        """One that is over although the broker still lists its sandbox has failed: it is begun afresh after a while."""
        over_for = time.monotonic() - self._ended_at.setdefault(name, time.monotonic())
        return ending.hub_told if not ending.listed else over_for > _AFRESH_SECONDS

    def _not_heard(self, fault: str) -> None:
        if time.monotonic() - self._heard_at > self._silence:
            self._pause_all()
        else:
            self._complain(f"{fault} Nothing can be known to have been cut.")

    def _pause_all(self) -> None:
        try:
            for found in self._means.engine.containers():
                if found.status == "running" and not self._means.engine.is_frozen(found.sandbox):
                    log.error("sandbox %s is paused: the broker has been silent too long", found.sandbox)
                    self._may_be_paused = True
                    self._means.engine.freeze(found.sandbox)
        except EngineAway as error:
            self._complain(f"Sandboxes could not be paused: {error}")

    def _resume(self, listed: Iterable[RunningSandbox]) -> None:
        """What was paused for the broker's silence and may go on."""
        may_run = {sandbox.sandbox for sandbox in listed if sandbox.must_end is None} - self._endings.keys()
        try:
            for found in self._means.engine.containers():
                if found.sandbox in may_run and self._means.engine.is_frozen(found.sandbox):
                    log.warning("sandbox %s goes on", found.sandbox)
                    self._means.engine.thaw(found.sandbox)
        except EngineAway as error:
            self._complain(f"Sandboxes could not be resumed: {error}")
            return
        self._may_be_paused = False

    def _complain(self, fault: str) -> None:
        """Once, however often it is met. Empty: all is well again."""
        if fault != self._fault:
            self._fault = fault
            log.warning("%s", fault or "All that the warden needs answers again.")


def means_of(settings: WardenSettings, sandboxes: Sandboxes, stop: threading.Event) -> Means:
    """What the warden works with on this system."""
    system = settings.system
    hub, proxy = (f"http://127.0.0.1:{port}" for port in (system.ports.hub, system.ports.proxy_api))
    return Means(
        Engine(sandboxes.tag),
        Broker(system.broker, settings.hub_secret, _BROKER_SECONDS),
        HubDoor(f"{hub}/hub/api", settings.warden_secret, f"{proxy}/api", settings.proxy_secret),
        Homes(system.homes),
        system.evidence,
        threading.BoundedSemaphore(_COPIERS),
        stop,
    )


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell ten times a second that it asked
    os.umask(0o077)
    try:
        settings = WardenSettings.from_environment()
    except SettingsFaulty as faulty:
        print(faulty, file=sys.stderr)
        return 2
    if settings.system.sandboxes is None:
        print("This system has no sandboxes (AMANAT_SANDBOXES=off): there is nothing to watch.", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    warden = Warden(means_of(settings, settings.system.sandboxes, stop), settings.silence)
    if settings.ready:
        settings.ready.touch()
    warden.run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
