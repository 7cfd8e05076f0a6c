"""What OPA itself says about the policies, and the manners that keep both engines able to read them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from access_broker.adapters.policy import policy_dir
from access_broker.adapters.policy.files import policy_files
from access_broker.domain.acts import GROUNDS, LEADS_TO, Act
from access_broker.domain.contracts import ContractState, ContractType, Level
from access_broker.domain.datasets import Mode, Sovereignty
from access_broker.domain.decisions import Reason
from access_broker.domain.exits import EXIT_KEYS, EXITS_FROM, OPEN_TO, ExitKind, ExitState, ExitStep
from access_broker.domain.footprint import Use
from access_broker.domain.reasons import REASONS
from access_broker.domain.signals import SignalKind
from access_broker.domain.suspensions import OnLapse
from access_broker.domain.violations import ViolationClass
from access_broker.use_cases.violations import BREACH, CONTRACT, LEVEL_TOO_LOW, REPETITION
from tests.policies.conftest import Facts
from tests.policies.test_parity import ENTRYPOINTS

POLICIES = policy_dir()
EVERY_FILE = sorted(POLICIES.rglob("*.rego"))
_REASON = re.compile(r'"code": "([A-Z_]+)",\s*"rule": "([^"]*)"')


def run(opa_program: Path, *arguments: str | Path) -> str:
    done = subprocess.run([opa_program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_opa_accepts_every_file(opa_program: Path) -> None:
    run(opa_program, "check", "--strict", "--schema", POLICIES / "schemas", POLICIES)


def test_opa_would_format_nothing(opa_program: Path) -> None:
    assert run(opa_program, "fmt", "--list", POLICIES) == ""


def test_every_rego_test_passes_and_covers(opa_program: Path) -> None:
    report = run(opa_program, "test", "--fail-on-empty", "--timeout=60s", "--coverage", "--threshold=95", POLICIES)
    assert json.loads(report)["coverage"] >= 95


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.name)
def test_a_file_is_where_its_package_says_and_reads_as_rego_v1(path: Path) -> None:
    text = path.read_text("utf-8")
    package = re.search(r"^package ([\w.]+)$", text, re.M)
    assert package is not None
    folders = list(path.parent.relative_to(POLICIES).parts)
    assert package[1].removesuffix("_test").split(".") == folders
    assert re.search(r"^import rego\.v1$", text, re.M), "regorus would read it as Rego v0"
    assert [line for line in text.expandtabs(4).splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("path", policy_files(POLICIES), ids=lambda path: path.name)
def test_a_deciding_file_has_a_test_and_is_evaluated_once(path: Path) -> None:
    assert path.with_name(f"{path.stem}_test.rego").is_file()
    imports = re.findall(r"^import (\S+)$", path.read_text("utf-8"), re.M)
    assert imports == ["rego.v1"], "regorus finds no function through an import and evaluates a rule twice through one"


def test_everything_public_says_what_it_is(opa_program: Path) -> None:
    for path in policy_files(POLICIES):
        inspected = json.loads(run(opa_program, "inspect", "--annotations", "--format", "json", path))
        described = {note["location"]["row"] for note in inspected["annotations"] if note["annotations"]["description"]}
        lines = path.read_text("utf-8").splitlines()
        starts = {re.match(r"(?:default )?([a-z][a-z_]*)\b", line)[1] for line in _public_heads(lines)}  # type: ignore[index]
        assert len(described) >= len(starts) + 1, f"{path.name}: a package or public rule without METADATA"


def _public_heads(lines: list[str]) -> list[str]:
    return [line for line in lines if re.match(r"(default )?[a-z][a-z_]*(\(| :=| if| contains)", line)]


def test_entrypoints_are_marked_and_have_a_default(opa_program: Path) -> None:
    for name in ENTRYPOINTS:
        path = POLICIES / name / f"{name}.rego"
        inspected = json.loads(run(opa_program, "inspect", "--annotations", "--format", "json", path))
        assert [n for n in inspected["annotations"] if n["annotations"].get("entrypoint")]
        assert "default decision := {" in path.read_text("utf-8")


def test_every_reason_is_one_the_product_knows() -> None:
    reasons = {Reason(*found) for path in policy_files(POLICIES) for found in _REASON.findall(path.read_text("utf-8"))}
    assert len(reasons) > 30
    for reason in reasons:
        assert reason.rule in ("", *REASONS[reason.code].rules), reason


def test_grants_cite_the_codes_the_product_knows() -> None:
    codes = set(re.findall(r'"([A-Z][A-Z_]{5,})"', (POLICIES / "grants" / "grants.rego").read_text("utf-8")))
    assert codes
    assert all("S3-P5" in REASONS[code].rules for code in codes)


def test_policy_and_domain_use_the_same_words(opa_program: Path) -> None:
    words = json.loads(
        run(
            opa_program,
            "eval",
            "--format=raw",
            "--data",
            POLICIES,
            '{"uses": data.grants.visible.raw, "rows": data.grants.visible["*"], "needs": data.grants.needs,'
            ' "grounds": data.acts.grounds, "possible": data.acts.states, "states": data.shapes.states}',
        )
    )
    assert set(words["uses"]) | set(words["rows"]) == set(Use)
    assert set(words["needs"]) == set(Mode) - {Mode.DENY} | {"*"}
    assert {Act(act): frozenset(grounds) for act, grounds in words["grounds"].items()} == GROUNDS
    assert {Act(act): set(states) for act, states in words["possible"].items()} == {a: set(LEADS_TO[a]) for a in Act}
    assert set(words["states"]) == set(ContractState)


def test_the_kinds_that_the_product_names_itself_are_in_the_data() -> None:
    data = json.loads((POLICIES / "violations" / "data.json").read_text("utf-8"))
    assert set(data["classes"].values()) == set(ViolationClass)
    assert set(data["classes"]) >= {BREACH, CONTRACT, LEVEL_TOO_LOW, REPETITION, *SignalKind}
    assert {data["classes"][kind] for kind in (BREACH, LEVEL_TOO_LOW)} == {"protective"}
    assert {data["classes"][kind] for kind in (CONTRACT, REPETITION)} == {"contractual"}
    assert data["on_lapse"] in set(OnLapse)


def test_schemas_and_domain_use_the_same_words(schema: dict[str, Any]) -> None:
    contract = schema["properties"]["contract"]["properties"]
    assert set(contract["state"]["enum"]) == set(ContractState)
    assert set(contract["type"]["enum"]) == set(ContractType)
    assert set(contract["level"]["enum"]) == set(Level)
    sovereignty = schema["properties"]["datasets"]["additionalProperties"]["properties"]["sovereignty"]
    assert set(sovereignty["enum"]) == set(Sovereignty)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads((POLICIES / "schemas" / "facts" / "input.json").read_text("utf-8"))


@pytest.mark.parametrize("entrypoint", ["access", "login", "spawn", "activation"])
def test_good_facts_fit_the_schema(good_facts: dict[str, Facts], schema: dict[str, Any], entrypoint: str) -> None:
    jsonschema.validate(good_facts[entrypoint], schema | schema["definitions"]["needed_by"][entrypoint])


def test_good_facts_of_acts_fit_the_schema(good_facts: dict[str, Facts]) -> None:
    schema = json.loads((POLICIES / "schemas" / "acts" / "input.json").read_text("utf-8"))
    jsonschema.validate(good_facts["acts"], schema)


def test_policy_and_domain_mean_the_same_exits(opa_program: Path, good_facts: dict[str, Facts]) -> None:
    schema = json.loads((POLICIES / "schemas" / "exits" / "input.json").read_text("utf-8"))
    jsonschema.validate(good_facts["exits"], schema)
    query = '{"keys": data.exits.keys_of, "states": data.exits.states, "open": data.exits.open_to}'
    words = json.loads(run(opa_program, "eval", "--format=raw", "--data", POLICIES, query))
    assert {ExitKind(kind): set(keys) for kind, keys in words["keys"].items()} == EXIT_KEYS
    assert {ExitKind(kind): set(states) for kind, states in words["states"].items()} == EXITS_FROM
    steps = {ExitStep(step): set(states) for step, states in words["open"].items()}
    assert steps == {**OPEN_TO, ExitStep.ASK: {"none", ExitState.REFUSED}}
