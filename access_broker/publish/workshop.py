"""Where a file is put together: a private DuckDB in a private directory, gone when the work is over.

It lives in memory and spills into the directory, so sources larger than the machine's memory can be published and
small ones never touch the disk. The directory carries the contract's name: a build that was killed leaves it behind,
and the next one for that contract clears it away.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from access_broker.publish.files import checked_contract_id


@dataclass(frozen=True)
class Workshop:
    con: duckdb.DuckDBPyConnection
    path: Path


@contextmanager
def open_workshop(private: Path, contract: str) -> Iterator[Workshop]:
    path = _workshops(private) / checked_contract_id(contract)
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700, parents=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(path / "spill"),
        "autoload_known_extensions": False,
        "autoinstall_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
    }
    try:
        with duckdb.connect(":memory:", config=config) as con:
            con.execute("SET TimeZone = 'UTC'")  # dates cut from instants must not hang on this machine's zone
            yield Workshop(con, path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clear_workshops(private: Path) -> None:
    """Remove what killed builds left behind. Only while no build is running."""
    shutil.rmtree(_workshops(private), ignore_errors=True)


def entity_store(private: Path, contract: str) -> Path:
    """The contract's numbering. It outlives a cut, because ledgers speak in its numbers; it holds no key."""
    return private / f"entities-{checked_contract_id(contract)}.duckdb"


def _workshops(private: Path) -> Path:
    return private / "workshops"
