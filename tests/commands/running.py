"""Commands, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from typer.testing import Result

Run = Callable[..., Result]
"""The words of a command → how it ended, in the state folder of the test."""


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def seen(run: Run) -> str:
    return str(told(run("keys", "show", "--contract", "C1", "--by", "chair"))["digest"])
