"""The data of this sandbox's contract, through the stock ADBC driver.

    import amanat, pandas
    pandas.read_sql("SELECT count(*) FROM provinces", amanat.connect())

Nothing here has a right of its own: the sandbox's address and token are in AMANAT_FLIGHT_SQL and AMANAT_TOKEN, and any
other Flight SQL client may use them from inside this sandbox.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from amanat.refusals import Refused, sentence

__all__ = ["Explanation", "Refused", "catalogue", "connect", "engine", "explain", "sentence"]


@dataclass(frozen=True)
class Explanation:
    """What would happen to a statement. `verdict` is "allow" or "refuse"; `code` and `rule` are empty for "allow".

    `uses`: a DataFrame, one row for each column the statement touches, with the verdict on it. `obligations`: what an
    answer would have to keep to, such as the least number of people in a group.
    """

    verdict: str
    code: str
    rule: str
    uses: Any
    obligations: list[dict[str, Any]]

    def __str__(self) -> str:
        return " ".join(part for part in (self.verdict, self.code, self.rule and f"({self.rule})") if part)

    def _repr_html_(self) -> str:
        return f"<p><b>{self}</b></p>{self.uses.to_html(index=False)}"


def connect() -> Any:
    """A new ADBC DB-API connection, for pandas.read_sql, polars.read_database or its own cursor()."""
    from adbc_driver_flightsql import DatabaseOptions, dbapi

    options = {
        DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {_setting('AMANAT_TOKEN')}",
        f"{DatabaseOptions.RPC_CALL_HEADER_PREFIX.value}accept-language": _language(),
    }
    return dbapi.connect(_setting("AMANAT_FLIGHT_SQL"), db_kwargs=options, autocommit=True)


def engine() -> Any:
    """A SQLAlchemy engine over connect()."""
    import sqlalchemy

    return sqlalchemy.create_engine("adbc+flightsql://", creator=connect)


def catalogue() -> Any:
    """What may be asked, as a DataFrame: table, column, type, and how the contract lets the column be used."""
    import pandas

    with connect() as connection:
        rows = [
            (f"{dataset}.{table}", field.name, _fact(field, "TYPE_NAME"), _fact(field, "REMARKS"))
            for dataset, table in _tables(connection)
            for field in connection.adbc_get_table_schema(table, db_schema_filter=dataset)
        ]
    return pandas.DataFrame(rows, columns=["table", "column", "type", "use"])


def explain(sql: str) -> Explanation:
    """What would happen to the statement and why; it is not run. Raises Refused when it cannot be looked at at all."""
    import pandas
    from pyarrow import flight

    headers = [
        (b"authorization", f"Bearer {_setting('AMANAT_TOKEN')}".encode()),
        (b"accept-language", _language().encode()),
    ]
    action = flight.Action("amanat.explain", json.dumps({"sql": sql}).encode())
    try:
        with flight.connect(_setting("AMANAT_FLIGHT_SQL")) as client:
            (result,) = client.do_action(action, flight.FlightCallOptions(headers=headers))
            told = json.loads(result.body.to_pybytes())
    except flight.FlightError as error:
        raise Refused(sentence(error) or str(error)) from None
    uses = pandas.DataFrame(told["uses"], columns=["table", "column", "use", "verdict", "rule"])
    return Explanation(told["verdict"], told["code"] or "", told["rule"] or "", uses, told["obligations"])


def _tables(connection: Any) -> list[tuple[str, str]]:
    found = connection.adbc_get_objects(depth="tables").read_all().to_pylist()
    datasets = [schema for catalog in found for schema in catalog["catalog_db_schemas"]]
    return [(d["db_schema_name"], table["table_name"]) for d in datasets for table in d["db_schema_tables"]]


def _fact(field: Any, name: str) -> str:
    return str((field.metadata or {}).get(f"ARROW:FLIGHT:SQL:{name}".encode(), b"").decode())


def _setting(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise Refused(f"{name} is not set: this works inside a sandbox only. Start one from the hub's home page.")
    return value


def _language() -> str:
    return os.environ.get("AMANAT_LANGUAGE") or "fa"
