"""walkthrough: the whole story, on the screen or as JSON lines."""

from __future__ import annotations

import json
import sys

from rich.console import Console
from rich.text import Text

from access_broker.commands.output import out
from access_broker.walkthrough.story import walk
from access_broker.walkthrough.telling import Step

_MARKS = {"held": ("held   ", "green"), "failed": ("FAILED ", "bold red"), "not_run": ("not run", "yellow")}


def walkthrough(as_json: bool) -> None:
    """Plays the story; ends with 1 unless every step held."""
    console = Console(stderr=as_json, file=None if as_json else sys.stdout)

    def tell(step: Step) -> None:
        if as_json:
            out(json.dumps(step.as_dict(), ensure_ascii=False))
            sys.stdout.flush()
            return
        mark, style = _MARKS[step.status]
        console.print(Text.assemble((mark, style), f" {step.step} "), Text(f"({step.ms:.0f} ms)", style="dim"))
        console.print(Text(f"        expected: {step.expected}", style="dim"))
        console.print(Text(f"        observed: {step.observed}"))

    story = walk(tell)
    if not story.held:
        raise SystemExit(1)
