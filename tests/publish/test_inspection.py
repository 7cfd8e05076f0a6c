from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from access_broker.domain.decisions import Refused
from access_broker.publish.inspection import inspect

EXPECTED = {"t1": ("__ek", "a")}


def built(path: Path, more: str = "") -> Path:
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE t1 (__ek BIGINT, a DECIMAL(12,2));" + more)
    return path


def test_types_are_told_when_all_is_as_it_should_be(tmp_path: Path) -> None:
    assert inspect(built(tmp_path / "f"), EXPECTED) == {"t1": {"__ek": "BIGINT", "a": "DECIMAL(12,2)"}}


@pytest.mark.parametrize(
    "more",
    [
        "CREATE TABLE t2 (a INT)",
        "CREATE SCHEMA s; CREATE TABLE s.t1 (__ek BIGINT, a INT)",
        "CREATE SCHEMA s",
        "CREATE VIEW v AS SELECT * FROM t1",
        "CREATE MACRO m(x) AS x",
        "CREATE MACRO m() AS TABLE SELECT 1",
        "CREATE TYPE mood AS ENUM ('a')",
        "CREATE SEQUENCE s",
        "CREATE INDEX i ON t1 (a)",
        "COMMENT ON TABLE t1 IS 'from citizens.csv'",
        "COMMENT ON COLUMN t1.a IS 'income'",
        "ALTER TABLE t1 ALTER a SET DEFAULT 5",
        "ALTER TABLE t1 ADD COLUMN b INT",
        "ALTER TABLE t1 RENAME a TO b",
        "DROP TABLE t1",
    ],
)
def test_anything_beside_is_refused(tmp_path: Path, more: str) -> None:
    with pytest.raises(Refused) as refused:
        inspect(built(tmp_path / "f", more), EXPECTED)
    assert refused.value.reason.code == "INTERNAL"
