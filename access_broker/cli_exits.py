"""`amanat accept`, `award`, `share`, `exclusivity` and `exit …`: who works alone, acceptance, leaving the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from access_broker.cli_options import By, Contract, State
from access_broker.domain.exits import ExitKind
from access_broker.domain.people import Committee

leaving = typer.Typer(no_args_is_help=True, help="Leaving the platform, from the question to the certificate.")

Problem = Annotated[str, typer.Option("--problem", help="Id of the problem.")]
Decision = Annotated[str | None, typer.Option("--decision", help="Reference of the committee's decision.")]
Number = Annotated[int, typer.Option("--number", help="Number of the exit within its contract.")]
Of = Annotated[Committee, typer.Option("--committee", help="For which committee.")]
Text = Annotated[str, typer.Option(help="Why, in words.")]


def accept(contract: Contract, by: By, state: State, decision: Decision = None) -> None:
    """The plan was carried out: access for development ends at once, the month of the market begins (F-14)."""
    from access_broker.commands import exits

    exits.accept(contract, by, decision, state)


def award(
    problem: Problem,
    executor: Annotated[str, typer.Option(help="Id of the organisation that was chosen.")],
    by: By,
    state: State,
    decision: Decision = None,
) -> None:
    """An executor was chosen for a problem; several are chosen together, before the first begins (S3-P9-R2b)."""
    from access_broker.commands import exits

    exits.award(problem, by, executor, decision, state)


def share(
    problem: Problem,
    dataset: Annotated[str, typer.Option(help="Id of the dataset that the problem may use as well.")],
    by: By,
    state: State,
    decision: Decision = None,
) -> None:
    """Let a problem use a dataset beside another organisation's exclusive one (S3-P9-R1)."""
    from access_broker.commands import exits

    exits.share(problem, by, dataset, decision, state)


def exclusivity(problem: Problem, by: By, state: State) -> None:
    """Who works on a problem alone, and from when on others may be called, as JSON."""
    from access_broker.commands import exits

    exits.exclusivity(problem, by, state)


@leaving.command("ask")
def exit_ask(
    contract: Contract,
    by: By,
    kind: Annotated[ExitKind, typer.Option(help="Why it is left.")],
    text: Text,
    state: State,
) -> None:
    """Ask to leave; a termination is asked for by a monitoring seat."""
    from access_broker.commands import exits

    exits.ask(contract, by, kind.value, text, state)


@leaving.command("approve")
def exit_approve(
    contract: Contract, by: By, committee: Of, state: State, number: Number = 1, decision: Decision = None
) -> None:
    """A committee's key; with the last one that is needed access ends at once."""
    body = {"committee": committee.value, "decision": decision}
    _step("keys", contract, by, number, body, state)


@leaving.command("refuse")
def exit_refuse(contract: Contract, by: By, committee: Of, text: Text, state: State, number: Number = 1) -> None:
    """A committee whose approval is needed says no; the contract goes on."""
    _step("refusals", contract, by, number, {"committee": committee.value, "text": text}, state)


@leaving.command("report")
def exit_report(contract: Contract, by: By, text: Text, state: State, number: Number = 1) -> None:
    """What the Monitoring Committee found out about the reasons of a failure (D-1)."""
    _step("failure-report", contract, by, number, {"text": text}, state)


@leaving.command("close")
def exit_close(contract: Contract, by: By, state: State, number: Number = 1, decision: Decision = None) -> None:
    """Certify an exit that every component has carried out."""
    _step("closing", contract, by, number, {"decision": decision}, state)


@leaving.command("show")
def exit_show(contract: Contract, by: By, state: State) -> None:
    """Every exit of a contract with its keys and checklist, as JSON."""
    from access_broker.commands import exits

    exits.show(contract, by, state)


@leaving.command("certificate")
def exit_certificate(contract: Contract, by: By, state: State, number: Number = 1) -> None:
    """The certificate of a closed exit with its digest, as JSON."""
    from access_broker.commands import exits

    exits.certificate(contract, by, number, state)


def _step(what: str, contract: str, by: str, number: int, body: dict[str, str | None], state: Path) -> None:
    from access_broker.commands import exits

    exits.step(contract, by, number, what, body, state)
