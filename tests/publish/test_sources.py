from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from access_broker.domain.datasets import Dataset, Source, SourceKind, Table
from access_broker.domain.decisions import Refused
from access_broker.publish.sources import digest_of, load_tables, seal
from tests.publish.world import csv, dataset, source, table

PEOPLE = table("people", "id name", id="کد ملی", name="نام")


def loaded(tmp_path: Path, described: Dataset, *wanted: Table) -> list[list[tuple[object, ...]]]:
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    with duckdb.connect() as con:
        load_tables(con, described, {f"s{i}": t for i, t in enumerate(wanted)}, work)
        return [con.execute(f"FROM s{i}").fetchall() for i in range(len(wanted))]


def refusal(tmp_path: Path, described: Dataset, *wanted: Table) -> dict[str, object]:
    with pytest.raises(Refused) as refused:
        loaded(tmp_path, described, *wanted)
    return {"code": refused.value.reason.code, "rule": refused.value.reason.rule, **refused.value.detail}


def parquet(path: Path, sql: str) -> Path:
    with duckdb.connect() as con:
        con.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path


def test_digest_is_sha256_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(os.urandom(3_000_000))
    assert digest_of(file) == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("change", ["altered", "missing", "directory"])
def test_another_file_than_the_registered_one_is_refused_by_its_name_only(tmp_path: Path, change: str) -> None:
    described = dataset(csv(tmp_path / "people.csv", "کد ملی,نام\n1,علی\n"), tables=(PEOPLE,))
    file = tmp_path / "people.csv"
    if change == "altered":
        file.write_text("کد ملی,نام\n2,علی\n", "utf-8")
    else:
        file.unlink()
    if change == "directory":
        file.mkdir()
    why = {"altered": "digest", "missing": "missing", "directory": "unreadable"}[change]
    told = refusal(tmp_path, described, PEOPLE)
    assert told == {"code": "SOURCE_CHANGED", "rule": "S2-C3", "source": "people.csv", "why": why}


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    registered = csv(tmp_path / "people.csv", "a\n1\n")
    sealed = seal(registered)
    sealed.check_again()
    (tmp_path / "people.csv").write_text("a\n2\n3\n")
    with pytest.raises(Refused) as refused:
        sealed.check_again()
    assert refused.value.reason.code == "SOURCE_CHANGED"


def test_every_kind_gives_columns_by_id_in_the_order_of_the_description(tmp_path: Path) -> None:
    rows = [("0012345679", "علی"), ("0499370899", "زهرا")]
    text = "extra,نام,کد ملي\n" + "".join(f"x,{name},{id}\n" for id, name in rows)
    values = ", ".join(f"('x', '{name}', '{id}')" for id, name in rows)
    made = f'SELECT * FROM (VALUES {values}) AS v(extra, "نام", "کد ملي")'
    script = tmp_path / "people.sql"
    script.write_text(f"\ufeffCREATE TABLE people AS {made};", "utf-8")
    for registered in (
        csv(tmp_path / "people.csv", text),
        source(parquet(tmp_path / "people.parquet", made), SourceKind.PARQUET, "people"),
        source(script, SourceKind.SQL),
    ):
        assert loaded(tmp_path, dataset(registered, tables=(PEOPLE,)), PEOPLE) == [rows]


def test_a_file_name_is_a_name_and_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "year=2024 it's"
    folder.mkdir()
    csv(folder / "peopleA.csv", "a\n1\n")
    wanted = table("people", "a")
    registered = csv(folder / "people[A]*.csv", "a\n2\n")
    assert loaded(tmp_path, dataset(registered, tables=(wanted,)), wanted) == [[(2,)]]
    zipped = replace(registered, path=str(folder / "people.csv.gz"))
    os.rename(registered.path, zipped.path)
    assert loaded(tmp_path, dataset(zipped, tables=(wanted,)), wanted) == [[(2,)]]


def test_a_registered_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    registered = csv(tmp_path / "people.csv", "کد ملی,family\n1,علی\n")
    told = refusal(tmp_path, dataset(registered, tables=(PEOPLE,)), PEOPLE)
    assert told == {"code": "INVALID", "rule": "F-1", "place": "d.people.name", "why": "not_in_source"}


@pytest.mark.parametrize("header", ["کد ملی,نام,کد ملي", "کد ملی,نام,نام", "کد ملی,نام,Extra,EXTRA"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_two_columns_that_look_alike_are_refused(tmp_path: Path, header: str, kind: str) -> None:
    names = header.split(",")
    if kind == "csv":
        registered = csv(tmp_path / "people.csv", header + "\n" + ",".join("1" for _ in names) + "\n")
    else:
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_arrays([pa.array(["1"]) for _ in names], names=names), tmp_path / "p.parquet")
        registered = source(tmp_path / "p.parquet", SourceKind.PARQUET, "people")
    told = refusal(tmp_path, dataset(registered, tables=(PEOPLE,)), PEOPLE)
    assert told == {"code": "INVALID", "rule": "F-1", "place": "d.people", "why": "columns_fold_alike"}


def test_columns_of_a_script_that_look_alike_are_refused(tmp_path: Path) -> None:
    script = tmp_path / "s.sql"
    script.write_text('CREATE TABLE people ("کد ملی" INT, "کد ملي" INT, "نام" INT)', "utf-8")
    told = refusal(tmp_path, dataset(source(script, SourceKind.SQL), tables=(PEOPLE,)), PEOPLE)
    assert told["why"] == "columns_fold_alike"


def test_a_table_must_be_in_exactly_one_source(tmp_path: Path) -> None:
    one, two = csv(tmp_path / "a.csv", "a\n1\n"), csv(tmp_path / "b.csv", "a\n1\n")
    wanted = table("people", "a")
    other = replace(one, table="others")
    nowhere = dataset(other, tables=(wanted,))
    assert refusal(tmp_path, nowhere, wanted)["why"] == "not_in_any_source"
    twice = dataset(one, two, tables=(wanted,))
    assert refusal(tmp_path, twice, wanted)["why"] == "in_several_sources"
    assert loaded(tmp_path, dataset(other, two, tables=(wanted,)), wanted) == [[(1,)]]


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("a.csv", SourceKind.CSV, b"a\n\xff\n"),
        ("a.parquet", SourceKind.PARQUET, b"PAR1 no, not really PAR1"),
        ("a.sql", SourceKind.SQL, b"CREATE TABLE people AS SELECT secret_value FROM nowhere"),
        ("b.sql", SourceKind.SQL, b"SELECT '\xff'"),
    ],
)
def test_an_unreadable_file_is_refused_without_the_engines_words(
    tmp_path: Path, name: str, kind: SourceKind, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    registered: Source = source(tmp_path / name, kind, "people")
    wanted = table("people", "a")
    told = refusal(tmp_path, dataset(registered, tables=(wanted,)), wanted)
    assert told == {"code": "INVALID", "rule": "F-1", "place": name, "why": f"not_readable_as_{kind}"}
