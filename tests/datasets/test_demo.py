"""The demo data: invented values that hold their checksums, a recipe that repeats itself, and the real files, once."""

from __future__ import annotations

import csv
import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from access_broker.adapters.scenario_file import read_scenario
from access_broker.domain.contracts import AnswerMode, Contract
from access_broker.domain.datasets import DataClass, Mode, RareValues
from access_broker.domain.identifiers import is_mobile, is_national_id
from access_broker.domain.people import SEATS, Committee, Role
from access_broker.use_cases.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "datasets/demo"
PEOPLE = 299_285


@pytest.fixture(scope="module")
def recipe() -> Iterator[dict[str, ModuleType]]:
    """The recipe's modules, as they are found when prepare.py runs as a script."""
    sys.path.insert(0, str(DEMO))
    names = ("synthetic", "sdist", "census", "prepare")
    yield {name: importlib.import_module(name) for name in names}
    sys.path.remove(str(DEMO))
    for name in names:
        del sys.modules[name]


@pytest.fixture(scope="module")
def synthetic(recipe: dict[str, ModuleType]) -> ModuleType:
    return recipe["synthetic"]


def test_national_ids_are_valid_and_nobody_shares_one(synthetic: ModuleType) -> None:
    ids = [synthetic.national_id(person) for person in range(20_000)]
    assert all(map(is_national_id, ids))
    assert len(set(ids)) == len(ids)


def test_numbers_and_names_are_well_formed(synthetic: ModuleType) -> None:
    assert all(is_mobile(synthetic.mobile(person)) for person in range(5000))
    women = {synthetic.full_name(person, "Female").split()[0] for person in range(500)}
    men = {synthetic.full_name(person, "Male").split()[0] for person in range(500)}
    assert women
    assert not women & men


def test_the_same_person_is_invented_alike_every_time(synthetic: ModuleType) -> None:
    invented = (synthetic.national_id(7), synthetic.full_name(7, "Male"), synthetic.mobile(7))
    assert invented == ("3629995306", "حمید صادقی", "09155849464")
    assert synthetic.national_id(7, "another seed") != invented[0]


def test_people_live_where_people_live(synthetic: ModuleType) -> None:
    provinces = synthetic.Provinces(DEMO / "provinces.csv")
    homes = [provinces.of(person) for person in range(20_000)]
    assert set(homes) == set(provinces.names)
    assert homes.count("Tehran") / len(homes) == pytest.approx(13_267_637 / 79_926_270, abs=0.01)


def test_benefits_are_within_their_bounds(synthetic: ModuleType) -> None:
    rows = [row for person in range(5000) for row in synthetic.benefits(person)]
    assert {month for _, month, _ in rows} == {f"1404-{month:02d}" for month in range(1, 13)}
    assert all(500 <= amount < 8000 for _, _, amount in rows)
    assert max(len(synthetic.benefits(person)) for person in range(200)) == 3


def test_the_provinces_add_up_to_the_census() -> None:
    with (DEMO / "provinces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["province"] for row in rows}) == len({row["province_fa"] for row in rows}) == 31
    assert sum(int(row["population"]) for row in rows) == 79_926_270
    assert all(int(row["male"]) + int(row["female"]) == int(row["population"]) for row in rows)


def test_identities_go_in_front_of_the_facts(recipe: dict[str, ModuleType]) -> None:
    provinces = recipe["synthetic"].Provinces(DEMO / "provinces.csv")
    facts = pa.table({"sex": ["Female", "Male"], "age": [30, 40]})
    people = recipe["prepare"].with_identities(facts, 100, provinces)
    assert people.column_names == ["national_id", "full_name", "phone", "province", "sex", "age"]
    assert people["national_id"].to_pylist() == [recipe["synthetic"].national_id(n) for n in (100, 101)]
    benefits = recipe["prepare"].benefits_of(people["national_id"].to_pylist(), 100)
    assert set(benefits["national_id"].to_pylist()) <= set(people["national_id"].to_pylist())


def test_without_a_registry_it_says_so_in_both_languages(
    recipe: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        sys, "argv", ["prepare.py", "--data", str(tmp_path / "data"), "--cache", str(tmp_path / "cache")]
    )
    assert recipe["prepare"].main() == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "could not be fetched" in said
    assert "دریافت نشد" in said
    assert not recipe["prepare"].is_prepared(tmp_path / "data")
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_archive_that_is_not_the_pinned_one_is_not_whole(recipe: dict[str, ModuleType], tmp_path: Path) -> None:
    (tmp_path / recipe["sdist"].FILE).write_bytes(b"something else")
    assert not recipe["sdist"].is_whole(tmp_path / recipe["sdist"].FILE)


@pytest.fixture(scope="module")
def prepared(recipe: dict[str, ModuleType]) -> Path:
    """The real thing, through pip. Kept in .cache/, so that only a new recipe makes the next run wait."""
    data = ROOT / ".cache/demo-data"
    recipe["prepare"].prepare(data, ROOT / ".cache", Console(stderr=True, quiet=True))
    return data


def test_everybody_of_the_census_is_there(prepared: Path) -> None:
    citizens = pq.read_table(prepared / "citizens.parquet")
    assert citizens.num_rows == pc.count_distinct(citizens["national_id"]).as_py() == PEOPLE
    assert all(map(is_national_id, citizens["national_id"].to_pylist()))
    assert pc.sum(citizens["income_over_50k"]).as_py() == 18_568
    assert pc.sum(pc.equal(citizens["country_of_birth"], "Iran")).as_py() == 223
    assert pc.count_distinct(citizens["education"]).as_py() == 17
    assert pc.min(citizens["wage_per_hour"]).as_py() > 0
    assert "?" not in citizens["previous_state"].to_pylist()


def test_a_second_run_only_compares(recipe: dict[str, ModuleType], prepared: Path, tmp_path: Path) -> None:
    recipe["prepare"].prepare(prepared, tmp_path / "no-cache", Console(stderr=True, quiet=True))
    assert not (tmp_path / "no-cache").exists()


def test_an_altered_file_is_noticed(recipe: dict[str, ModuleType], prepared: Path, tmp_path: Path) -> None:
    for file in prepared.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert recipe["prepare"].is_prepared(tmp_path)
    with (tmp_path / "benefits.parquet").open("ab") as file:
        file.write(b"x")
    assert not recipe["prepare"].is_prepared(tmp_path)


@pytest.fixture(scope="module")
def scenario(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "data").symlink_to(prepared)
    (folder / "provinces.csv").symlink_to(DEMO / "provinces.csv")
    return read_scenario((DEMO / "scenario.yaml").read_text("utf-8"), folder, datetime.now(UTC))


def contract_of(scenario: Scenario, id: str) -> Contract:
    return next(planned.contract for planned in scenario.contracts if planned.contract.id == id)


def test_the_scenario_describes_every_column_of_its_files(scenario: Scenario, prepared: Path) -> None:
    social = next(dataset for dataset in scenario.datasets if dataset.id == "social")
    for table in social.tables:
        columns = set(pq.read_schema(prepared / f"{table.id}.parquet").names)
        assert {column.name for column in table.columns} == columns
        assert all(column.title_en and column.title_fa for column in table.columns)


def test_what_is_invented_says_so(scenario: Scenario) -> None:
    social = next(dataset for dataset in scenario.datasets if dataset.id == "social")
    invented = {f"citizens.{name}" for name in ("national_id", "full_name", "phone", "province")}
    assert set(social.synthetic) == invented | {f"benefits.{c.id}" for c in social.tables[1].columns}


def test_there_are_people_for_every_role_and_seat(scenario: Scenario) -> None:
    assert {role for person in scenario.people for role in person.roles} == set(Role)
    for committee, count in SEATS.items():
        assert sorted(seat.number for seat in scenario.seats if seat.committee is committee) == list(
            range(1, count + 1)
        )
    assert len({seat.person for seat in scenario.seats}) == sum(SEATS.values())


def test_the_contract_in_force_shows_no_person(scenario: Scenario) -> None:
    contract = contract_of(scenario, "support-1")
    social = next(dataset for dataset in scenario.datasets if dataset.id == "social")
    modes = {c.column: c.mode for grant in contract.scope if grant.dataset == "social" for c in grant.columns}
    direct = {c.id for table in social.tables for c in table.columns if c.data_class is DataClass.DIRECT_IDENTIFIER}
    assert set(modes.values()) == {Mode.JOIN, Mode.DIMENSION, Mode.AGGREGATE}
    assert {column for column in modes if column in direct} == {"national_id"}
    assert (contract.terms.answer_mode, contract.terms.rare_values) == (AnswerMode.ROUNDED, RareValues.GENERALISE)


def test_one_contract_waits_for_its_second_key(scenario: Scenario) -> None:
    committees = {c.id: {a.committee for a in c.approvals} for c in (p.contract for p in scenario.contracts)}
    assert committees["support-1"] == committees["open-1"] == set(Committee)
    assert committees["youth-1"] == {Committee.MONITORING}
