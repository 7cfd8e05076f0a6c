"""How a command reaches the records: through the broker that runs on the state folder, or, when none does, through

the same application in this very process. One way of doing things either way: every command is a REST request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from access_broker.adapters.state_dir import StateDir
from access_broker.api.callers import OPERATOR_HEADER
from access_broker.commands.output import language, say, stop

PREFIX = "/api/v1"


class Broker:
    """A client with the operator's secret. `direct`: no system runs, the records are opened here."""

    def __init__(self, state: Path) -> None:
        self.state = StateDir.at(state)
        running = self.state.running_system()
        self.direct = running is None
        self._send_request = self._open_directly() if running is None else _over_http()
        self._root = PREFIX if running is None else str(running["api"])

    def _open_directly(self) -> Callable[..., httpx.Response]:
        from access_broker import bootstrap  # heavy, and needed only without a running system
        from access_broker.migrations import migrate

        if self.state.is_running():
            stop("the system on this state folder is still starting; try again when it is ready")
        say("cli.direct", state=str(self.state.root))
        migrate(self.state.records_url)
        app = bootstrap.build_broker(self.state, bootstrap.build_policy(None))

        async def send(method: str, path: str, **options: Any) -> httpx.Response:
            transport = httpx.ASGITransport(app, client=("127.0.0.1", 0))
            async with httpx.AsyncClient(transport=transport, base_url="http://broker") as client:
                return await client.request(method, path, **options)

        return lambda *args, **options: asyncio.run(send(*args, **options))

    def operator(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._send(method, f"/operator{path}", body, {OPERATOR_HEADER: self.state.operator_secret()})

    def person(self, person: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """A request as a person, with a token of theirs; issuing it is on record."""
        return self._send(method, path, body, {"Authorization": f"Bearer {self.token(person)}"})

    def download(self, person: str, path: str) -> bytes:
        """A file, as a person."""
        return self._answer("GET", path, None, {"Authorization": f"Bearer {self.token(person)}"}).content

    def token(self, person: str, contract: str | None = None) -> str:
        return str(self.operator("POST", "/tokens", {"person": person, "contract": contract})["token"])

    def _send(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
        answer = self._answer(method, path, body, headers)
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> httpx.Response:
        """Of a request that was granted; the command ends with what the broker says otherwise."""
        try:
            answer = self._send_request(
                method, self._root + path, json=body, headers=headers | {"Accept-Language": language()}
            )
        except httpx.HTTPError as error:
            stop(f"the broker does not answer ({type(error).__name__}); see {self.state.logs / 'broker.log'}")
        if not answer.is_success:
            stop(problem_text(answer))
        return answer


def _over_http() -> Callable[..., httpx.Response]:
    def send(method: str, url: str, **options: Any) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=120) as client:
            return client.request(method, url, **options)

    return send


def problem_text(answer: httpx.Response) -> str:
    """A problem document as lines: the sentence, then each of several errors with its place."""
    try:
        problem = answer.json()
        lines = [str(problem["detail"])]
    except (ValueError, KeyError, TypeError):
        return f"the broker answered {answer.status_code}"
    for error in [*problem.get("faults", []), *problem.get("errors", [])]:
        place = f"line {error['line']}, " if error.get("line") else ""
        place += f"{error['where']}: " if error.get("where") else ""
        lines.append(f"  {place}{error.get('message') or error.get('detail', '')}")
    return "\n".join(lines)
