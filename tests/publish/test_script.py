from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from access_broker.domain.decisions import Refused
from access_broker.publish.script import run_script


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t AS SELECT * FROM read_csv('{file}')",
        "CREATE TABLE t AS SELECT * FROM read_text('{file}')",
        "COPY (SELECT 1) TO '{file}.out'",
        "ATTACH '{file}.db' AS x",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET temp_directory = '/tmp'",
        "CREATE TABLE t AS SELECT * FROM text",
        "CREATE TABLE t (",
    ],
)
def test_a_script_has_no_door_to_the_outside(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(duckdb.Error), run_script(text.format(file=file)):
        pass
    assert list(tmp_path.iterdir()) == [file]


def test_tables_are_found_by_the_name_people_type() -> None:
    with run_script('CREATE TABLE "بیماران" ("کد" VARCHAR, b INTEGER); CREATE VIEW v AS SELECT 1') as script:
        table = script.table("d.t", "بيماران")
        assert table is not None
        assert table.columns == ("کد", "b")
        assert script.rows(table).schema.names == ["c0", "c1"]
        assert script.table("d.v", "v") is None


def test_two_tables_that_look_alike_are_refused() -> None:
    with (
        run_script('CREATE TABLE "بیماران" (a INT); CREATE TABLE "بيماران" (a INT)') as script,
        pytest.raises(Refused) as refused,
    ):
        script.table("d.t", "بیماران")
    assert refused.value.detail == {"place": "d.t", "why": "tables_fold_alike"}


def test_a_script_that_leaves_another_schema_selected_is_read_all_the_same() -> None:
    with run_script("CREATE TABLE t (a INT); CREATE SCHEMA s; USE s; CREATE TABLE u (a INT)") as script:
        assert [t.name for t in script.tables] == ["t"]
