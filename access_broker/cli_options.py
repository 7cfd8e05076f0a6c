"""Options that many commands have in common, each with the one sentence that explains it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

State = Annotated[Path, typer.Option("--state", help="The folder the system keeps its state in.")]
Contract = Annotated[str, typer.Option("--contract", help="Id of the contract.")]
By = Annotated[str, typer.Option("--by", help="Id of the person who acts.")]
Decision = Annotated[str | None, typer.Option("--decision", help="Reference of the recorded committee decision.")]
