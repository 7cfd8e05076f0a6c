from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import TableGrant
from access_broker.domain.datasets import MaskTemplate, Mode, RareValues, Source, SourceKind
from access_broker.domain.decisions import Refused
from access_broker.publish.build import TableReport
from access_broker.publish.sources import digest_of
from tests.publish.world import (
    SAMPLE,
    STARS,
    TOKEN,
    Press,
    ask,
    contract,
    csv,
    dataset,
    grant,
    sample,
    sample_p1,
    sample_p3,
    source,
    table,
)

PEOPLE = table("people", "id name town born", "id")


def people(tmp_path: Path, *rows: str) -> Source:
    return csv(tmp_path / "people.csv", "id,name,town,born\n" + "\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def p1(tmp_path_factory: pytest.TempPathFactory) -> tuple[Press, Publication]:
    """The sample contract as version 7, for tests that only look at it."""
    press = Press(tmp_path_factory.mktemp("p1") / "press")
    return press, press.publish(sample_p1(), sample(), previous=6)


def test_the_sample_contract_answers_exactly_what_the_source_does(p1: tuple[Press, Publication]) -> None:
    press, made = p1
    with duckdb.connect() as raw:
        raw.execute(SAMPLE.read_text())
        for ours, theirs in (
            (
                "SELECT birth_date, gender, province, city, income, disease FROM t1",
                "SELECT date_trunc('year', birth_date)::DATE, gender, province, city, income, disease FROM citizens",
            ),
            ("SELECT visit_date, clinic, cost FROM t2", "SELECT visit_date, clinic, cost FROM visits"),
            ("SELECT * FROM t3", "SELECT * FROM provinces"),
            (
                "SELECT disease, count(DISTINCT t1.__ek), sum(cost) FROM t1 JOIN t2 USING (national_id) GROUP BY 1",
                "SELECT disease, count(DISTINCT national_id), sum(cost) FROM citizens JOIN visits USING (national_id) "
                "GROUP BY 1",
            ),
        ):
            assert ask(made, f"{ours} ORDER BY ALL") == raw.execute(f"{theirs} ORDER BY ALL").fetchall()
    assert press.report == (
        TableReport("d.citizens", 5032, unique=True, unique_columns=frozenset({"national_id"})),
        TableReport("d.visits", 12667, unique=False),
        TableReport("d.provinces", 8, unique=False, unique_columns=frozenset({"province", "population"})),
    )


def test_the_catalogue_says_where_everything_stands(p1: tuple[Press, Publication]) -> None:
    press, made = p1
    assert (made.contract, made.version) == ("P1", 7)
    assert made.path == str(press.directory / "P1-7.duckdb")
    assert made.sha256 == digest_of(made.path)
    citizens, visits, provinces = made.catalogue.tables
    assert [(c.id, c.type, c.mode.value) for c in citizens.columns] == [
        ("national_id", "BIGINT", "join"),
        ("birth_date", "DATE", "mask"),
        ("gender", "VARCHAR", "dimension"),
        ("province", "VARCHAR", "dimension"),
        ("city", "VARCHAR", "dimension"),
        ("income", "DECIMAL(12,2)", "aggregate"),
        ("disease", "VARCHAR", "dimension"),
    ]
    assert (citizens.physical, citizens.entity, citizens.entity_physical) == ("t1", "national_id", "__ek")
    assert (citizens.entity_unique, citizens.rows) == (True, 5032)
    assert (visits.entity_unique, visits.rows) == (False, 12667)
    assert (provinces.entity, provinces.entity_physical, provinces.entity_unique) == (None, None, False)
    assert made.catalogue.joins == {
        frozenset({"d.citizens.national_id", "d.visits.national_id"}),
        frozenset({"d.citizens.province", "d.provinces.province"}),
    }


def test_a_row_level_contract_sees_filtered_rows_through_masks(press: Press) -> None:
    made = press.publish(sample_p3(), sample())
    assert ask(made, "SELECT DISTINCT province, full_name FROM t1") == [("Santiago", "***")]
    assert ask(made, "SELECT count(*), count(DISTINCT national_id), count(DISTINCT __ek) FROM t1") == [(707, 707, 707)]
    with duckdb.connect() as raw:
        raw.execute(SAMPLE.read_text())
        theirs = (
            "SELECT date_trunc('year', birth_date)::DATE, city, floor(income / 10000) * 10000 FROM citizens "
            "WHERE province = 'Santiago' ORDER BY ALL"
        )
        assert ask(made, "SELECT birth_date, city, income FROM t1 ORDER BY ALL") == raw.execute(theirs).fetchall()
    assert {c.id for c in made.catalogue.tables[0].columns}.isdisjoint({"disease"})


def test_what_is_masked_may_still_choose_the_rows(press: Press, tmp_path: Path) -> None:
    registered = people(tmp_path, "1,Ana,Qom,1990-05-01", "2,Luis,Ray,1980-01-01")
    described = dataset(registered, tables=(PEOPLE,))
    scope = contract(grant("people", "name = 'Ana' AND id = 1", name=STARS))
    made = press.publish(scope, described)
    assert ask(made, "SELECT name FROM t1") == [("***",)]


CANARIES = {c: [f"canary{c}{i:03d}leaks" for i in range(40)] for c in ("id", "name", "town", "code")}


def canary_source(tmp_path: Path, kind: SourceKind) -> Source:
    rows = [(*(CANARIES[c][i] for c in CANARIES), i % 3) for i in range(40)]
    if kind is SourceKind.CSV:
        lines = [",".join(map(str, row)) for row in [(*CANARIES, "n"), *rows]]
        return csv(tmp_path / "people.csv", "\n".join(lines) + "\n")
    script = (
        f"CREATE TYPE codes AS ENUM ({', '.join(map(repr, CANARIES['code']))});"
        "CREATE TABLE people (id VARCHAR, name VARCHAR, town VARCHAR, code codes, n INT);"
        f"INSERT INTO people VALUES {', '.join(map(str, rows))};"
    )
    (tmp_path / "people.sql").write_text(script)
    if kind is SourceKind.SQL:
        return source(tmp_path / "people.sql", kind)
    with duckdb.connect() as con:
        con.execute(f"{script} COPY people TO '{tmp_path}/people.parquet'")
    return source(tmp_path / "people.parquet", kind, "people")


def found(path: str) -> dict[str, int]:
    """How many canaries of each column stand in the bytes of the file."""
    content = Path(path).read_bytes()
    return {column: sum(v.encode() in content for v in values) for column, values in CANARIES.items()}


@pytest.mark.parametrize("kind", list(SourceKind))
def test_no_value_that_was_not_granted_is_anywhere_in_the_file(press: Press, tmp_path: Path, kind: SourceKind) -> None:
    columns = table("people", "id name town code n", "id")
    described = dataset(canary_source(tmp_path, kind), tables=(columns,))
    everything = contract(grant("people", id="raw", name="raw", town="raw", code="raw"), id="all")
    assert found(press.publish(everything, described).path) == dict.fromkeys(CANARIES, 40)  # else the search is blind

    scope = contract(
        grant("people", f"code = '{CANARIES['code'][7]}'", id="join", name=STARS, town="deny", code="dimension"),
        id="few",
    )
    assert found(press.publish(scope, described).path) == {"id": 0, "name": 0, "town": 0, "code": 1}

    rare = contract(grant("people", id=TOKEN, town="dimension", n="dimension"), id="rare", rare=RareValues.GENERALISE)
    made = press.publish(rare, described)
    assert found(made.path) == dict.fromkeys(CANARIES, 0)
    assert ask(made, "SELECT town, count(*) FROM t1 GROUP BY 1") == [("other", 40)]

    dropped = contract(grant("people", name="dimension", n="dimension"), id="dropped", rare=RareValues.DROP)
    assert found(press.publish(dropped, described).path) == dict.fromkeys(CANARIES, 0)
    left_over = [
        p for p in press.root.rglob("*") if p.is_file() and b"canary" in p.read_bytes() and "all" not in p.name
    ]
    assert [p.name for p in left_over] == ["few-1.duckdb"]


def test_neither_names_nor_secrets_of_the_making_are_in_the_file(press: Press) -> None:
    made = press.publish(sample_p3(), sample())
    content = Path(made.path).read_bytes()
    secret = press.secret_of("P3")
    for forbidden in (
        secret,
        secret.hex().encode(),
        b"sample_schema",
        b"citizens",
        b"health",
        b"Zoila",
        b"getvariable",
    ):
        assert forbidden not in content


def test_every_protected_table_has_the_entity_even_when_its_column_is_not_granted(press: Press) -> None:
    scope = contract(grant("citizens", gender="dimension"), grant("visits", national_id=TOKEN, cost="aggregate"))
    made = press.publish(scope, sample())
    assert [[c.id for c in t.columns] for t in made.catalogue.tables] == [["gender"], ["national_id", "cost"]]
    assert ask(made, "SELECT count(DISTINCT __ek) FROM t1") == [(5032,)]
    both = "SELECT count(DISTINCT __ek) FROM t1 JOIN t2 USING (__ek)"
    with duckdb.connect() as raw:
        raw.execute(SAMPLE.read_text())
        expected = raw.execute("SELECT count(DISTINCT national_id) FROM citizens JOIN visits USING (national_id)")
        assert ask(made, both) == expected.fetchall()


def test_a_column_that_shares_the_people_is_numbered_like_them(press: Press, tmp_path: Path) -> None:
    columns = table("people", "id boss town", "id")
    towns = table("towns", "town mayor")
    described = dataset(
        csv(tmp_path / "p.csv", "id,boss,town\na,b,05\nb,,05\nc,b,12\n"),
        csv(tmp_path / "t.csv", "town,mayor\n05,a\n12,nobody here\n", "towns"),
        tables=(columns, towns),
        joins="people.boss=people.id towns.mayor=people.id people.town=towns.town",
    )
    scope = contract(grant("people", id="join", boss="join", town="join"), grant("towns", town="join", mayor="join"))
    made = press.publish(scope, described)
    number = dict(ask(made, "SELECT town || coalesce(boss::VARCHAR, ''), id FROM t1"))
    b = next(id for key, id in number.items() if key == "05")
    assert set(number) == {"05", f"05{b}", f"12{b}"}
    assert ask(made, "SELECT count(*) FROM t2 JOIN t1 ON mayor = id WHERE t1.town = t2.town") == [(1,)]
    assert [c.type for t in made.catalogue.tables for c in t.columns] == [
        "BIGINT",
        "BIGINT",
        "VARCHAR",
        "VARCHAR",
        "BIGINT",
    ]
    assert "__ek" not in dict(ask(made, "SELECT column_name, 1 FROM duckdb_columns() WHERE table_name = 't2'"))


def test_rows_that_name_nobody_stay_out_and_are_counted(press: Press, tmp_path: Path) -> None:
    registered = people(
        tmp_path, "1,Ana,Qom,1990-05-01", ",Luis,Ray,1980-01-01", " ,Eva,Qom,1970-01-01", "2,A,Qom,1971-01-01"
    )
    made = press.publish(contract(grant("people", town="dimension")), dataset(registered, tables=(PEOPLE,)))
    assert ask(made, "SELECT count(*), count(__ek) FROM t1") == [(2, 2)]
    assert press.report == (TableReport("d.people", 2, unique=True, without_entity=2),)


def test_the_order_of_the_source_is_lost(p1: tuple[Press, Publication]) -> None:
    _, made = p1
    assert ask(made, "SELECT __ek FROM t1 LIMIT 5") == [(1,), (2,), (3,), (4,), (5,)]
    with duckdb.connect() as raw:
        raw.execute(SAMPLE.read_text())
        first = raw.execute("SELECT income FROM citizens LIMIT 50").fetchall()
        provinces = raw.execute("SELECT province FROM provinces").fetchall()
    assert ask(made, "SELECT income FROM t1 LIMIT 50") != first
    assert ask(made, "SELECT province FROM t3") != provinces


def test_numbers_and_tokens_are_stable_in_a_contract_and_unlinkable_between_two(press: Press) -> None:
    scope = grant("citizens", national_id=TOKEN, income="raw", full_name="raw")
    sql = "SELECT full_name || coalesce(income::VARCHAR, ''), national_id, __ek FROM t1"
    first = {row[0]: row[1:] for row in ask(press.publish(contract(scope), sample()), sql)}
    again = {row[0]: row[1:] for row in ask(press.publish(contract(scope), sample(), previous=1), sql)}
    other = {row[0]: row[1:] for row in ask(press.publish(contract(scope, id="P2"), sample()), sql)}
    assert first == again
    assert {t for t, _ in first.values()}.isdisjoint(t for t, _ in other.values())
    assert sum(first[key][1] == other[key][1] for key in first) < 20


def test_rare_values_go_by_the_terms_of_the_contract(press: Press) -> None:
    towns = "SELECT province, count(*) FROM t1 WHERE province IN ('Pedernales', 'other') GROUP BY 1"
    keep, generalise, drop = (
        press.publish(sample_p1(id=f"P{i}", rare=policy), sample())
        for i, policy in enumerate((RareValues.KEEP, RareValues.GENERALISE, RareValues.DROP))
    )
    assert ask(keep, towns) == [("Pedernales", 2)]
    assert ask(generalise, towns) == []  # two people are no crowd as `other` either
    assert ask(drop, towns) == []
    for made in (generalise, drop):
        for t in made.catalogue.tables[:2]:
            for c in t.columns:
                if c.mode in (Mode.DIMENSION, Mode.MASK):
                    rare = f"SELECT {c.id} FROM {t.physical} GROUP BY 1 HAVING count(DISTINCT __ek) < 10"
                    assert ask(made, rare) == []
        assert made.catalogue.tables[2].rows == 8  # open tables stay whole
    assert ask(generalise, "SELECT clinic FROM t2 WHERE clinic IN ('Clinic Y', 'Clinic Z')") == []


def test_dominant_figures_go_by_the_terms_of_the_contract(press: Press) -> None:
    """One of fifteen people holds nearly all the income of a town: afterwards ten share the highest figure there is."""
    model = sample_p1(rare=RareValues.KEEP)
    as_it_is = press.publish(replace(model, id="P0"), sample())
    terms = replace(model.terms, top_code=True)
    made = press.publish(replace(model, id="P1", terms=terms), sample())
    top = "SELECT max(income), count(*) FILTER (WHERE income = (SELECT max(income) FROM t1)) FROM t1"
    assert ask(as_it_is, top) == [(9_500_000, 1)]
    ((highest, people),) = ask(made, top)
    assert (highest < 100_000, people) == (True, 10)
    assert ask(made, "SELECT count(*) FROM t1 WHERE income IS NULL") == ask(as_it_is, "SELECT 51")
    assert [r.capped > 0 for r in press.report] == [True, True, False]  # open tables stay whole
    assert ask(made, "SELECT visit_date, clinic FROM t2 ORDER BY ALL") == ask(
        as_it_is, "SELECT visit_date, clinic FROM t2 ORDER BY ALL"
    )


def test_persian_names_and_values(press: Press, tmp_path: Path) -> None:
    columns = table("people", "id town", "id", id="کد ملی", town="استان")
    text = "کد ملي,استان\n" + "".join(f"{i:010d},{'تهران' if i % 2 else 'کهگیلویه و بویراحمد'}\n" for i in range(40))
    described = dataset(csv(tmp_path / "p.csv", text), tables=(columns,))
    made = press.publish(contract(grant("people", "استان LIKE 'ته%'", id="join", town="dimension")), described)
    assert ask(made, "SELECT town, count(*) FROM t1 GROUP BY 1") == [("تهران", 20)]
    assert [c.name for c in made.catalogue.tables[0].columns] == ["کد ملی", "استان"]


@pytest.mark.parametrize(
    ("change", "code"), [("missing", "SOURCE_CHANGED"), ("altered", "SOURCE_CHANGED"), ("column", "INVALID")]
)
def test_nothing_is_left_of_a_build_that_was_refused(press: Press, tmp_path: Path, change: str, code: str) -> None:
    registered = people(tmp_path, "1,Ana,Qom,1990-05-01")
    file = tmp_path / "people.csv"
    if change == "missing":
        file.unlink()
    elif change == "altered":
        file.write_text(file.read_text() + "2,Eva,Ray,1990-01-01\n")
    columns = table("people", "id name town born shoe_size", "id") if change == "column" else PEOPLE
    with pytest.raises(Refused) as refused:
        press.publish(contract(grant("people", town="raw")), dataset(registered, tables=(columns,)))
    assert refused.value.reason.code == code
    assert str(tmp_path) not in str(refused.value.detail)
    assert press.files() == []
    assert [p for p in press.private.rglob("*") if p.is_file()] == []


def test_a_source_that_changes_during_the_build_is_not_published(press: Press, tmp_path: Path) -> None:
    described = dataset(people(tmp_path, "1,Ana,Qom,1990-05-01"), tables=(PEOPLE,))
    file = tmp_path / "people.csv"
    press.steps = ActAt("table", lambda: file.write_text("id,name,town,born\n"))
    with pytest.raises(Refused) as refused:
        press.publish(contract(grant("people", town="raw")), described)
    assert refused.value.detail == {"source": "people.csv", "why": "while_reading"}
    assert press.files() == []


class ActAt(list[tuple[str, int, int]]):
    """Steps that do something when one of them is reached."""

    def __init__(self, step: str, act: Callable[[], object]) -> None:
        super().__init__()
        self._step, self._act = step, act

    def append(self, step: tuple[str, int, int]) -> None:
        if step[0] == self._step:
            self._act()
        super().append(step)


@pytest.mark.parametrize(
    ("scope", "place", "why"),
    [
        (grant("people", "born > 'yesterday'", town="raw"), "d.people", "values_do_not_fit"),
        (grant("people", "lower(town) = 'x'", town="raw"), "d.people.row_filter", "row_filter_not_allowed"),
        (grant("people", town=MaskTemplate("band", (("width", 5),))), "d.people.town", "mask_type"),
        (grant("people", town="raw", shoe_size="raw"), "d.people.shoe_size", "not_described"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    press: Press, tmp_path: Path, scope: TableGrant, place: str, why: str
) -> None:
    described = dataset(people(tmp_path, "1,Ana,Qom,1990-05-01"), tables=(PEOPLE,))
    with pytest.raises(Refused) as refused:
        press.publish(contract(scope), described)
    assert (refused.value.reason.code, refused.value.detail) == ("INVALID", {"place": place, "why": why})


def test_only_plain_types_are_published(press: Press, tmp_path: Path) -> None:
    (tmp_path / "s.sql").write_text(
        "CREATE TABLE people AS SELECT 1 AS id, [1, 2] AS list, uuid() AS key, 1::HUGEINT AS big, "
        "TIMESTAMPTZ '2024-01-01 23:30:00+00' AS seen, 'x'::ENUM('x', 'y') AS kind"
    )
    columns = table("people", "id list key big seen kind", "id")
    described = dataset(source(tmp_path / "s.sql", SourceKind.SQL), tables=(columns,))
    made = press.publish(contract(grant("people", id="raw", key="raw", big="raw", seen="raw", kind="raw")), described)
    assert [c.type for c in made.catalogue.tables[0].columns] == [
        "INTEGER",
        "VARCHAR",
        "DECIMAL(38,0)",
        "TIMESTAMP",
        "VARCHAR",
    ]
    day = contract(grant("people", seen=MaskTemplate("date", (("to", "month"),))), id="P2")
    assert ask(press.publish(day, described), "SELECT seen FROM t1") == [(date(2024, 1, 1),)]
    with pytest.raises(Refused) as refused:
        press.publish(contract(grant("people", list="raw"), id="P3"), described)
    assert refused.value.detail == {"place": "d.people.list", "why": "type_not_published"}


def test_what_has_no_end_is_nobodys_value(press: Press, tmp_path: Path) -> None:
    """In a sum it would be the sum, and whoever has it would be seen in every group they are in."""
    (tmp_path / "s.sql").write_text(
        "CREATE TABLE people AS SELECT * FROM (VALUES (1, 'nan'::DOUBLE, 'infinity'::DATE, 'inf'::FLOAT),"
        " (3, NULL, '20000-01-01'::DATE, NULL),"
        " (2, 5, DATE '2024-05-06', 7)) t(id, paid, seen, held); CREATE TABLE towns AS SELECT 'inf'::DOUBLE AS size"
    )
    tables = (table("people", "id paid seen held", "id"), table("towns", "size"))
    described = dataset(source(tmp_path / "s.sql", SourceKind.SQL), tables=tables)
    month = MaskTemplate("date", (("to", "month"),))
    lent = contract(grant("people", paid="aggregate", seen=month, held="dimension"), grant("towns", size="raw"))
    made = press.publish(lent, described)
    assert ask(made, "SELECT paid, seen, held FROM t1 ORDER BY paid") == [
        (5.0, date(2024, 5, 1), 7.0),
        (None, None, None),
        (None, None, None),
    ]
    assert ask(made, "SELECT size FROM t2") == [(float("inf"),)]


def test_a_contract_id_that_is_a_path_is_refused_before_anything_is_touched(press: Press) -> None:
    with pytest.raises(Refused):
        press.publish(sample_p1(id="../P1"), sample())
    assert not press.root.exists()


def test_column_ids_may_be_words_of_the_language(press: Press, tmp_path: Path) -> None:
    columns = table("select", "order group table", "order")
    described = dataset(csv(tmp_path / "s.csv", "order,group,table\n1,a,b\n", "select"), tables=(columns,))
    scope = grant("select", '"order" = 1', order="dimension", group="dimension", table="dimension")
    assert ask(press.publish(contract(scope), described), 'SELECT "order", "group", "table" FROM t1') == [(1, "a", "b")]


def test_progress_is_told_in_order(p1: tuple[Press, Publication]) -> None:
    assert p1[0].steps == [
        ("source", 0, 1),
        ("entities", 0, 1),
        ("table", 0, 3),
        ("table", 1, 3),
        ("table", 2, 3),
        ("seal", 0, 1),
        ("seal", 1, 1),
    ]


def test_the_file_is_read_only_and_alone(p1: tuple[Press, Publication]) -> None:
    press, made = p1
    assert os.stat(made.path).st_mode & 0o7777 == 0o400
    assert press.files() == ["P1-7.duckdb"]
    assert press.private.stat().st_mode & 0o777 == 0o700
    assert sorted(p.name for p in press.private.rglob("*")) == ["entities-P1.duckdb", "workshops"]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.publish.world import Press, sample, sample_p1

class Killing(list):
    def append(self, step):
        if step == ("table", 2, 3):
            os.kill(os.getpid(), signal.SIGKILL)

press = Press(Path(sys.argv[1]))
press.steps = Killing()
press.publish(sample_p1(), sample())
"""


def test_a_killed_build_leaves_nothing_that_the_next_does_not_clear(press: Press) -> None:
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, str(press.root)], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert press.files()
    assert all(name.startswith(".building/") for name in press.files())
    made = press.publish(sample_p1(), sample())
    assert press.files() == ["P1-1.duckdb"]
    assert list((press.private / "workshops").iterdir()) == []
    assert made.catalogue.tables[0].rows == 5032
