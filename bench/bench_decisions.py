"""Decisions a second with a durable audit record each: by the gate alone, and through its door.

Every statement is another one, so that nothing is answered from memory; each is refused by the policy, which is a
decision like any other and needs no worker. Beside them the parts: the policy, and the group commit.
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

import pyarrow.flight as flight

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker.adapters.ledger import SqliteLedger  # noqa: E402 - the root must be importable first
from access_broker.adapters.records import GroupCommitAudit, SqlRecords  # noqa: E402
from access_broker.bootstrap import build_policy, describe  # noqa: E402
from access_broker.domain.audit import AuditEvent  # noqa: E402
from access_broker.domain.decisions import Refused  # noqa: E402
from access_broker.gateway.messages import make, wrap  # noqa: E402
from access_broker.gateway.server import FlightSqlServer  # noqa: E402
from access_broker.migrations import migrate  # noqa: E402
from tests.support.inside import Inside, new_gate  # noqa: E402
from tests.support.judge import CORPUS  # noqa: E402

CLIENTS = 32
SECONDS = 5.0


def per_second(work: Callable[[int, int], None], clients: int = CLIENTS) -> float:
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


def refused(client: int, number: int) -> str:
    return f"SELECT income FROM citizens WHERE city = 'City{client} {number}'"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = Inside(CORPUS / "scenario.yaml", folder, only=("P1",))
        url = f"sqlite:///{folder / 'records.db'}"
        migrate(url)
        records = SqlRecords(url)
        audit = GroupCommitAudit(records)
        ledger = SqliteLedger(folder / "durable-ledger.sqlite")
        gate = house.gate = new_gate(house, ledger, audit=audit, decider=build_policy(None))
        login = house.login("P1")

        def alone(client: int, number: int) -> None:
            with suppress(Refused):
                gate.run(login, refused(client, number), None, lambda: False)

        def record(client: int, number: int) -> None:
            audit.record(AuditEvent("bench.record", "analyst", "P1"))

        figures = {"durable_records": per_second(record), "gate": per_second(alone)}
        server = FlightSqlServer("grpc://127.0.0.1:0", gate, describe)
        clients = [flight.connect(f"grpc://127.0.0.1:{server.port}") for _ in range(CLIENTS)]
        options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer analyst@P1")], timeout=20)

        def door(client: int, number: int) -> None:
            query = wrap(make("CommandStatementQuery", query=refused(client, number)))
            with suppress(flight.FlightError):
                clients[client].get_flight_info(flight.FlightDescriptor.for_command(query), options)

        figures["door"] = per_second(door)
        for client in clients:
            client.close()
        server.stop()
        audit.close()
        records.close()
        house.close()
    print(json.dumps({f"{key}_per_second": round(value) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
