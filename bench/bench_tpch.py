"""Shapes of TPC-H through the door against raw DuckDB on the same published file, with equal threads, in turns.

`--scale 10` for SF10. Once with every column raw, once with orders protected (k = 10 orders behind every figure), and
then with the memory of a contract on top. An amount times what anybody may know of each row is not told
(docs/disclosure.md), so in Q1 and Q6 the tax stands for the discount. Also what publishing costs per million rows. The
generator comes from the registry into a temporary folder and is no part of the product.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parent))

from town_hall import CONTRACT, PEOPLE, doors, geometric_mean, problem, side_by_side

from access_broker.adapters.engine.limits import Limits
from tests.support.inside import Inside

GENERATOR = "tpchgen-cli==4.0.0"
TABLES = {
    "lineitem": "l_orderkey l_suppkey l_quantity l_extendedprice l_discount l_tax l_returnflag l_linestatus l_shipdate "
    "l_commitdate l_receiptdate l_shipmode",
    "orders": "o_orderkey o_custkey o_orderdate o_orderpriority o_orderstatus o_totalprice",
    "customer": "c_custkey c_nationkey c_mktsegment",
    "supplier": "s_suppkey s_nationkey",
    "nation": "n_nationkey n_name n_regionkey",
    "region": "r_regionkey r_name",
}
ENTITIES = {"lineitem": "l_orderkey", "orders": "o_orderkey"}
JOINS = (
    "lineitem.l_orderkey=orders.o_orderkey orders.o_custkey=customer.c_custkey lineitem.l_suppkey=supplier.s_suppkey "
    "customer.c_nationkey=nation.n_nationkey supplier.s_nationkey=nation.n_nationkey "
    "nation.n_regionkey=region.r_regionkey"
)
MEASURES = {"l_extendedprice", "l_tax", "o_totalprice"}
KEYS = {"l_orderkey", "l_suppkey", "o_orderkey", "o_custkey"}

QUESTIONS = {
    "q1": "SELECT l_returnflag, l_linestatus, sum(l_quantity), sum(l_extendedprice), "
    "sum(l_extendedprice * l_tax), avg(l_quantity), avg(l_extendedprice), avg(l_discount), count(*) FROM lineitem "
    "WHERE l_shipdate <= DATE '1998-09-02' GROUP BY l_returnflag, l_linestatus ORDER BY 1, 2",
    "q4": "SELECT o_orderpriority, count(*) FROM orders o WHERE o_orderdate >= DATE '1993-07-01' AND o_orderdate < "
    "DATE '1993-10-01' AND EXISTS (SELECT 1 FROM lineitem l WHERE l.l_orderkey = o.o_orderkey "
    "AND l.l_shipmode = 'MAIL') GROUP BY o_orderpriority ORDER BY 1",
    "q5": "SELECT n_name, sum(l_extendedprice) FROM customer JOIN orders ON c_custkey = o_custkey JOIN lineitem ON "
    "l_orderkey = o_orderkey JOIN nation ON c_nationkey = n_nationkey JOIN region ON n_regionkey = r_regionkey "
    "WHERE r_name = 'ASIA' AND o_orderdate >= DATE '1994-01-01' AND o_orderdate < DATE '1995-01-01' "
    "GROUP BY n_name ORDER BY 2 DESC",
    "q6": "SELECT sum(l_extendedprice * l_tax) FROM lineitem WHERE l_shipdate >= DATE '1994-01-01' AND "
    "l_shipdate < DATE '1995-01-01' AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24",
    "q12": "SELECT l_shipmode, sum(CASE WHEN o_orderpriority IN ('1-URGENT', '2-HIGH') THEN 1 ELSE 0 END), count(*) "
    "FROM orders JOIN lineitem ON o_orderkey = l_orderkey WHERE l_shipmode IN ('MAIL', 'SHIP') AND l_receiptdate >= "
    "DATE '1994-01-01' AND l_receiptdate < DATE '1995-01-01' GROUP BY l_shipmode ORDER BY 1",
    "by_month": "SELECT date_trunc('month', l_shipdate) AS month, l_shipmode, count(*), avg(l_extendedprice) "
    "FROM lineitem GROUP BY ALL ORDER BY ALL",
    "by_day": "SELECT l_shipdate, count(*), sum(l_extendedprice) FROM lineitem GROUP BY l_shipdate "
    "ORDER BY 1 LIMIT 500",
}


def generate(folder: Path, scale: float) -> None:
    """Parquet files by the generator's own program."""
    tool = folder / "generator"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tool), GENERATOR]
    subprocess.run(pip, check=True, stdout=sys.stderr)
    program = [str(tool / "bin" / "tpchgen-cli"), "parquet", "--quiet", "--scale-factor", f"{scale:g}"]
    subprocess.run([*program, "--output-dir", str(folder), "--tables", ",".join(TABLES)], check=True, stdout=sys.stderr)


def scenario(folder: Path) -> Path:
    """The same files as a dataset without people and as one whose people are orders."""
    datasets = "".join(_dataset(id, entities) for id, entities in (("raw", {}), ("counted", ENTITIES)))
    terms = "{{k: 10, max_rows: 1000000, daily_queries: 1000000, answer_mode: exact, rare_values: keep{more}}}"
    contracts = "".join(
        CONTRACT.format(id=id, terms=terms.format(more=more), scope=_scope(dataset, entities))
        for id, dataset, entities, more in (
            ("raw", "raw", {}, ""),
            ("counted", "counted", ENTITIES, ""),
            ("remembered", "counted", ENTITIES, ", differencing: refuse"),
        )
    )
    path = folder / "scenario.yaml"
    path.write_text(f"{PEOPLE}datasets:\n{datasets}{problem('raw', 'counted')}contracts:{contracts}")
    return path


def _dataset(id: str, entities: dict[str, str]) -> str:
    sources = ", ".join(f"{{path: {table}.parquet, table: {table}}}" for table in TABLES)
    tables = [
        f"{table}: {{{f'entity: {entities[table]}, ' if table in entities else ''}"
        f"columns: {{{', '.join(f'{c}: organisational' for c in columns.split())}}}}}"
        for table, columns in TABLES.items()
    ]
    joins = ", ".join(f"[{pair.replace('=', ', ')}]" for pair in JOINS.split())
    return (
        f"  - {{id: {id}, owner: owner, steward: steward, titles: {{en: TPC-H, fa: آزمون}}, "
        f"sovereignty: non_sovereign, sources: [{sources}], tables: {{{', '.join(tables)}}}, joins: [{joins}]}}\n"
    )


def _scope(dataset: str, entities: dict[str, str]) -> str:
    def mode(table: str, column: str) -> str:
        if table not in entities:
            return "raw"
        return "join" if column in KEYS else "aggregate" if column in MEASURES else "dimension"

    grants = [
        f"{dataset}.{table}: {{columns: {{{', '.join(f'{c}: {mode(table, c)}' for c in columns.split())}}}}}"
        for table, columns in TABLES.items()
    ]
    return f"{{{', '.join(grants)}}}"


def raw_tables(path: str) -> duckdb.DuckDBPyConnection:
    """A connection to the published file with one thread, its tables under the names that people type."""
    connection = duckdb.connect(path, read_only=True, config={"threads": 1})
    connection.execute(" ".join(f"CREATE TEMP VIEW {table} AS FROM main.t{i};" for i, table in enumerate(TABLES, 1)))
    return connection


def read_raw(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    connection.sql(sql).to_arrow_table()


def measure(house: Inside, connect: Any, contract: str, rounds: int) -> dict[str, float]:
    with house.records.read() as reader:
        published = reader.publication(contract)
    assert published
    figures: dict[str, float] = {}
    ratios: list[float] = []
    with connect(contract) as connection:

        def ask(sql: str) -> None:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                cursor.fetch_arrow_table()

        for name, sql in QUESTIONS.items():
            straight = raw_tables(published.path)
            try:
                raw, gated = side_by_side(rounds, partial(read_raw, straight, sql), partial(ask, sql))
            except Exception as error:  # a shape that is refused is a figure too
                print(f"{contract} {name}: {str(error)[:300]}", file=sys.stderr)
                figures[f"{contract}_{name}_refused"] = 1
                continue
            finally:
                straight.close()
            ratios.append(gated / raw)
            figures |= {f"{contract}_{name}_raw_ms": raw, f"{contract}_{name}_gate_ms": gated}
    return figures | {f"{contract}_geometric_mean": geometric_mean(ratios) if ratios else 0.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--contracts", nargs="+", default=["raw", "counted", "remembered"])
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, told.scale)
        house = Inside(scenario(folder), folder, only=("nobody",))
        figures: dict[str, float] = {"scale": told.scale}
        limits = Limits(memory_mb=4096, statement_seconds=600.0)
        for contract in told.contracts:
            started = time.monotonic()
            rows = house.lend_named(contract)
            seconds = time.monotonic() - started
            figures[f"{contract}_publish_s_per_million_rows"] = seconds / rows * 1e6
        with doors(house, folder, limits) as connect:
            for contract in told.contracts:
                figures |= measure(house, connect, contract, told.rounds)
    print(json.dumps({key: round(value, 3) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
