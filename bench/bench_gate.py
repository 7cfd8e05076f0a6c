"""What the gate costs: small questions through the door against raw DuckDB on the same published file, interleaved,

decisions per second with a durable record each, and the time from a committed cut to the end of a running statement.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
import duckdb

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.judge import CORPUS  # noqa: E402 - the root must be importable first
from tests.support.system import System  # noqa: E402

ROUNDS = 100
QUESTIONS = {
    "open_count": ("SELECT count(*) FROM provinces", "SELECT count(*) FROM t3"),
    "grouped": (
        "SELECT province, avg(income) FROM citizens GROUP BY province",
        "SELECT province, avg(income) FROM t1 GROUP BY province",
    ),
}


def milliseconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def small_questions(system: System, file: Path) -> dict[str, float]:
    raw = duckdb.connect(str(file), read_only=True, config={"threads": 1})
    tables = {name: name for (name,) in raw.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {"t1", "t3"} <= set(tables)
    figures = {}
    with system.connect(system.token("analyst", "P1")) as connection:

        def ask(sql: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                cursor.fetchall()

        for name, (asked, plain) in QUESTIONS.items():
            ask(asked)
            pairs = [
                (milliseconds(lambda p=plain: raw.execute(p).fetchall()), milliseconds(lambda a=asked: ask(a)))
                for _ in range(ROUNDS)
            ]
            straight, gated = (statistics.median(side) for side in zip(*pairs, strict=True))
            figures |= {
                f"{name}_raw_p50_ms": straight,
                f"{name}_door_p50_ms": gated,
                f"{name}_added_ms": gated - straight,
            }
    return figures


def decisions_per_second(system: System, clients: int = 8, seconds: float = 5.0) -> float:
    """Refusals, each decided by the policy and durably recorded before it is told."""
    done = [0] * clients
    stop = time.monotonic() + seconds
    token = system.token("analyst", "P1")

    def ask(number: int) -> None:
        with system.connect(token) as connection:
            while time.monotonic() < stop:
                with connection.cursor() as cursor:
                    try:
                        cursor.execute("SELECT income FROM citizens")
                    except flight_sql.Error:
                        done[number] += 1

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def cut_to_last_byte(system: System) -> float:
    """Milliseconds from the committed cut, by its own time, to the error at a client whose statement runs."""
    ended: list[float] = []
    token = system.token("analyst", "P2")
    slow = "SELECT count(*) FROM " + ", ".join(f"provinces p{i}" for i in range(11))

    def ask() -> None:
        try:
            with system.connect(token) as connection, connection.cursor() as cursor:
                cursor.execute(slow)
                cursor.fetchall()
        except flight_sql.Error:
            ended.append(time.time())

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(1)
    done = system.amanat("cut", "--contract", "P2", "--by", "chair", "--ground", "F-13")
    asking.join(30)
    return (ended[0] - datetime.fromisoformat(json.loads(done.stdout)["committed_at"]).timestamp()) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "state").start()
        try:
            system.load(CORPUS / "scenario.yaml")
            file = next((system.state / "published").glob("P1-*.duckdb"))
            figures = small_questions(system, file)
            figures["decisions_per_second"] = decisions_per_second(system)
            figures["cut_to_error_ms"] = cut_to_last_byte(system)
        finally:
            system.stop()
    print(json.dumps({name: round(value, 2) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
