"""The last step of a start: the notebook server answers, or its container is seen to be dead.

JupyterHub by itself waits for an answer and nothing else: whoever starts a sandbox that dies at once would wait for the
whole of its patience, and then read that the sandbox was slow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from jupyterhub.utils import wait_for_http_server

from hub.engine import Engine, EngineAway
from hub.language import moment
from hub.snapshot import last_words

_EVERY_SECONDS = 0.2


class NoAnswer(Exception):  # noqa: N818 - a state of affairs
    """`at`: when that was seen; `msgid`: the sentence for whoever waits, with that moment in it.

    Its text is for the operator only: it may hold what the container has said.
    """

    def __init__(self, msgid: str, told: str) -> None:
        self.msgid, self.at = msgid, datetime.now(UTC)
        super().__init__(f"at {moment(self.at, 'en')} UTC {told}")


async def until_it_answers(engine: Engine, sandbox: str, url: str, seconds: float) -> None:
    """Returns once a server answers at `url`. Raises NoAnswer after `seconds`, or as soon as the container is dead."""
    answered = asyncio.ensure_future(wait_for_http_server(url, timeout=seconds))
    died = asyncio.ensure_future(_death_of(engine, sandbox))
    try:
        await asyncio.wait({answered, died}, return_when=asyncio.FIRST_COMPLETED)
        if died.done():
            raise NoAnswer("hub.spawn.died", died.result())
        await answered
    except TimeoutError:
        raise NoAnswer("hub.spawn.silent", f"its server had not answered for {seconds:g} seconds") from None
    finally:
        for waiting in (answered, died):
            waiting.cancel()
        await asyncio.gather(answered, died, return_exceptions=True)


async def _death_of(engine: Engine, sandbox: str) -> str:
    """What there is to tell of it, once the container is dead. A Docker that does not answer is asked again."""
    while True:
        try:
            told = await asyncio.to_thread(_obituary, engine, sandbox)
        except EngineAway:
            told = ""
        if told:
            return told
        await asyncio.sleep(_EVERY_SECONDS)


def _obituary(engine: Engine, sandbox: str) -> str:
    """Empty while it lives."""
    known = engine.inspect(sandbox)
    if known is None:
        return "its container was gone"
    state: Mapping[str, Any] = known["State"]
    if state["Running"]:
        return ""
    memory = ", out of memory" if state.get("OOMKilled") else ""
    try:
        words = last_words(engine, sandbox, known)
    except EngineAway as away:
        words = [f"(nothing that can be read: {away})"]
    return "\n".join([f"its container had ended with status {state.get('ExitCode')}{memory}; its last words:", *words])
