"""From a committed cut to the last row that streams to a client, and to the gateway's word that it has ended the rest.

Every round cuts a contract of its own: a cut is final. The baseline, in turn with the rounds: a service that looks at a
token when a statement begins, as most do, so that who was cut reads on until the statement ends. It is the same
statement under a contract that nobody cuts, timed from the same moment of its stream. The ratio shrinks as statements
grow; how long this one goes on stands beside it. The distance of two batches, also given, is the least that is
possible: in between nothing can look.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
import httpx
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.judge import CORPUS  # noqa: E402 - the root must be importable first
from tests.support.system import System, code_of  # noqa: E402

ROUNDS = 10
SECONDS_BEFORE = 0.5  # a stream has run for so long when its contract is cut
LONG = "SELECT a.population + b.population AS people FROM " + ", ".join(f"provinces {x}" for x in "abcdefghi")
"""134 million rows of open data, some seconds for a reader that takes them as fast as they come."""


def scenario(folder: Path, names: Iterable[str]) -> Path:
    """The sample under contracts of these names, which read open data only."""
    world = yaml.safe_load((CORPUS / "scenario.yaml").read_text(encoding="utf-8"))
    world["datasets"][0]["sources"] = [{"path": str(CORPUS / "sample_schema.sql")}]
    first, open_data = (next(c for c in world["contracts"] if c["id"] == id) for id in ("P1", "P2"))
    world["contracts"] = [first, *(open_data | {"id": name, "terms": {"max_rows": 10**9}} for name in names)]
    path = folder / "scenario.yaml"
    path.write_text(yaml.safe_dump(world, allow_unicode=True), encoding="utf-8")
    return path


class Reading(threading.Thread):
    """Takes a long answer as fast as it comes. `arrived`: when each batch did; `end`: how it ended, "" when whole."""

    def __init__(self, system: System, contract: str) -> None:
        super().__init__()
        self.system, self.token = system, system.token("analyst", contract)
        self.arrived: list[float] = []
        self.end = ""
        self.begun = threading.Event()

    def run(self) -> None:
        try:
            with self.system.connect(self.token) as connection, connection.cursor() as cursor:
                cursor.execute(LONG)
                for _ in cursor.fetch_record_batch():
                    self.arrived.append(time.time())
                    self.begun.set()
        except (flight_sql.Error, OSError) as error:
            self.end = str(error)
        finally:
            self.begun.set()

    def last_row_after(self, moment: float) -> float:
        """Milliseconds from `moment` to the last batch; waits for the end."""
        self.join()
        return max(0.0, (self.arrived[-1] - moment) * 1000)


def reading(system: System, contract: str) -> Reading:
    """A stream that has been running for SECONDS_BEFORE."""
    stream = Reading(system, contract)
    stream.start()
    assert stream.begun.wait(60)
    assert stream.arrived, stream.end
    time.sleep(SECONDS_BEFORE)
    return stream


def ask(system: System, method: str, path: str, body: Any = None) -> Any:
    """As the committee's chair, over REST."""
    headers = {"Authorization": f"Bearer {system.token('chair')}"}
    answer = httpx.request(method, system.addresses["api"] + path, headers=headers, json=body, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()


def cut(system: System, contract: str) -> float:
    """When the cut was committed, by its own word."""
    act = ask(system, "POST", f"/contracts/{contract}/cuts", {"ground": "F-13"})
    return datetime.fromisoformat(act["committed_at"]).timestamp()


def gateway_acknowledged(system: System, contract: str) -> float:
    """Milliseconds after the commit, as the audit says."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for told in ask(system, "GET", f"/contracts/{contract}/end")["acknowledgements"]:
            if told["component"] == "gateway":
                return float(told["ms"])
        time.sleep(0.05)
    raise AssertionError("the gateway has not acknowledged the cut")


def spread(name: str, milliseconds: list[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": round(statistics.median(milliseconds), 1),
        f"{name}_worst_ms": round(max(milliseconds), 1),
    }


def rounds(system: System, names: list[str]) -> dict[str, float]:
    last_row, acknowledged, goes_on, gaps = [], [], [], []
    for name in names:
        uncut = reading(system, "stays")
        goes_on.append(uncut.last_row_after(time.time()))
        assert not uncut.end, uncut.end
        gaps += [(later - sooner) * 1000 for sooner, later in zip(uncut.arrived, uncut.arrived[1:], strict=False)]
        stream = reading(system, name)
        last_row.append(stream.last_row_after(cut(system, name)))
        assert code_of(stream.end) == "CONTRACT_CUT"
        acknowledged.append(gateway_acknowledged(system, name))
    return (
        spread("cut_to_last_row", last_row)
        | spread("cut_to_gateway_acknowledged", acknowledged)
        | spread("checked_at_statement_start_last_row", goes_on)
        | {
            "last_row_ratio": round(statistics.median(last_row) / statistics.median(goes_on), 4),
            "uncut_batch_every_p50_ms": round(statistics.median(gaps), 1),
        }
    )


def main() -> None:
    names = [f"cut-{n}" for n in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "state").start()
        try:
            system.load(scenario(Path(folder), ["stays", *names]))
            figures = rounds(system, names)
        finally:
            system.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
