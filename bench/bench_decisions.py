"""Decisions a second with a durable audit record each: by the gate alone, and through its door.

A decision here is a login and a statement, each decided by the policy, and the record of it on the disk before the
answer. The statements are refused, which is a decision like any other and needs no worker. `new`: every statement is
another text, so each is parsed and analysed. `known`: each client repeats the 20 statements of a dashboard, whose
analysis is remembered. Policy decisions are remembered as in the gateway, within their second and for equal facts:
`…_from_memory` is the share of them. Beside it all, the group commit alone.

`decided`: the decision alone, from what a statement touches to the verdict and its record, by people who are logged in.

A whole system is started; the gate of `gate_…` stands in this process, the one of `door_…` in its own, its clients
here. Both cores are shared by all of them.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.flight as flight

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker import bootstrap  # noqa: E402 - the root must be importable first
from access_broker.adapters.state_dir import StateDir  # noqa: E402
from access_broker.domain.audit import AuditEvent  # noqa: E402
from access_broker.domain.decisions import Refused  # noqa: E402
from access_broker.domain.tokens import Door  # noqa: E402
from access_broker.gateway.messages import make, wrap  # noqa: E402
from tests.support.judge import CORPUS  # noqa: E402
from tests.support.system import System  # noqa: E402

CLIENTS = 32
SECONDS = 5.0
DASHBOARD = 20

Work = Callable[[int, int], object]
Text = Callable[[int, int], str]


def per_second(work: Work, clients: int = CLIENTS) -> float:
    """How often `work`(client, number) is done a second by `clients` threads together."""
    done = [0] * clients
    stop = time.monotonic() + SECONDS

    def repeat(client: int) -> None:
        while time.monotonic() < stop:
            work(client, done[client])
            done[client] += 1

    threads = [threading.Thread(target=repeat, args=(n,)) for n in range(clients)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - started)


class Counted:
    """A PolicyEngine that counts what it is really asked."""

    def __init__(self) -> None:
        self._policy = bootstrap.build_policy(None)
        self.name, self.asked = self._policy.name, 0

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        return self._policy.decide(entrypoint, facts)


def new(client: int, number: int) -> str:
    return f"SELECT income FROM citizens WHERE city = 'City{client} {number} {time.monotonic_ns()}'"


def known(client: int, number: int) -> str:
    return f"SELECT income FROM citizens WHERE city = 'City{number % DASHBOARD}'"


def of_the_gate(system: System, token: str) -> dict[str, float]:
    """The gate without its door, in this process."""
    policy = Counted()
    gateway = bootstrap.build_gateway(StateDir(system.state), policy, 0)
    gate = gateway.doors[0]._service
    figures = {
        "records": per_second(lambda _, __: gateway.audit.record(AuditEvent("bench.record", "analyst", "P1", "F-1")))
    }
    login = gate.login(token, "127.0.0.1", Door.LOCAL)

    def decide(client: int, number: int) -> None:
        with suppress(Refused):
            gate._decide(login, known(client, number), None)

    figures["decided"] = per_second(decide)
    for text in (new, known):

        def ask(client: int, number: int, text: Text = text) -> None:
            with suppress(Refused):
                gate.run(gate.login(token, "127.0.0.1", Door.LOCAL), text(client, number), None, lambda: False)

        before = policy.asked
        rate = per_second(ask)
        figures |= {f"gate_{text.__name__}": rate}
        figures |= {f"gate_{text.__name__}_from_memory": 1 - (policy.asked - before) / (rate * SECONDS * 2)}
    gateway.close()
    return figures


def through_the_door(system: System, token: str) -> dict[str, float]:
    """One round trip each, by clients that keep their connection."""
    clients = [flight.connect(system.addresses["flight_sql"]) for _ in range(CLIENTS)]
    options = flight.FlightCallOptions(headers=[(b"authorization", f"Bearer {token}".encode())], timeout=20)
    figures = {}
    for text in (new, known):

        def ask(client: int, number: int, text: Text = text) -> None:
            query = wrap(make("CommandStatementQuery", query=text(client, number)))
            with suppress(flight.FlightError):
                clients[client].get_flight_info(flight.FlightDescriptor.for_command(query), options)

        figures[f"door_{text.__name__}"] = per_second(ask)
    for client in clients:
        client.close()
    return figures


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        system = System(Path(name) / "state").start()
        try:
            system.load(CORPUS / "scenario.yaml")
            token = system.token("analyst", "P1")
            figures = of_the_gate(system, token) | through_the_door(system, token)
        finally:
            system.stop()
    print(json.dumps({key: round(value, 3 if "memory" in key else 0) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
