"""One stable number per person, per contract and entity domain: dense, from 1, in an order that says nothing.

The numbers live in a store of the publisher, one DuckDB file per contract, under a keyed digest of the key; the key
itself is not kept. New people are appended in the order of their digests, which is random to everyone without the
secret. Another contract has another secret, hence unrelated numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from access_broker.publish.domains import EntityDomain
from access_broker.publish.keyed import bind_key, hmac_sql
from access_broker.publish.sql_text import quote_text

_KEY = "entity_key"
_ANY_DIGITS, _LATIN_DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789"
_STORE = """
CREATE TABLE IF NOT EXISTS entity_store.domain (id INTEGER, reference VARCHAR);
CREATE TABLE IF NOT EXISTS entity_store.entity (domain INTEGER, digest BLOB, number BIGINT);
"""


@dataclass(frozen=True)
class KeyColumn:
    """Where keys come from, as SQL: a FROM item, a column of it, and a predicate for the rows that are published."""

    relation: str
    column: str
    rows: str


def key_sql(column: str) -> str:
    """The key as text. One person written with Persian and with Latin digits would count as two towards k."""
    text = f"trim(CAST({column} AS VARCHAR))"
    ascii_only = f"strlen({text}) = length({text})"  # as many bytes as characters: nothing to translate, and it is slow
    translated = f"translate({text}, '{_ANY_DIGITS}', '{_LATIN_DIGITS}')"
    return f"nullif(CASE WHEN {ascii_only} THEN {text} ELSE {translated} END, '')"


def number_entities(
    con: duckdb.DuckDBPyConnection, store: Path, secret: bytes, keys: Mapping[EntityDomain, Sequence[KeyColumn]]
) -> dict[EntityDomain, str]:
    """Give every key a number; return the relation (key, number) of each domain.

    Relations of two domains never share a number space on purpose: equal numbers in them mean nothing.
    """
    con.execute(f"ATTACH {quote_text(str(store))} AS entity_store")
    try:
        store.chmod(0o600)
        con.execute(_STORE)
        taken: set[int] = set()
        return {domain: _number_domain(con, secret, domain, columns, taken) for domain, columns in keys.items()}
    finally:
        con.execute("DETACH entity_store")


def _number_domain(
    con: duckdb.DuckDBPyConnection,
    secret: bytes,
    domain: EntityDomain,
    columns: Sequence[KeyColumn],
    taken: set[int],
) -> str:
    number = _domain_id(con, domain, taken)
    taken.add(number)
    keys, numbers = f"keys_{number}", f"numbers_{number}"
    values = " UNION ALL ".join(f"SELECT {key_sql(c.column)} AS key FROM {c.relation} WHERE {c.rows}" for c in columns)
    bind_key(con, _KEY, secret, f"entity {number}")
    con.execute(
        f"CREATE TABLE {keys} AS SELECT key, unhex(left({hmac_sql(_KEY, 'key')}, 32)) AS digest "
        f"FROM (SELECT DISTINCT key FROM ({values}) WHERE key IS NOT NULL)"
    )
    con.execute(
        f"INSERT INTO entity_store.entity SELECT {number}, digest, row_number() OVER (ORDER BY digest) + "
        f"(SELECT coalesce(max(number), 0) FROM entity_store.entity WHERE domain = {number}) FROM {keys} "
        f"WHERE digest NOT IN (SELECT digest FROM entity_store.entity WHERE domain = {number})"
    )
    con.execute(
        f"CREATE TABLE {numbers} AS SELECT k.key, e.number FROM {keys} AS k "
        f"JOIN entity_store.entity AS e ON e.digest = k.digest WHERE e.domain = {number}"
    )
    con.execute(f"DROP TABLE {keys}")
    return numbers


def _domain_id(con: duckdb.DuckDBPyConnection, domain: EntityDomain, taken: set[int]) -> int:
    """The id this class of columns had before, so that numbers stay when a dataset joins in; else a new one."""
    references = sorted(map(str, domain))
    known = con.execute("SELECT id FROM entity_store.domain WHERE list_contains(?, reference)", [references]).fetchall()
    free = {int(row[0]) for row in known} - taken
    used = {int(row[0]) for row in con.execute("SELECT DISTINCT id FROM entity_store.domain").fetchall()}
    number = min(free) if free else max(used | taken, default=0) + 1
    con.execute("DELETE FROM entity_store.domain WHERE list_contains(?, reference)", [references])
    con.executemany("INSERT INTO entity_store.domain VALUES (?, ?)", [[number, r] for r in references])
    return number
