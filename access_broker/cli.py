"""`amanat`: the command line. Names, options and help live here; what a command does lives in `commands/`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from access_broker import cli_exits, cli_oversight, cli_releases, cli_reports
from access_broker.cli_keys import keys
from access_broker.cli_motions import motion
from access_broker.cli_options import By, Contract, Decision, State

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Amanat: government data lent, never handed over.",
)
audit = typer.Typer(no_args_is_help=True, help="The record of everything that was decided and done.")
app.add_typer(audit, name="audit")
app.add_typer(keys, name="keys")
app.add_typer(motion, name="motion")
app.add_typer(cli_reports.report, name="report")
app.add_typer(cli_reports.signal, name="signal")
app.add_typer(cli_reports.days, name="days")
app.add_typer(cli_oversight.violation, name="violation")
app.add_typer(cli_oversight.appeal, name="appeal")
app.add_typer(cli_oversight.evidence, name="evidence")
app.add_typer(cli_exits.leaving, name="exit")
app.add_typer(cli_releases.release, name="release")
app.command("accept")(cli_exits.accept)
app.command("award")(cli_exits.award)
app.command("share")(cli_exits.share)
app.command("exclusivity")(cli_exits.exclusivity)
app.command("ratify")(cli_oversight.ratify)
app.command("law")(cli_oversight.law)

Ground = Annotated[str, typer.Option("--ground", help="The rule the act rests on, e.g. F-13 or S3-P6-R2.")]
Violation = Annotated[int | None, typer.Option("--violation", help="Number of the violation it rests on.")]
Person = Annotated[str, typer.Option("--as", help="Id of the person who asks.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]


class Policy(StrEnum):
    EMBEDDED = "embedded"
    OPA = "opa"


class Shape(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command()
def up(
    state: State,
    port_base: Annotated[int, typer.Option(help="First of the ports on 127.0.0.1.")] = 24700,
    no_sandboxes: Annotated[bool, typer.Option("--no-sandboxes", help="Without notebooks; needs no Docker.")] = False,
    no_web: Annotated[bool, typer.Option("--no-web", help="Data door and REST only: no hub, no console.")] = False,
    policy: Annotated[Policy, typer.Option(help="Who evaluates the policies.")] = Policy.EMBEDDED,
    ready_file: Annotated[Path | None, typer.Option(help="Written with the addresses when all answers.")] = None,
) -> None:
    """Run the system in the foreground."""
    from access_broker.commands import system

    system.up(state, port_base, not no_web, not no_sandboxes, policy.value, ready_file)


@app.command()
def clear(state: State) -> None:
    """Remove what a killed system left on this machine: containers, networks, mounts, firewall rules."""
    from access_broker.commands import sandboxes

    sandboxes.clear_leftovers(state)


@app.command()
def load(scenario: Path, state: State) -> None:
    """Bring a scenario file into being; returns when all it granted can be queried."""
    from access_broker.commands import records

    records.load(scenario, state)


@app.command()
def token(
    person: str,
    state: State,
    contract: Annotated[str | None, typer.Option("--contract", help="For the data door of this contract too.")] = None,
) -> None:
    """Print a token, and only that."""
    from access_broker.commands import records

    records.token(person, contract, state)


@app.command()
def passwd(person: str, state: State) -> None:
    """Set a sign-in password (asked twice, or one line from stdin)."""
    from access_broker.commands import records

    records.passwd(person, state)


@app.command("person")
def person_access(
    person: str,
    state: State,
    disabled: Annotated[bool, typer.Option("--disable/--enable", help="Shut the person out, or let them in again.")],
) -> None:
    """Shut a person out at once, with every token they have, or let them in again."""
    from access_broker.commands import records

    records.set_disabled(person, disabled, state)


@app.command()
def query(
    sql: str,
    person: Person,
    contract: Contract,
    state: State,
    shape: Annotated[Shape, typer.Option("--format", help="How the answer is printed.")] = Shape.TABLE,
) -> None:
    """Run one statement through the gateway, like any client."""
    from access_broker.commands import ask

    ask.query(sql, person, contract, state, shape.value)


@app.command()
def explain(sql: str, person: Person, contract: Contract, state: State, as_json: Json = False) -> None:
    """What would happen to a statement, and why; runs nothing."""
    from access_broker.commands import ask

    ask.explain(sql, person, contract, state, as_json)


def _act(
    name: str,
    contract: str,
    by: str,
    ground: str,
    decision: str | None,
    state: Path,
    violation: int | None = None,
    **more: str | None,
) -> None:
    from access_broker.commands import records

    records.act(name, contract, by, ground, decision, state, violation, **more)


@app.command()
def warn(
    contract: Contract,
    by: By,
    ground: Ground,
    state: State,
    decision: Decision = None,
    text: Annotated[str, typer.Option(help="What was done against the contract, and until when to mend it.")] = "",
    violation: Violation = None,
    cure: Annotated[str | None, typer.Option(help="Until when to mend it, e.g. 1405-09-10 or today+7d.")] = None,
) -> None:
    """A written warning; access goes on."""
    _act("warn", contract, by, ground, decision, state, violation, text=text, cure=cure)


@app.command()
def suspend(
    contract: Contract, by: By, ground: Ground, state: State, decision: Decision = None, violation: Violation = None
) -> None:
    """Stop access at once, until it is lifted or cut; the committee ratifies it in time, or it lapses."""
    _act("suspend", contract, by, ground, decision, state, violation)


@app.command()
def cut(
    contract: Contract, by: By, ground: Ground, state: State, decision: Decision = None, violation: Violation = None
) -> None:
    """Stop access at once and for good."""
    _act("cut", contract, by, ground, decision, state, violation)


@app.command()
def lift(contract: Contract, by: By, ground: Ground, state: State, decision: Decision = None) -> None:
    """End a suspension."""
    _act("lift", contract, by, ground, decision, state)


@app.command()
def acknowledge(
    contract: Contract,
    by: By,
    state: State,
    warning: Annotated[int, typer.Option("--warning", help="Number of the warning.")],
) -> None:
    """The executor's acknowledgement of a written warning."""
    from access_broker.commands import records

    records.acknowledge_warning(contract, warning, by, state)


@app.command()
def withdraw(
    contract: Contract,
    by: By,
    state: State,
    warning: Annotated[int, typer.Option("--warning", help="Number of the warning.")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
) -> None:
    """Take a written warning back: it counts towards no repetition any more."""
    from access_broker.commands import keys as commands

    commands.withdraw(contract, by, warning, reason, state)


@app.command()
def visit(
    contract: Contract,
    by: By,
    state: State,
    person: Annotated[str, typer.Option("--person", help="Id of the person whose workspace it is.")],
    reason: Annotated[str, typer.Option(help="What is looked for; the executor reads it.")],
    to: Annotated[Path, typer.Option("--to", help="New tar file that the home is copied into.")],
) -> None:
    """Look into a workspace, as somebody of ITO: on record before anything is opened."""
    from access_broker.commands import data

    data.visit(contract, person, by, reason, to, state)


@audit.command("verify")
def audit_verify(state: State, as_json: Json = False) -> None:
    """Exit 0 if the chain holds, 1 and the first broken position otherwise."""
    from access_broker.commands import records

    records.audit_verify(state, as_json)


@app.command()
def doctor() -> None:
    """What is missing on this machine, with the remedy for each."""
    from access_broker.commands import system

    system.doctor()


@app.command()
def walkthrough(as_json: Json = False) -> None:
    """Play the whole story in a temporary place, through public interfaces only; exit 0 only if every step held."""
    from access_broker.commands import walkthrough as command

    command.walkthrough(as_json)


def main() -> None:
    app()
