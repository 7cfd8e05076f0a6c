"""Five million rows out of the gate, against a bare Flight server on the same file and against DuckDB in this process.

The gate is a whole system, the gateway in its own process as the bare server is in its.
Also what publishing costs per million rows, once as they are and once with rare values generalised and figures capped.
`transfer_share` is the gate's speed as a share of the bare server's, both asked by pyarrow's client; beside it the
time of an ADBC client. `--rows N`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow.flight as flight

sys.path.insert(0, str(Path(__file__).resolve().parent))

from town_hall import CONTRACT, PEOPLE, ROOT, problem, side_by_side

from access_broker.gateway.messages import make, wrap
from tests.support.inside import Inside
from tests.support.system import System

SQL = "SELECT id, town, amount, day FROM {table}"
DATASET = """
  - {{id: {id}, owner: owner, steward: steward, titles: {{en: Bench, fa: آزمون}}, sovereignty: non_sovereign,
     sources: [{{path: facts.parquet, table: facts}}], tables: {{facts: {{{entity}columns: {{id: personal,
     town: personal, amount: sensitive, day: personal}}}}}}}}
"""
OPEN = "{rows.facts: {columns: {id: raw, town: raw, amount: raw, day: raw}}}"
KEPT = "{people.facts: {columns: {id: join, town: dimension, amount: aggregate, day: dimension}}}"
TERMS = "{{k: 10, max_rows: 100000000, answer_mode: exact, rare_values: {rare}, top_code: {top}}}"


def prepare(folder: Path, rows: int) -> Path:
    """One file, described once without people and once with one person in two rows."""
    duckdb.execute(
        f"COPY (SELECT i // 2 AS id, 'Town ' || hash(i) % 500 AS town, (hash(i + 1) % 1000000) / 100.0 AS amount, "
        f"DATE '2020-01-01' + (hash(i + 2) % 2000)::INTEGER AS day FROM range({rows}) r(i)) "
        f"TO '{folder / 'facts.parquet'}'"
    )
    datasets = DATASET.format(id="rows", entity="") + DATASET.format(id="people", entity="entity: id, ")
    as_they_are = TERMS.format(rare="keep", top="false")
    treated = TERMS.format(rare="generalise", top="true")
    contracts = (
        CONTRACT.format(id="open", terms=as_they_are, scope=OPEN)
        + CONTRACT.format(id="kept", terms=as_they_are, scope=KEPT)
        + CONTRACT.format(id="treated", terms=treated, scope=KEPT)
    )
    path = folder / "scenario.yaml"
    path.write_text(f"{PEOPLE}datasets:{datasets}{problem('rows', 'people')}contracts:{contracts}")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    figures: dict[str, float] = {"rows": told.rows}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = Inside(prepare(folder, told.rows), folder, only=("nobody",))
        for contract in ("open", "kept", "treated"):
            started = time.monotonic()
            rows = house.lend_named(contract)
            figures[f"publish_{contract}_s_per_million_rows"] = (time.monotonic() - started) / rows * 1e6
        with house.records.read() as reader:
            published = reader.publication("open")
        assert published
        house.close()
        text = SQL.format(table="main.t1")
        command = [sys.executable, str(ROOT / "bench" / "bare_flight.py"), published.path, text]
        bare = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert bare.stdout
        client = flight.connect(f"grpc://127.0.0.1:{int(bare.stdout.readline())}")
        system = System(folder / "system").start()
        system.load(folder / "scenario.yaml")
        straight = duckdb.connect(published.path, read_only=True, config={"threads": 1})
        try:
            token = system.token("analyst", "open")
            with system.connect(token) as connection, connection.cursor() as cursor:
                asked = SQL.format(table="rows.facts")
                door = flight.connect(system.addresses["flight_sql"])
                options = flight.FlightCallOptions(headers=[(b"authorization", f"Bearer {token}".encode())])
                command = flight.FlightDescriptor.for_command(wrap(make("CommandStatementQuery", query=asked)))

                def gate() -> None:
                    (endpoint,) = door.get_flight_info(command, options).endpoints
                    assert door.do_get(endpoint.ticket, options).read_all().num_rows == told.rows

                def adbc() -> None:
                    cursor.execute(asked)
                    assert cursor.fetch_arrow_table().num_rows == told.rows

                def plain() -> None:
                    assert client.do_get(flight.Ticket(b"")).read_all().num_rows == told.rows

                def arrow() -> None:
                    assert straight.sql(text).to_arrow_table().num_rows == told.rows

                ours, driver, theirs, raw = side_by_side(told.rounds, gate, adbc, plain, arrow)
                door.close()
        finally:
            client.close()
            system.stop()
            bare.communicate()
    figures |= {"gate_ms": ours, "gate_adbc_ms": driver, "bare_flight_ms": theirs, "arrow_ms": raw}
    figures |= {"transfer_share": theirs / ours, "gate_to_arrow": ours / raw}
    print(json.dumps({key: round(value, 3) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
