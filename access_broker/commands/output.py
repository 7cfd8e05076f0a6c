"""What is asked for goes to stdout, everything else to stderr; a refusal prints its code and ends with status 1."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import typer

from access_broker.adapters.sentences import language_of, sentence, translate
from access_broker.domain.decisions import Reason


def language() -> str:
    """The terminal's language, as far as it is one of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return language_of(os.environ[name].split(".")[0])
    return "en"


def note(text: str) -> None:
    """For the person, not for the pipe."""
    typer.echo(text, err=True)


def say(msgid: str, **detail: object) -> None:
    note(translate(msgid, language(), **detail))


def stop(text: str, status: int = 1) -> NoReturn:
    note(text)
    raise typer.Exit(status)


def refuse(code: str, rule: str = "", **detail: object) -> NoReturn:
    """End with the sentence of a reason code."""
    stop(sentence(Reason(code, rule), dict(detail), language()))


def out(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
