"""The broker's door for the web half, as typed questions: `await broker.ask(admit("sara", "health-1"))`.

A question is a value; `Broker` asks it blocking (for threads), `AsyncBroker` asks it within an event loop. Both deny
alike: a refusal is BrokerRefused, and no or an unreadable answer is BrokerUnavailable, never an allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, BinaryIO, Generic, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BeforeValidator, TypeAdapter

Answer = TypeVar("Answer")
_SECONDS = 10.0
_EXTRACT_SECONDS = 60.0


class BrokerRefused(Exception):  # noqa: N818 - a decision, not an error
    """The broker said no: its problem document. `detail` is a sentence for the person, in the language asked for."""

    def __init__(self, code: str, rule: str, detail: str, status: int) -> None:
        super().__init__(detail)
        self.code, self.rule, self.detail, self.status = code, rule, detail, status


class BrokerUnavailable(Exception):  # noqa: N818 - a state of affairs
    """The broker gave no answer that could be understood."""


@dataclass(frozen=True)
class Admitted:
    """A sandbox that may be made: where it stands in the pool and the token that works from `address` only."""

    sandbox: str
    slot: int
    subnet: str
    gateway: str
    address: str
    token: str = field(repr=False)
    expires_at: datetime
    generation: int
    language: str


@dataclass(frozen=True)
class Ending:
    """Why a sandbox must end, and since when. `generation`: the one that acknowledgements of this end are given for."""

    code: str
    rule: str
    since: datetime
    generation: int


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that has not ended. `state`: starting | running."""

    sandbox: str
    person: str
    contract: str
    generation: int
    slot: int
    subnet: str
    gateway: str
    address: str
    state: str
    must_end: Ending | None


@dataclass(frozen=True)
class ContractOfPerson:
    """`why`: the sentence that says why no sandbox may start; empty when `may_spawn`.

    `notice_days`: the contract ends in 15, 7 or 1 days or less; None before that.
    """

    contract: str
    problem_en: str
    problem_fa: str
    state: str
    ends_at: datetime | None
    may_spawn: bool
    why: str
    notice_days: int | None = None


@dataclass(frozen=True)
class Person:
    """A person who may sign in, their roles and committees (`groups`) and the contracts that name them."""

    person: str
    name_en: str
    name_fa: str
    language: str
    disabled: bool
    groups: tuple[str, ...]
    contracts: tuple[ContractOfPerson, ...]


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """One request, and what its answer must look like. `body` stays out of every repr: it may hold a password."""

    method: str
    path: str
    answer: TypeAdapter[Answer] = field(repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)


_NOTHING: TypeAdapter[None] = TypeAdapter(Annotated[None, BeforeValidator(lambda _: None)])
_PERSON = TypeAdapter(Person)
_ADMITTED = TypeAdapter(Admitted)
_SANDBOXES = TypeAdapter(tuple[RunningSandbox, ...])


def sign_in(person: str, password: str, address: str) -> Question[None]:
    """Is this the person's password? `address` is the browser's: who guesses too often has to wait there."""
    return Question("POST", "/hub/sign-ins", _NOTHING, {"person": person, "password": password, "address": address})


def person(name: str) -> Question[Person]:
    """Refused with PERSON_DISABLED for whoever is unknown or disabled."""
    return Question("GET", f"/hub/people/{_segment(name)}", _PERSON)


def admit(person: str, contract: str) -> Question[Admitted]:
    """May this person have a sandbox for this contract now? The policy `spawn` decides."""
    return Question("POST", "/hub/spawns", _ADMITTED, {"person": person, "contract": contract})


def running(sandbox: str) -> Question[None]:
    """The sandbox serves. Refused when its contract was cut meanwhile: then it must be stopped."""
    return Question("POST", f"/hub/sandboxes/{_segment(sandbox)}/running", _NOTHING)


def ended(sandbox: str, why: str) -> Question[None]:
    """The sandbox is gone; `why`: stopped | failed | culled | cut | lost | system. May be said twice."""
    return Question("POST", f"/hub/sandboxes/{_segment(sandbox)}/ended", _NOTHING, {"why": why})


def sandboxes() -> Question[tuple[RunningSandbox, ...]]:
    """All that have not ended."""
    return Question("GET", "/hub/sandboxes", _SANDBOXES)


def acknowledge(
    contract: str,
    generation: int,
    component: str,
    step: str,
    *,
    sandbox: str | None = None,
    person: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> Question[None]:
    """`component` (hub | warden) has done `step` of ending access to `contract`."""
    body: dict[str, Any] = {"contract": contract, "generation": generation, "component": component, "step": step}
    body |= {name: value for name, value in (("sandbox", sandbox), ("person", person)) if value is not None}
    return Question("POST", "/hub/acknowledgements", _NOTHING, body | {"detail": dict(detail or {})})


class Broker:
    """Blocking. One instance may be used from several threads."""

    def __init__(self, url: str, secret: str, seconds: float = _SECONDS) -> None:
        self._url = url
        self._client = httpx.Client(headers={"X-Amanat-Hub": secret}, timeout=seconds, trust_env=False)

    def ask(self, question: Question[Answer], language: str = "en") -> Answer:
        """Raises BrokerRefused, BrokerUnavailable."""
        try:
            response = self._client.request(question.method, self._url + question.path, **_content(question, language))
        except httpx.HTTPError as error:
            raise _away(error) from error
        return _answer(question, response)

    def extract(self, contract: str, into: BinaryIO) -> int:
        """The audit records about `contract`, a JSON line each, written to `into` as they come. Bytes written."""
        written, path = 0, f"{self._url}/hub/extract/{_segment(contract)}"
        try:
            with self._client.stream("GET", path, timeout=_EXTRACT_SECONDS) as response:
                if response.status_code != 200:
                    response.read()
                    raise _refusal(response)
                for piece in response.iter_bytes():
                    written += into.write(piece)
        except httpx.HTTPError as error:
            raise _away(error) from error
        return written

    def close(self) -> None:
        self._client.close()


class AsyncBroker:
    """For one event loop."""

    def __init__(self, url: str, secret: str, seconds: float = _SECONDS) -> None:
        self._url = url
        self._client = httpx.AsyncClient(headers={"X-Amanat-Hub": secret}, timeout=seconds, trust_env=False)

    async def ask(self, question: Question[Answer], language: str = "en") -> Answer:
        """Raises BrokerRefused, BrokerUnavailable."""
        try:
            response = await self._client.request(
                question.method, self._url + question.path, **_content(question, language)
            )
        except httpx.HTTPError as error:
            raise _away(error) from error
        return _answer(question, response)

    async def close(self) -> None:
        await self._client.aclose()


@lru_cache
def shared(url: str, secret: str) -> AsyncBroker:
    """The one client of the hub's event loop, so that its parts share connections."""
    return AsyncBroker(url, secret)


def _content(question: Question[Any], language: str) -> dict[str, Any]:
    headers = {"Accept-Language": language}
    return {"headers": headers} if question.body is None else {"headers": headers, "json": question.body}


def _answer(question: Question[Answer], response: httpx.Response) -> Answer:
    if not response.is_success:
        raise _refusal(response)
    try:
        return question.answer.validate_json(response.content or b"null", strict=True)
    except ValueError as error:
        raise BrokerUnavailable(f"The broker's answer to {question.path} could not be understood.") from error


def _refusal(response: httpx.Response) -> Exception:
    """A problem document that decides is a refusal; the broker's own trouble (5xx without a decision) is absence."""
    try:
        problem = response.json()
        code, detail = str(problem["code"]), str(problem["detail"])
    except (ValueError, KeyError, TypeError):
        return BrokerUnavailable(f"The broker answered {response.status_code} without saying why.")
    return BrokerRefused(code, str(problem.get("rule") or ""), detail, response.status_code)


def _away(error: httpx.HTTPError) -> BrokerUnavailable:
    return BrokerUnavailable(f"The broker does not answer ({type(error).__name__}).")


def _segment(text: str) -> str:
    return quote(text, safe="")
