"""`amanat violation`, `ratify`, `appeal`, `law` and `evidence`: the oversight of a contract that runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from access_broker.cli_options import By, Contract, Decision, State

violation = typer.Typer(no_args_is_help=True, help="What went against a contract, as it was put on record.")
appeal = typer.Typer(no_args_is_help=True, help="The executor's objection to a written warning.")
evidence = typer.Typer(no_args_is_help=True, help="All there is on record about a contract, in one file.")

Warned = Annotated[int, typer.Option("--warning", help="Number of the warning.")]
Reason = Annotated[str, typer.Option(help="Why.")]


@violation.command("record")
def violation_record(
    contract: Contract,
    by: By,
    state: State,
    kind: Annotated[str, typer.Option(help="What was done, a kind of policies/violations/data.json.")],
    text: Annotated[str, typer.Option(help="What was seen.")],
    evidence: Annotated[
        list[str] | None, typer.Option(help="Reference of a record; may be given several times.")
    ] = None,
) -> None:
    """Put a violation on record; a protective one ends access at once."""
    _send("violations", contract, by, {"kind": kind, "text": text, "evidence": evidence or []}, state)


@violation.command("discount")
def violation_discount(
    contract: Contract,
    by: By,
    state: State,
    number: Annotated[int, typer.Option(help="Number of the violation.")],
    reason: Reason,
) -> None:
    """It was none: it counts towards nothing any more."""
    _send(f"violations/{number}/discount", contract, by, {"reason": reason}, state)


@violation.command("list")
def violation_list(contract: Contract, by: By, state: State) -> None:
    """Violations, suspensions with their deadlines, and the way to law, as JSON."""
    from access_broker.commands.requests import contract_path, get

    get(f"{contract_path(contract)}/oversight", by, state)


@appeal.command("make")
def appeal_make(
    contract: Contract,
    by: By,
    warning: Warned,
    text: Annotated[str, typer.Option(help="Why the warning is not accepted.")],
    state: State,
) -> None:
    """As a named person of the executor."""
    _send(f"warnings/{warning}/appeal", contract, by, {"text": text}, state)


@appeal.command("decide")
def appeal_decide(
    contract: Contract,
    by: By,
    warning: Warned,
    upheld: Annotated[bool, typer.Option("--uphold/--grant", help="The warning stands, or is withdrawn.")],
    state: State,
    decision: Decision = None,
) -> None:
    """As the committee decided."""
    _send(f"warnings/{warning}/appeal/decision", contract, by, {"upheld": upheld, "reference": decision}, state)


def ratify(contract: Contract, by: By, state: State, decision: Decision = None) -> None:
    """Confirm a suspension in time: it stands until it is lifted or cut."""
    _send("suspensions/ratification", contract, by, {"reference": decision}, state)


def law(contract: Contract, by: By, state: State, reason: Reason) -> None:
    """Take the matter of a cut contract to law."""
    _send("legal-follow-up", contract, by, {"reason": reason}, state)


@evidence.command("save")
def evidence_save(
    contract: Contract,
    by: By,
    state: State,
    to: Annotated[Path, typer.Option("--to", help="The ZIP file to write; it must not be there yet.")],
) -> None:
    """Write the evidence of a contract to a file. That it was taken is recorded."""
    from access_broker.commands import oversight

    oversight.save(contract, by, to, state)


@evidence.command("verify")
def evidence_verify(file: Path) -> None:
    """Exit 0 if the file is what its manifest says, 1 with every fault otherwise. Needs no system."""
    from access_broker.commands import oversight

    oversight.verify(file)


def _send(what: str, contract: str, by: str, body: dict[str, object], state: Path) -> None:
    from access_broker.commands.requests import contract_path, post

    post(f"{contract_path(contract)}/{what}", by, body, state)
