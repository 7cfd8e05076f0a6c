"""The pool of query workers: one process per (person, contract, generation), reused, retired, and killed on a cut."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from access_broker.adapters.engine.limits import PoolSettings
from access_broker.adapters.engine.process import LOG, WorkerProcess
from access_broker.adapters.engine.worker import EngineWorker
from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Refused

_TICK_SECONDS = 0.5
_GRACE_SECONDS = 0.1  # a new spare warms up on the same cores as the statement that took the last one

Key = tuple[str, str, int]


@dataclass(eq=False)
class _Place:
    """A worker at its key. `since`: when it was taken or given back, monotonic seconds."""

    key: Key
    worker: EngineWorker
    busy: bool = True
    since: float = field(default_factory=time.monotonic)

    def take(self, busy: bool) -> None:
        self.busy, self.since = busy, time.monotonic()

    def lasted(self, seconds: float) -> bool:
        return time.monotonic() - self.since > seconds


class WorkerPool:
    """gate_ports.DataEngine. `uid_for`: contract → the uid of its workers; None when this process is not root."""

    def __init__(self, settings: PoolSettings | None = None, uid_for: Callable[[str], int] | None = None) -> None:
        self._settings = settings or PoolSettings()
        self._uid_for = uid_for
        self._changed = threading.Condition()
        self._work = threading.Event()  # for the keeper
        self._places: list[_Place] = []
        self._spares: list[WorkerProcess] = []
        self._leaving: list[EngineWorker] = []  # taken off the list; the keeper ends them
        self._floor: dict[str, int] = {}  # contract → lowest generation that may still have a worker
        self._starved = 0  # callers with room for a worker and no spare to make it of
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="amanat-worker-keeper", daemon=True)
        self._keeper.start()

    @contextmanager
    def get(self, person: str, contract: str, generation: int, publication: Publication) -> Iterator[EngineWorker]:
        """Exclusive use of one worker on this very publication.

        Raises Refused: BUSY when all this person may have are in use and none comes free in time, NOT_PUBLISHED,
        WORKER_LOST (also for a generation that has been cut: the records know why), INTERNAL, NOT_RUNNING.
        """
        place = self._take((person, contract, generation), publication)
        try:
            if not place.worker.bound:
                place.worker.bind(self._uid_for(contract) if self._uid_for else None)
            place.worker.begin()
            yield place.worker
        finally:
            self._give_back(place)

    def kill_older(self, contract: str, generation: int | None) -> int:
        """Kill every worker of the contract below `generation` (all for None); returns how many died.

        Workers of such a generation are not made again, not even for a caller that was on its way.
        """
        with self._changed:
            if generation is not None:
                self._floor[contract] = max(generation, self._floor.get(contract, 0))
            doomed = [p for p in self._places if p.key[1] == contract and (generation is None or p.key[2] < generation)]
            self._places = [p for p in self._places if p not in doomed]
            self._changed.notify_all()
        return self._end(doomed)

    def close(self) -> None:
        """Kill every worker and end the keeper. Statements under way are refused with WORKER_LOST."""
        with self._changed:
            self._closed = True
            doomed, self._places = self._places, []
            self._changed.notify_all()
        self._end(doomed)
        self._work.set()
        self._keeper.join()

    def live(self) -> set[tuple[str, int]]:
        """(contract, generation) of every worker there is, in use or idle."""
        with self._changed:
            return {place.key[1:] for place in self._places}

    def live_people(self) -> set[str]:
        """Every person who has a worker, in use or idle."""
        with self._changed:
            return {place.key[0] for place in self._places}

    def kill_of(self, person: str) -> int:
        """Kill every worker of the person; returns how many died. A login that is let in again gets new ones."""
        with self._changed:
            doomed = [p for p in self._places if p.key[0] == person]
            self._places = [p for p in self._places if p not in doomed]
            self._changed.notify_all()
        return self._end(doomed)

    def _take(self, key: Key, publication: Publication) -> _Place:
        deadline = time.monotonic() + self._settings.wait_seconds
        with self._changed:
            while True:
                if self._closed:
                    raise Refused("NOT_RUNNING")
                if key[2] < self._floor.get(key[1], 0):
                    raise Refused("WORKER_LOST")
                place = self._idle(key, publication)
                room = place is None and self._room(key)
                if room and (spare := self._spare()) is not None:
                    place = _Place(key, EngineWorker(spare, publication, self._settings))
                    self._places.append(place)
                if place is not None:
                    return place
                self._wait(deadline, room)

    def _wait(self, deadline: float, starved: bool) -> None:
        """Until something changes. Raises Refused BUSY when it is too late for that."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise Refused("BUSY")
        self._starved += starved
        self._work.set()
        self._changed.wait(left)
        self._starved -= starved

    def _idle(self, key: Key, publication: Publication) -> _Place | None:
        """An idle worker of this key; those that are dead or on another publication are let go on the way."""
        for place in [p for p in self._places if p.key == key and not p.busy]:
            if place.worker.serves(publication) and place.worker.alive():
                place.take(busy=True)
                return place
            self._let_go(place)
        return None

    def _room(self, key: Key) -> bool:
        """Whether one more worker may be made for this key, if need be by retiring the one that idled longest."""
        if sum(p.key == key for p in self._places) >= self._settings.workers_per_key:
            return False
        if len(self._places) < self._settings.workers_total:
            return True
        idle = [p for p in self._places if not p.busy]
        if idle:
            self._let_go(min(idle, key=lambda p: p.since))
        return bool(idle)

    def _spare(self) -> WorkerProcess | None:
        self._work.set()
        while self._spares:
            spare = self._spares.pop(0)
            if spare.running():
                return spare
            spare.close()
        return None

    def _let_go(self, place: _Place) -> None:
        self._places.remove(place)
        self._leaving.append(place.worker)
        self._work.set()

    def _give_back(self, place: _Place) -> None:
        """Idle again when it is fit for another statement, gone otherwise."""
        place.worker.finish()
        fit = place.worker.alive()
        with self._changed:
            place.take(busy=False)
            if not fit and place in self._places:
                self._places.remove(place)
            kept = place in self._places
            self._changed.notify_all()
        if not kept:
            place.worker.close()

    def _end(self, doomed: list[_Place]) -> int:
        """Kill workers taken off the list. The socket of a busy one is its user's to close, on giving it back."""
        for place in doomed:
            place.worker.kill()
        with self._changed:
            idle = [p for p in doomed if not p.busy]
        for place in idle:
            place.worker.close()
        return len(doomed)

    def _keep(self) -> None:
        """The keeper's life: spares made, idle workers retired, workers held too long ended.

        Every process is started by this thread because the kernel kills it when the thread that started it ends;
        so nothing but `close` may end the loop.
        """
        while not self._closed:
            try:
                self._tidy()
                self._make_spares()
            except Exception:
                LOG.exception("keeping the pool")
            self._work.wait(_TICK_SECONDS)
            self._work.clear()
            if not self._starved and not self._closed:
                time.sleep(_GRACE_SECONDS)
        self._tidy()
        for spare in self._spares:
            spare.close()

    def _make_spares(self) -> None:
        missing = max(self._settings.spares, self._starved) - len(self._spares)
        for _ in range(missing):
            spare = WorkerProcess()
            with self._changed:
                self._spares.append(spare)
                self._changed.notify_all()

    def _tidy(self) -> None:
        settings = self._settings
        with self._changed:
            for place in [p for p in self._places if not p.busy and p.lasted(settings.idle_seconds)]:
                self._let_go(place)
            held = [p for p in self._places if p.busy and p.lasted(settings.limits.hold_seconds)]
            leaving, self._leaving = self._leaving, []
        for place in held:
            place.worker.kill_slow()
        for worker in leaving:
            worker.close()
