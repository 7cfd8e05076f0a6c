"""`amanat violation`, `appeal`, `ratify`, `law` and `evidence` on a state folder that no system runs on."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from access_broker.cli import app
from access_broker.commands.broker import Broker

CORPUS = Path(__file__).parents[1] / "corpus"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the contracts of the corpus, nothing published."""
    folder = tmp_path_factory.mktemp("state") / "state"
    text = (CORPUS / "scenario.yaml").read_text(encoding="utf-8")
    deputy = "{id: deputy, organisation: ito, names: {en: Dana Deputy, fa: دانا جانشین}}"
    text = text.replace("  - {id: chair,", f"  - {deputy}\n  - {{id: chair,")
    seat = "    - {seat: 1, person: chair}"
    text = text.replace(seat, f"{seat}\n    - {{seat: 2, person: deputy}}")
    Broker(folder).operator("POST", "/load", {"text": text, "base": str(CORPUS)})
    return folder


def amanat(state: Path, *arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--state", str(state)])
    assert result.exit_code == status, result.output
    return result


def told(state: Path, *arguments: str) -> Any:
    return json.loads(amanat(state, *arguments).stdout)


def by(contract: str, person: str) -> list[str]:
    return ["--contract", contract, "--by", person]


def test_a_warning_is_appealed_upheld_and_repeated(state: Path) -> None:
    rule = ["--ground", "S3-P6-R2"]
    amanat(state, "warn", *by("P1", "chair"), *rule, "--text", "late", "--cure", "yesterday", status=2)
    amanat(state, "warn", *by("P1", "chair"), *rule, "--text", "late")
    amanat(state, "acknowledge", *by("P1", "analyst"), "--warning", "1")
    made = told(state, "appeal", "make", *by("P1", "analyst"), "--warning", "1", "--text", "It was sent")
    assert made["state"] == "appealed"
    refused = amanat(state, "cut", *by("P1", "chair"), *rule, "--decision", "M-1", status=1)
    assert "[AMANAT:WARNING_NEEDED]" in refused.stderr
    decided = told(state, "appeal", "decide", *by("P1", "deputy"), "--warning", "1", "--uphold", "--decision", "M-2")
    assert decided["state"] == "upheld"
    assert told(state, "cut", *by("P1", "chair"), *rule, "--decision", "M-1")["act"] == "cut"
    assert told(state, "law", *by("P1", "chair"), "--reason", "Copies were sold")["why"] == "Copies were sold"
    listed = told(state, "violation", "list", *by("P1", "chair"))
    assert [v["kind"] for v in listed["violations"]] == ["contract", "repetition"]
    assert listed["legal_follow_up"]["by"] == "chair"


def test_a_violation_is_recorded_and_discounted(state: Path) -> None:
    words = ["--kind", "purpose", "--text", "For advertising", "--evidence", "audit 1", "--evidence", "audit 2"]
    recorded = told(state, "violation", "record", *by("P2", "chair"), *words)
    assert (recorded["violation_class"], recorded["evidence"]) == ("contractual", ["audit 1", "audit 2"])
    words = ["--number", str(recorded["number"]), "--reason", "A test of ours"]
    assert told(state, "violation", "discount", *by("P2", "chair"), *words)["state"] == "discounted"


def test_a_protective_one_suspends_and_the_committee_ratifies(state: Path) -> None:
    words = ["--kind", "egress", "--text", "A file went out"]
    assert told(state, "violation", "record", *by("P3", "chair"), *words)["violation_class"] == "protective"
    assert "[AMANAT:DECISION_NEEDED]" in amanat(state, "ratify", *by("P3", "deputy"), status=1).stderr
    assert told(state, "ratify", *by("P3", "deputy"), "--decision", "M-4")["state"] == "ratified"
    refused = amanat(state, "lift", *by("P3", "deputy"), "--ground", "F-13", status=1)
    assert "[AMANAT:DECISION_NEEDED]" in refused.stderr
    assert told(state, "lift", *by("P3", "deputy"), "--ground", "F-13", "--decision", "M-5")["act"] == "lift"


def test_the_evidence_is_saved_once_for_its_owner_and_verified(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "P4.zip"
    saved = told(state, "evidence", "save", *by("P4", "chair"), "--to", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    verified = CliRunner().invoke(app, ["evidence", "verify", str(file)])
    assert verified.exit_code == 0
    assert json.loads(verified.stdout)["manifest_sha256"] == saved["manifest_sha256"]
    amanat(state, "evidence", "save", *by("P4", "chair"), "--to", str(file), status=1)
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)
    assert CliRunner().invoke(app, ["evidence", "verify", str(file)]).exit_code == 1
    assert CliRunner().invoke(app, ["evidence", "verify", str(tmp_path / "none.zip")]).exit_code == 1
