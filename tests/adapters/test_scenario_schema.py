"""The published schema: valid, current, and in step with the reader and its sentences."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from jsonschema import Draft202012Validator

from access_broker.adapters.scenario.document import read_document
from access_broker.adapters.scenario.faults import Faults
from access_broker.adapters.scenario.messages import SHAPE
from access_broker.adapters.scenario.messages_meaning import MEANING
from access_broker.adapters.scenario.schema import scenario_schema, schema_text
from access_broker.adapters.scenario_file import read_scenario
from access_broker.domain.contracts import AnswerMode, Differencing, Mode, RareValues
from tests.adapters.scenario.world import GOOD

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("tests/corpus/scenario.yaml", "datasets/demo/scenario.yaml")
SOURCE = "".join(path.read_text("utf-8") for path in (ROOT / "access_broker/adapters/scenario").glob("*.py"))


def test_the_schema_is_valid_json_schema() -> None:
    Draft202012Validator.check_schema(scenario_schema())


def test_the_published_schema_is_current() -> None:
    published = (ROOT / "docs/scenario.schema.json").read_text("utf-8")
    stale = "docs/scenario.schema.json is stale: print access_broker.adapters.scenario.schema into it"
    assert published == schema_text(), stale


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_files_fit_the_published_schema(name: str) -> None:
    schema = json.loads((ROOT / "docs/scenario.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(read_document((ROOT / name).read_text("utf-8"), Faults()))


def test_every_sentence_is_used() -> None:
    assert not set(SHAPE) & set(MEANING)
    for code in SHAPE | MEANING:
        assert SOURCE.count(f'"{code}"') >= 2, f"{code} has a sentence and nobody says it"


@pytest.mark.parametrize("code", [*SHAPE, *MEANING])
def test_both_languages_say_the_same_things(code: str) -> None:
    english, persian = (
        {field for _, field, _, _ in Formatter().parse(text) if field} for text in (SHAPE | MEANING)[code]
    )
    assert {field.removesuffix("_fa") for field in persian} <= {field.removesuffix("_fa") for field in english}


def test_the_corpus_has_the_contracts_its_queries_name() -> None:
    folder = ROOT / "tests/corpus"
    scenario = read_scenario((folder / "scenario.yaml").read_text("utf-8"), folder, datetime.now(UTC))
    contracts = {planned.contract.id: planned.contract for planned in scenario.contracts}
    corpora = (folder / "attacks.jsonl").read_text("utf-8") + (folder / "legit.jsonl").read_text("utf-8")
    lines = [line for line in corpora.split("\n") if line]  # not splitlines: the statements hold U+2028 too
    assert {json.loads(line)["policy_context"] for line in lines} <= set(contracts)
    assert list(contracts) == ["P1", "P1s", "P1r", "P1n", "P2", "P3", "P4", "P5"]
    assert all(contract.people == contract.acknowledged == ("analyst",) for contract in contracts.values())
    assert len({(contract.executor, contract.problem) for contract in contracts.values()}) == 1
    exact = {id for id, c in contracts.items() if c.terms.answer_mode is AnswerMode.EXACT}
    assert exact == {"P1", "P1s", "P2", "P3", "P4", "P5"}
    assert {c.terms.rare_values for c in contracts.values()} == {RareValues.KEEP}
    assert (contracts["P1s"].terms.differencing, contracts["P1"].terms.differencing) == (
        Differencing.REFUSE,
        Differencing.OFF,
    )


def test_the_corpus_grants_what_its_policy_says() -> None:
    folder = ROOT / "tests/corpus"
    scenario = read_scenario((folder / "scenario.yaml").read_text("utf-8"), folder, datetime.now(UTC))
    policy = json.loads((folder / "sample_policy.json").read_text("utf-8"))["contexts"]
    granted = {planned.contract.id: planned.contract.scope for planned in scenario.contracts}
    for contract, said in (("P1", policy["P1"]["columns"]), ("P3", {"citizens": policy["P3"]["columns"]["citizens"]})):
        for table, columns in said.items():
            modes = {
                c.column: c.mode.value for grant in granted[contract] if grant.table == table for c in grant.columns
            }
            wanted = {name: mode if isinstance(mode, str) else "mask" for name, mode in columns.items()}
            assert modes == {name: mode for name, mode in wanted.items() if mode != Mode.DENY}
    assert [grant.table for grant in granted["P2"]] == ["provinces"]
    assert "disease" not in {column.column for column in granted["P5"][0].columns}


def test_the_small_scenario_of_these_tests_fits_too() -> None:
    Draft202012Validator(scenario_schema()).validate(read_document(GOOD, Faults()))
