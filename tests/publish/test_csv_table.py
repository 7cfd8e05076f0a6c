from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from access_broker.publish.csv_table import load_csv
from tests.publish.world import engine


def loaded(path: Path, content: str | bytes) -> tuple[list[str], list[str], list[tuple[object, ...]]]:
    """Header, types and rows."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    con = engine()
    con.execute("DROP TABLE IF EXISTS raw; DROP TABLE IF EXISTS raw_text")
    header = load_csv(con, path, "raw")
    types = [row[1] for row in con.execute("DESCRIBE raw").fetchall()]
    return header, types, con.execute("FROM raw").fetchall()


@pytest.mark.parametrize(
    ("values", "type_name"),
    [
        (["1", "-20", "0"], "BIGINT"),
        (["0012", "345"], "VARCHAR"),
        (["+98", "1"], "VARCHAR"),
        (["1234567890123456789", "1"], "VARCHAR"),
        (["1.50", "2"], "DOUBLE"),
        (["00.5"], "VARCHAR"),
        (["1e5"], "VARCHAR"),
        (["2024-02-29", "1999-12-31"], "DATE"),
        (["2024-02-30", "1999-12-31"], "VARCHAR"),
        (["2024-02-29 10:00:00", "2024-02-29T10:00:00.5"], "TIMESTAMP"),
        (["true", "False"], "BOOLEAN"),
        (["۱۲۳"], "VARCHAR"),
        (["تهران", "قم"], "VARCHAR"),
    ],
)
def test_a_type_is_given_only_where_no_character_is_lost(tmp_path: Path, values: list[str], type_name: str) -> None:
    lines = [f"{value},{i}" for i, value in enumerate(values)]
    _, types, _ = loaded(tmp_path / "a.csv", "\n".join(["v,i", *lines, ",9"]))
    assert types == [type_name, "BIGINT"]


def test_one_late_leading_zero_keeps_a_whole_column_text(tmp_path: Path) -> None:
    lines = [f"{i}" for i in range(1, 60_000)] + ["0071"]
    _, types, rows = loaded(tmp_path / "a.csv", "\n".join(["id", *lines]))
    assert types == ["VARCHAR"]
    assert rows[-1] == ("0071",)


def test_byte_order_mark_quotes_and_persian_header(tmp_path: Path) -> None:
    text = '\ufeff"کد ملی",نام\n"0012345679","علی, رضا"\n0499370899,"گفت ""بله"""\n'
    header, _, rows = loaded(tmp_path / "a.csv", text)
    assert header == ["کد ملی", "نام"]
    assert rows == [("0012345679", "علی, رضا"), ("0499370899", 'گفت "بله"')]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    text = "\r\n".join(separator.join(line) for line in (["a", "b"], ["1", "x"], ["2", "y"])) + "\r\n"
    assert loaded(tmp_path / "a.csv", text)[::2] == (["a", "b"], [(1, "x"), (2, "y")])


def test_names_that_differ_in_case_only_come_back_as_they_are(tmp_path: Path) -> None:
    header, _, rows = loaded(tmp_path / "a.csv", "Name,name,name\na,b,c\n")
    assert header == ["Name", "name", "name"]
    assert rows == [("a", "b", "c")]


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert loaded(tmp_path / "a.csv", "a,b\n") == (["a", "b"], ["VARCHAR", "VARCHAR"], [])


def test_a_quote_that_comes_late_tears_nothing(tmp_path: Path) -> None:
    lines = [f"{i},x" for i in range(50_000)] + ['7,"a, b"', '8,"c"']
    _, _, rows = loaded(tmp_path / "a.csv", "\n".join(["i,v", *lines]))
    assert rows[-2:] == [(7, "a, b"), (8, "c")]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,\xff\xfe\n",
        "a,b\n1,2\n".encode("utf-16"),
        b"a,b\n1,2,3\n4,5,6\n",
        b"a,b,c\n1,2\n",
        b"# note\na,b\n1,2\n",
        b'a,b\n1,"x\n',
        b"",
    ],
)
def test_what_is_not_utf8_csv_with_a_header_is_an_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises((duckdb.Error, csv.Error, UnicodeDecodeError)):
        loaded(tmp_path / "a.csv", content)
