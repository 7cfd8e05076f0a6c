"""`amanat keys`: what a contract needs to come into force, and who has given it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from access_broker.cli_options import By, Contract, Decision, State

keys = typer.Typer(no_args_is_help=True, help="What a contract needs to come into force, and who has given it.")

Seen = Annotated[str, typer.Option("--seen", help="Digest of the text that was read, see `keys show`.")]


@keys.command("show")
def keys_show(contract: Contract, by: By, state: State) -> None:
    """The keys there are, what is missing, and the digest of the text."""
    from access_broker.commands import keys as commands

    commands.show(contract, by, state)


@keys.command("approve")
def keys_approve(
    contract: Contract,
    by: By,
    seen: Seen,
    state: State,
    committee: Annotated[str, typer.Option(help="monitoring or qualification.")],
    reject: Annotated[bool, typer.Option("--reject", help="Decide against it.")] = False,
    decision: Decision = None,
) -> None:
    """A committee's decision, by one of its seats."""
    body = {"committee": committee, "seen": seen, "decision": "rejected" if reject else "approved"}
    _give("approvals", contract, by, body | ({"reference": decision} if decision else {}), state)


@keys.command("sign")
def keys_sign(
    contract: Contract,
    by: By,
    seen: Seen,
    state: State,
    party: Annotated[str, typer.Option(help="government, executor or ito.")],
) -> None:
    """The signature of a party, or ITO's consent."""
    _give("signatures", contract, by, {"signatory": party, "seen": seen}, state)


@keys.command("consent")
def keys_consent(
    contract: Contract,
    by: By,
    seen: Seen,
    state: State,
    dataset: Annotated[str, typer.Option(help="Id of the dataset that may be lent.")],
) -> None:
    """A steward's consent to lending a dataset to a contract of another organisation."""
    _give("consents", contract, by, {"dataset": dataset, "seen": seen}, state)


@keys.command("guarantee")
def keys_guarantee(
    contract: Contract,
    by: By,
    state: State,
    kind: Annotated[str, typer.Option(help="nda, non_publication, data_protection, deposit or insurance.")],
    until: Annotated[str, typer.Option(help="Its last day: today+90d, 2026-11-21 or 1405-08-30.")],
) -> None:
    """A guarantee that was received, or a new one for a contract in force."""
    from access_broker.commands import keys as commands

    commands.guarantee(contract, by, kind, until, state)


@keys.command("demand")
def keys_demand(
    by: By,
    state: State,
    data_class: Annotated[str, typer.Option("--class", help="Class of data, e.g. sensitive.")],
    decision: Annotated[str, typer.Option("--decision", help="Reference of the Qualification Committee's decision.")],
    kind: Annotated[list[str] | None, typer.Option(help="Kind of guarantee; may be given several times.")] = None,
) -> None:
    """What the Qualification Committee asks for because of a class of data; no kind takes it back."""
    from access_broker.commands import data as commands

    commands.demand(data_class, kind or [], decision, by, state)


def _give(what: str, contract: str, by: str, body: dict[str, str], state: Path) -> None:
    from access_broker.commands import keys as commands

    commands.give(what, contract, by, body, state)
