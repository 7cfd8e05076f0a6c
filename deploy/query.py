"""query.py SQL : runs one statement at the data door with the token on stdin's first line; rows as JSON on stdout.

Stock ADBC and nothing of ours, from inside the gateway's network, because a token of the door `local` is valid there
only. A refusal goes to stderr as the driver tells it; exit status 1.
"""

from __future__ import annotations

import json
import sys

import adbc_driver_flightsql.dbapi as flight_sql
from adbc_driver_flightsql import DatabaseOptions
from adbc_driver_manager import Error

DOOR = "grpc://127.0.0.1:24700"


def main() -> int:
    options = {DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {sys.stdin.readline().strip()}"}
    try:
        with flight_sql.connect(DOOR, db_kwargs=options, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(sys.argv[1])
            rows = cursor.fetch_arrow_table().to_pylist()
    except (Error, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(rows, ensure_ascii=False, default=str))
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: query "SQL" < file-with-a-token')
    sys.exit(main())
