"""Removes every container, network and mount of one system: what a crash left, or all of it at the end.

`python -m hub.sweep`, with the environment of the web half. Nothing of another TAG is touched; a second run finds
nothing to do. Quiet when all is gone; otherwise it says on stderr what stays, and ends with 1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Self

from hub import broker as ask
from hub.broker import Broker, BrokerRefused, BrokerUnavailable
from hub.engine import Engine, EngineAway
from hub.homes import HomeFailed, unmount_all
from hub.settings import Reader, SettingsFaulty, System

_AT_ONCE = 8
_BROKER_SECONDS = 2.0


@dataclass(frozen=True)
class SweepSettings:
    """The sweep speaks to the broker, when that answers, with the hub's secret."""

    system: System
    hub_secret: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsFaulty."""
        read = Reader(environment)
        settings = cls(read.system(), read.text("AMANAT_HUB_SECRET"))
        read.check()
        return settings


def sweep(system: System, hub_secret: str) -> list[str]:
    """What could not be removed, a sentence each; empty when nothing of this system is left."""
    if system.sandboxes is None:
        return []
    with closing(Engine(system.sandboxes.tag)) as engine:
        faults = _remove_all(engine)
    try:
        unmount_all(system.homes.resolve())  # after the containers, which hold on to them
    except HomeFailed as failed:
        faults.append(str(failed))
    if not faults:
        _tell(Broker(system.broker, hub_secret, _BROKER_SECONDS))
    return faults


def _remove_all(engine: Engine) -> list[str]:
    try:
        sandboxes = {found.sandbox for found in engine.containers()} | set(engine.networks())
    except EngineAway as error:
        return [str(error)]
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        return [fault for fault in workers.map(lambda name: _removed(engine, name), sandboxes) if fault]


def _removed(engine: Engine, sandbox: str) -> str:
    try:
        engine.remove(sandbox)
    except EngineAway as error:
        return f"{engine.name(sandbox)} stays: {error}"
    return ""


def _tell(broker: Broker) -> None:
    """The broker, if it answers: nothing it knows of runs any more. If not, the next warden finds that out."""
    try:
        for sandbox in broker.ask(ask.sandboxes()):
            broker.ask(ask.ended(sandbox.sandbox, "system"))
    except (BrokerUnavailable, BrokerRefused):
        pass
    finally:
        broker.close()


def main() -> int:
    try:
        settings = SweepSettings.from_environment()
    except SettingsFaulty as faulty:
        print(faulty, file=sys.stderr)
        return 2
    faults = sweep(settings.system, settings.hub_secret)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
