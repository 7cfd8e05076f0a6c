"""A Flight server without anything of ours: the same rows from the same kind of file, for comparison.

`python bench/bare_flight.py FILE SQL` prints its port and serves until its input ends.
"""

from __future__ import annotations

import sys
from typing import Any

import duckdb
import pyarrow.flight as flight


class Bare(flight.FlightServerBase):
    """Every ticket gives the one answer, as DuckDB makes it."""

    def __init__(self, file: str, sql: str) -> None:
        super().__init__("grpc://127.0.0.1:0")
        self._connection = duckdb.connect(file, read_only=True, config={"threads": 1})
        self._sql = sql

    def do_get(self, context: Any, ticket: Any) -> Any:
        return flight.RecordBatchStream(self._connection.cursor().sql(self._sql).to_arrow_reader(65_536))


def main() -> None:
    server = Bare(sys.argv[1], sys.argv[2])
    print(server.port, flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
