"""`amanat motion`: what a committee puts to the vote, who voted how, and what came of it."""

from __future__ import annotations

from typing import Annotated

import typer

from access_broker.cli_options import By, State

motion = typer.Typer(no_args_is_help=True, help="What a committee puts to the vote, and what came of it.")

Id = Annotated[str, typer.Argument(help="Id of the motion, e.g. motion-3.")]
Seen = Annotated[str, typer.Option("--seen", help="Digest of the text that was read, see `motion show`.")]


@motion.command("open")
def motion_open(
    about: Annotated[str, typer.Argument(help="Id of the contract, problem or dataset.")],
    by: By,
    state: State,
    committee: Annotated[str, typer.Option(help="monitoring or qualification.")],
    seen: Annotated[str, typer.Option("--seen", help="Digest of the text that was read, see `keys show`.")] = "",
    subject: Annotated[str, typer.Option(help="What is to be decided, e.g. approve_contract.")] = "approve_contract",
    text: Annotated[str, typer.Option(help="What is proposed, in words.")] = "",
    outcome: Annotated[
        str,
        typer.Option(
            help="What exactly: the kind of data, executor, problem, exit; upheld-2 or withdrawn-2 for warning 2."
        ),
    ] = "",
) -> None:
    """Put a motion to the vote. Without --seen its digest is printed, and nothing is put."""
    from access_broker.commands import motions as commands

    commands.put(about, by, committee, subject, seen, text, outcome, state)


@motion.command("vote")
def motion_vote(
    id: Id,
    by: By,
    seen: Seen,
    state: State,
    choice: Annotated[str, typer.Option(help="for, against or abstain.")],
    opinion: Annotated[str, typer.Option(help="Why, in words.")] = "",
    finding: Annotated[list[str] | None, typer.Option(help="POINT=WHAT WAS FOUND; once for each point.")] = None,
    refuse: Annotated[list[str] | None, typer.Option(help="A column, dataset.table.column, not to be granted.")] = None,
) -> None:
    """Vote, or vote anew while the motion is open."""
    from access_broker.commands import motions as commands

    commands.vote(id, by, seen, choice, opinion, finding or [], refuse or [], state)


@motion.command("recuse")
def motion_recuse(
    id: Id, by: By, state: State, reason: Annotated[str, typer.Option(help="What keeps you from judging.")]
) -> None:
    """Stand back from judging."""
    from access_broker.commands import motions as commands

    commands.send(id, by, "recusals", {"reason": reason}, state)


@motion.command("withdraw")
def motion_withdraw(id: Id, by: By, state: State) -> None:
    """Take one's own motion back while it is open."""
    from access_broker.commands import motions as commands

    commands.send(id, by, "withdrawal", None, state)


@motion.command("show")
def motion_show(
    by: By, state: State, id: Annotated[str | None, typer.Argument(help="Id of a motion; all of them without.")] = None
) -> None:
    """One motion, or all of them, newest first."""
    from access_broker.commands import motions as commands

    commands.show(id, by, state)


@motion.command("minutes")
def motion_minutes(id: Id, by: By, state: State) -> None:
    """Who sat, who voted how and why, who did not judge, and what came of it; as JSON."""
    from access_broker.commands import motions as commands

    commands.minutes(id, by, state)
