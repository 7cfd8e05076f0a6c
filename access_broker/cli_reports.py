"""`amanat report`, `signal` and `days`: what was done, what is due, what stands out, and which days count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from access_broker.cli_options import By, Contract, State

report = typer.Typer(no_args_is_help=True, help="Reports that are due, and what the audit says was done.")
signal = typer.Typer(no_args_is_help=True, help="What the audit shows that somebody should look at.")
days = typer.Typer(no_args_is_help=True, help="Working days, closures and working weeks.")

Kind = Annotated[str, typer.Option("--kind", help="periodic or narrative.")]
Number = Annotated[int, typer.Option("--number", help="As `report list` tells it; 140509 for a Jalali month.")]
SignalKind = Annotated[str, typer.Option("--kind", help="Kind of the signal, as `signal list` tells it.")]
Window = Annotated[str, typer.Option("--day", help="Its day, 2026-11-22 or 1405-09-01.")]
Day = Annotated[str, typer.Option("--day", help="today+3d, 2026-11-22 or 1405-09-01.")]
Organisation = Annotated[str | None, typer.Option("--organisation", help="Id of one; everybody without it.")]
MonthOption = Annotated[int, typer.Option("--month", help="A Jalali month, e.g. 140509.")]


@report.command("list")
def report_list(contract: Contract, by: By, state: State) -> None:
    """Every report that is or was due, and what became of it."""
    _ask("reports", contract, by, state)


@report.command("file")
def report_file(
    contract: Contract,
    by: By,
    state: State,
    kind: Kind,
    number: Number,
    text: Annotated[str | None, typer.Option(help="The text; from stdin without it.")] = None,
) -> None:
    """File a report, as a named person of the executor."""
    from access_broker.commands import reports

    reports.file(contract, by, kind, number, text, state)


@report.command("seen")
def report_seen(
    contract: Contract,
    by: By,
    state: State,
    kind: Kind,
    number: Number,
    seen: Annotated[str, typer.Option("--seen", help="Digest of the text that was read, see `report list`.")],
) -> None:
    """The committee has read a report."""
    _send(f"reports/{kind}/{number}/seen", contract, by, {"seen": seen}, state)


@report.command("activity")
def report_activity(
    contract: Contract,
    by: By,
    state: State,
    recount: Annotated[int | None, typer.Option(help="Count the records of this stored week again.")] = None,
) -> None:
    """What was done in each week, counted from the audit."""
    _ask("activity" if recount is None else f"activity/{recount}/recount", contract, by, state)


@report.command("statement")
def report_statement(contract: Contract, by: By, state: State, month: MonthOption) -> None:
    """What was used in a Jalali month, to the digit."""
    _ask(f"statements/{month}", contract, by, state)


@signal.command("list")
def signal_list(contract: Contract, by: By, state: State) -> None:
    """The signals of a contract, newest day first."""
    _ask("signals", contract, by, state)


@signal.command("discount")
def signal_discount(
    contract: Contract,
    by: By,
    state: State,
    kind: SignalKind,
    day: Window,
    reason: Annotated[str, typer.Option(help="Why it means nothing.")],
) -> None:
    """It means nothing: it counts no more."""
    from access_broker.commands import reports

    reports.decide(contract, by, kind, day, ("discount", {"reason": reason}), state)


@signal.command("pursue")
def signal_pursue(
    contract: Contract,
    by: By,
    state: State,
    kind: SignalKind,
    day: Window,
    text: Annotated[str, typer.Option(help="What was done against the contract.")],
) -> None:
    """Make a violation of it; one of a protective kind ends access at once."""
    from access_broker.commands import reports

    reports.decide(contract, by, kind, day, ("violation", {"text": text}), state)


@days.command("close")
def days_close(
    day: Day,
    name: Annotated[str, typer.Option(help="Why, as people will read it.")],
    state: State,
    organisation: Organisation = None,
) -> None:
    """Declare a day on which an organisation, or everybody, is closed: running deadlines become longer."""
    from access_broker.commands import reports

    reports.close(organisation, day, name, state)


@days.command("week")
def days_week(
    organisation: Annotated[str, typer.Option("--organisation", help="Id of the organisation.")],
    off: Annotated[list[int], typer.Option("--off", help="A day off, 0 Monday … 6 Sunday; several times.")],
    since: Annotated[str, typer.Option("--from", help="First day of this week's validity.")],
    state: State,
    until: Annotated[str | None, typer.Option("--until", help="Its last day; open without it.")] = None,
) -> None:
    """Declare which days of the week an organisation is closed."""
    from access_broker.commands import reports

    reports.week(organisation, off, since, until, state)


@days.command("show")
def days_show(
    organisation: Annotated[str, typer.Option("--organisation", help="Id of the organisation.")],
    by: By,
    state: State,
    count: Annotated[int, typer.Option(help="How many days from today.")] = 31,
) -> None:
    """The days of an organisation, and why those are off that are."""
    from access_broker.commands import reports

    reports.show_days(organisation, by, count, state)


def _ask(what: str, contract: str, by: str, state: Path) -> None:
    from access_broker.commands.requests import contract_path, get

    get(f"{contract_path(contract)}/{what}", by, state)


def _send(what: str, contract: str, by: str, body: dict[str, str], state: Path) -> None:
    from access_broker.commands.requests import contract_path, post

    post(f"{contract_path(contract)}/{what}", by, body, state)
