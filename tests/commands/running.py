"""Commands, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from access_broker.cli import app

Run = Callable[..., Result]
"""The words of a command → how it ended, in the state folder of the test."""


def loaded(folder: Path, scenario: str) -> Path:
    """The state folder of a scenario, which may name `streets.csv` as a source."""
    (folder / "streets.csv").write_text("street,length\na,3\n", encoding="utf-8")
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    result = running_on(folder / "state")("load", str(folder / "scenario.yaml"))
    assert result.exit_code == 0, result.stderr
    return folder / "state"


def running_on(state: Path) -> Run:
    return lambda *words: CliRunner().invoke(app, [*words, "--state", str(state)])


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def seen(run: Run) -> str:
    return str(told(run("keys", "show", "--contract", "C1", "--by", "chair"))["digest"])
