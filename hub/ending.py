"""The end of one sandbox, from the pause to the last acknowledgement.

Every step may be done twice and finishes what an earlier run left undone: what has been done is read from Docker and
from the evidence folder, never remembered. Each goes on without whoever is away: the hub, the proxy, the broker.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub import broker as ask
from hub.broker import Broker, BrokerRefused, BrokerUnavailable, Question, RunningSandbox
from hub.engine import Engine, EngineAway, Frozen
from hub.evidence import Case, EvidenceFailed, Sources, freeze_evidence
from hub.homes import HomeFailed, Homes
from hub.removal import HubDoor
from hub.snapshot import look_at

APPEARANCE_SECONDS = 15.0
"""How long the container of a sandbox that was starting is looked for: Docker may be in the middle of making it."""

_INSISTENCE_SECONDS = 10.0
_AGAIN_SECONDS = 0.25
log = logging.getLogger("amanat.warden")


@dataclass(frozen=True)
class Means:
    """What an end is carried out with. `turns`: how many may copy evidence at the same time."""

    engine: Engine
    broker: Broker
    hub: HubDoor
    homes: Homes
    evidence: Path
    turns: threading.Semaphore
    stop: threading.Event


class Ending(threading.Thread):
    """`listed`: whether the broker still knows the sandbox as not ended; the warden keeps it true to its last answer.

    `hub_told`: whether the hub has said that the server is gone.
    """

    def __init__(self, sandbox: RunningSandbox, why: ask.Ending, means: Means) -> None:
        super().__init__(name=f"ending-{sandbox.sandbox}", daemon=True)
        self.sandbox, self.listed, self.hub_told = sandbox, True, False
        self._why, self._means = why, means
        self._seen: Mapping[str, bytes] = {}
        self._words: deque[Question[None]] = deque()
        self._insists_until = time.monotonic() + _INSISTENCE_SECONDS

    def run(self) -> None:
        for step in (self._freeze, self._keep, self._remove, self._leave_home, self._report):
            if not self._until_done(step):
                return
        log.info("sandbox %s of %s is ended", self.sandbox.sandbox, self.sandbox.contract)

    def say_hub_removed(self) -> None:
        """Acknowledge for the hub, which has said so to us."""
        self.hub_told = True
        self._say("hub", "server removed")

    def _until_done(self, step: Callable[[], None]) -> bool:
        """Tries again while Docker or the broker is away; once more, and no longer, when the warden is told to stop."""
        fault = ""
        while True:
            try:
                step()
                return True
            except (EngineAway, BrokerUnavailable) as error:
                if str(error) != fault:
                    fault = str(error)
                    log.warning("sandbox %s: %s Trying again.", self.sandbox.sandbox, fault)
            if self._means.stop.wait(_AGAIN_SECONDS):
                return False

    def _freeze(self) -> None:
        """Nothing of the sandbox runs after this, and nothing of it ever will: see `Engine.doom`."""
        began, engine, sandbox = time.monotonic(), self._means.engine, self.sandbox.sandbox
        state = engine.freeze(sandbox)
        while state is Frozen.ABSENT and self._may_appear(began):
            self._means.stop.wait(0.02)
            state = engine.freeze(sandbox)
        frozen_in = time.monotonic() - began
        killed = 0
        if state is Frozen.FROZEN:
            self._seen = look_at(engine, sandbox)
            killed = engine.doom(sandbox)
        elif state is Frozen.STOPPED and self.sandbox.state == "starting":
            engine.remove(sandbox)  # before the hub, which has just made it, can start it
        self._say("warden", "paused", found=state.value, took_ms=round(frozen_in * 1000), processes=killed)

    def _may_appear(self, began: float) -> bool:
        waits = time.monotonic() - began < APPEARANCE_SECONDS and not self._means.stop.is_set()
        return waits and self.listed and self.sandbox.state == "starting"

    def _keep(self) -> None:
        means, case = self._means, Case.of(self.sandbox, self._why)
        insist = time.monotonic() < self._insists_until
        try:
            with means.turns:
                sources = Sources(means.engine, means.broker, self._seen, means.homes)
                sealed = freeze_evidence(case, means.evidence, sources, insist=insist)
        except EvidenceFailed as failed:
            log.error("sandbox %s: %s", case.sandbox, failed)
            self._say("warden", "evidence", failed=str(failed))
            return
        self._say("warden", "evidence", manifest_sha256=sealed.digest, missing=dict(sealed.missing))

    def _remove(self) -> None:
        """The hub does it, so that its own books and the proxy's are right; what it leaves, we remove."""
        person, contract = self.sandbox.person, self.sandbox.contract
        self.hub_told = self._means.hub.remove_server(person, contract)
        self._means.engine.remove(self.sandbox.sandbox)
        if self.hub_told:
            self.say_hub_removed()
        else:
            log.warning("sandbox %s: the hub does not remove it, the warden did", self.sandbox.sandbox)
            self._means.hub.drop_route(person, contract)

    def _leave_home(self) -> None:
        try:
            self._means.homes.unmount(self.sandbox.person, self.sandbox.contract)
        except HomeFailed as error:
            log.warning("sandbox %s: its home stays mounted: %s", self.sandbox.sandbox, error)

    def _report(self) -> None:
        self._say("warden", "stopped")
        self._tell()
        self._ask(ask.ended(self.sandbox.sandbox, "cut"))

    def _say(self, component: str, step: str, **detail: object) -> None:
        """Acknowledge a step with the time it was done; when the broker is away, later, in the same order."""
        sandbox, at = self.sandbox, datetime.now(UTC).isoformat(timespec="milliseconds")
        self._words.append(
            ask.acknowledge(
                sandbox.contract,
                self._why.generation,
                component,
                step,
                sandbox=sandbox.sandbox,
                person=sandbox.person,
                detail=detail | {"done_at": at},
            )
        )
        with suppress(BrokerUnavailable):
            self._tell()

    def _tell(self) -> None:
        while self._words:
            self._ask(self._words[0])
            self._words.popleft()

    def _ask(self, question: Question[None]) -> None:
        try:
            self._means.broker.ask(question)
        except BrokerRefused as refused:
            log.error("the broker refuses %s: %s %s", question.path, refused.code, refused)
