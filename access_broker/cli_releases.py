"""`amanat release ask`: whether a result may leave. Until there is an output review the answer is no."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from access_broker.cli_options import By, State
from access_broker.domain.releases import OutputKind

release = typer.Typer(no_args_is_help=True, help="Results that are to leave the platform.")


@release.callback()
def releases() -> None:
    """Results that are to leave the platform."""


@release.command("ask")
def release_ask(
    contract: Annotated[str, typer.Argument(help="Id of the contract.")],
    by: By,
    file: Annotated[
        Path, typer.Option("--file", exists=True, dir_okay=False, help="Its digest and size are sent, nothing else.")
    ],
    state: State,
    kind: Annotated[OutputKind, typer.Option(help="What it is.")] = OutputKind.TABLE,
) -> None:
    """Ask whether a file may leave (S3-P5). Refused until there is an output review; the question is on record."""
    from access_broker.commands import releases as commands

    commands.ask(contract, by, file, kind.value, state)
