"""The spawner: one sandbox for one person and one contract. The server's name is the contract's id.

    walls stand? → the broker admits (policy `spawn`) → network → home → container → the broker hears it runs
    → the notebook server answers

A step that fails, or a person who closes the page half-way, undoes all before it and tells the broker. Whoever is
refused reads why, as a sentence with code and rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from docker.errors import DockerException
from dockerspawner import DockerSpawner
from requests.exceptions import RequestException
from sqlalchemy.orm import object_session
from traitlets import Instance, Unicode

from hub import broker as ask
from hub.answering import NoAnswer, until_it_answers
from hub.authenticator import turned_away
from hub.broker import Admitted, AsyncBroker, BrokerRefused, BrokerUnavailable, Ending, Question, shared
from hub.building import Site, build, take_down
from hub.container import Limits, environment
from hub.engine import EngineAway
from hub.homes import DiskShort, HomeFailed, Homes
from hub.language import language_of, moment, say
from hub.leaving import why_it_must_end
from hub.settings import HubSettings, oauth_client
from hub.turns import see_through, turn_of
from hub.walls import Walls, WallsMissing

Answer = TypeVar("Answer")
_PORT = 8888
_AGAIN = 2.0
_TROUBLE = (DockerException, RequestException, EngineAway, HomeFailed, WallsMissing, OSError)


class AmanatSpawner(DockerSpawner):  # type: ignore[misc]
    """DockerSpawner gives the settings, the environment and the life cycle; what is made is made in `building.py`."""

    settings = Instance(HubSettings).tag(config=True)
    limits = Instance(Limits, args=()).tag(config=True)
    seccomp = Unicode(help="The seccomp profile's JSON text; without one nothing starts.").tag(config=True)

    def __init__(self, **known: Any) -> None:
        super().__init__(**known)
        self._sandbox = ""
        self._confirmed = False
        self._whole = False
        self._step = "admit"
        if self.user and self.name:
            self.oauth_client_id = oauth_client(self.user.name, self.name)

    async def start(self) -> tuple[str, int]:
        """The address of the sandbox's server. Raises HTTPError with a sentence for whoever is refused."""
        language = language_of(self.handler) if self.handler else "fa"
        if not self.name:
            raise turned_away(400, say("hub.spawn.no-contract", language))
        self._step = "admit"
        await self._check_walls(language)
        admitted = await self._ask(ask.admit(self.user.name, self.name), language)
        self._hold(admitted.sandbox)
        building = asyncio.ensure_future(self._build(admitted, language))
        try:
            await asyncio.shield(building)
            await self._until_it_answers(admitted, language)
        except asyncio.CancelledError:
            self._sandbox = ""
            see_through(self._abandon(building, admitted.sandbox))
            raise
        except Exception:
            await self._undo(admitted.sandbox, self._whole)
            raise
        return admitted.address, _PORT

    async def stop(self, now: bool = False) -> None:
        """Container, network and mount are gone when this returns; the home stays."""
        sandbox = self._sandbox
        if sandbox:
            why = await self._leave_to_warden(sandbox)
            await self._clear_away(sandbox, "cut" if why else "stopped")

    async def poll(self) -> str | None:
        """None while it runs. One found dead, or half made by a hub that died, is cleared away; the broker is told."""
        sandbox = self._sandbox
        if not sandbox:
            return "no sandbox"
        try:
            known = await asyncio.to_thread(self._site.engine.inspect, sandbox)
        except EngineAway as away:
            self.log.error("Docker cannot say whether %s runs: %s", self._log_name, away)
            return None
        if known is None or not known["State"]["Running"] or not self._whole:
            why = await self._leave_to_warden(sandbox)
            await self._clear_away(sandbox, "cut" if why else "lost")
            return "gone"
        if not self._confirmed and not await self._is_still_wanted(sandbox):
            await self._clear_away(sandbox, "lost")
            return "not wanted"
        return None

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self._sandbox = str(state.get("sandbox", ""))
        self._whole = bool(state.get("whole"))

    def get_state(self) -> dict[str, Any]:
        state: dict[str, Any] = super().get_state()
        return state | ({"sandbox": self._sandbox, "whole": self._whole} if self._sandbox else {})

    def clear_state(self) -> None:
        super().clear_state()
        self._sandbox, self._confirmed, self._whole = "", False, False

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Which step it is at; the page has the sentences, in its reader's language."""
        told = ""
        while True:
            if self._step != told:
                told = self._step
                yield {"progress": _SHARE[told], "message": told, "step": told}
            await asyncio.sleep(0.1)

    async def _check_walls(self, language: str) -> None:
        """Without sandboxes there are no walls to look at: then the broker says no, and why."""
        if self.settings.system.sandboxes is None:
            await self._ask(ask.admit(self.user.name, self.name), language)
            raise turned_away(503, say("hub.spawn.docker", language))
        try:
            missing = await asyncio.to_thread(Walls.of(self.settings.system).missing)
        except WallsMissing as error:
            missing = [str(error)]
        if missing:
            self.log.error("No sandbox starts; the firewall is not whole: %s", "; ".join(missing))
            raise turned_away(503, say("hub.spawn.walls", language))

    async def _build(self, admitted: Admitted, language: str) -> None:
        known = environment(self.get_env(), admitted, self.name, self.settings.system.ports)
        try:
            async with turn_of(self.user.name, self.name):
                await asyncio.to_thread(build, self._site, admitted, known, self._tell)
        except DiskShort as error:
            self.log.error("No sandbox for %s: %s", self._log_name, error)
            raise turned_away(503, say("hub.spawn.disk", language)) from error
        except _TROUBLE as error:
            self.log.error("No sandbox for %s: %s", self._log_name, error)
            raise turned_away(503, say("hub.spawn.docker", language)) from error
        await self._ask(ask.running(admitted.sandbox), language)
        self._confirmed, self._whole, self._step = True, True, "answer"

    async def _until_it_answers(self, admitted: Admitted, language: str) -> None:
        url = f"http://{admitted.address}:{_PORT}{self.server.base_url}api"
        try:
            await until_it_answers(self._site.engine, admitted.sandbox, url, self.http_timeout)
        except NoAnswer as error:
            at = moment(error.at, language)
            self.log.error("No sandbox for %s (on the page: %s): %s", self._log_name, at, error)
            await self._ask(ask.running(admitted.sandbox), language)  # who was cut meanwhile reads that instead
            raise turned_away(503, say(error.msgid, language, at=at)) from None

    async def _abandon(self, building: asyncio.Future[None], sandbox: str) -> None:
        """Nobody waits any more. Docker does not stop half-way because we do: what is being made ends, then goes."""
        (failed,) = await asyncio.gather(building, return_exceptions=True)
        await self._undo(sandbox, failed is None)

    async def _undo(self, sandbox: str, has_run: bool) -> None:
        why = await self._leave_to_warden(sandbox) if has_run else None
        await self._clear_away(sandbox, "cut" if why else "failed")

    async def _is_still_wanted(self, sandbox: str) -> bool:
        """After a restart of the hub: does the broker know it, and may it run on? While it is silent, nothing ends."""
        try:
            await self.broker.ask(ask.running(sandbox))
        except BrokerRefused as refused:
            self.log.warning("%s may not run on: %s", self._log_name, refused.code)
            return False
        except BrokerUnavailable as unavailable:
            self.log.error("%s: %s", self._log_name, unavailable)
            return True
        self._confirmed = True
        return True

    async def _leave_to_warden(self, sandbox: str) -> Ending | None:
        """Why the sandbox must end, if it must; see `leaving.py`."""
        try:
            return await why_it_must_end(self.broker, self.settings.system.evidence, sandbox)
        except (BrokerRefused, BrokerUnavailable) as error:
            self.log.error("%s: nobody can be asked why it ends: %s", self._log_name, error)
            return None

    async def _clear_away(self, sandbox: str, why: str) -> None:
        """Everything of the sandbox, and then the broker's record of it. What cannot be done now is tried again."""
        if self._sandbox == sandbox:
            self._sandbox = ""
        if not await self._cleared(sandbox, why):
            see_through(self._clear_later(sandbox, why))

    async def _clear_later(self, sandbox: str, why: str) -> None:
        while not await self._cleared(sandbox, why):
            await asyncio.sleep(_AGAIN)

    async def _cleared(self, sandbox: str, why: str) -> bool:
        try:
            async with turn_of(self.user.name, self.name):
                await asyncio.to_thread(take_down, self._site, sandbox)
            await self.broker.ask(ask.ended(sandbox, why))
        except BrokerRefused as refused:
            self.log.error("The broker does not record the end of %s: %s", sandbox, refused.code)
        except (*_TROUBLE, BrokerUnavailable) as error:
            self.log.error("Sandbox %s of %s is not wholly gone yet: %s", sandbox, self._log_name, error)
            return False
        return True

    async def _ask(self, question: Question[Answer], language: str) -> Answer:
        try:
            return await self.broker.ask(question, language)
        except BrokerRefused as refused:
            raise turned_away(503 if refused.status >= 500 else 403, refused.detail) from refused
        except BrokerUnavailable as unavailable:
            self.log.error("No sandbox for %s: %s", self._log_name, unavailable)
            raise turned_away(503, say("hub.spawn.broker-away", language)) from unavailable

    def _hold(self, sandbox: str) -> None:
        """On record in the hub's database at once: a hub that dies now finds the sandbox again at its next start."""
        self._sandbox, self._confirmed, self._whole = sandbox, False, False
        self.orm_spawner.state = self.get_state()
        database = object_session(self.orm_spawner)
        if database is not None:
            database.commit()

    def _tell(self, step: str) -> None:
        self._step = step

    @property
    def broker(self) -> AsyncBroker:
        return shared(self.settings.system.broker, self.settings.hub_secret)

    @property
    def _site(self) -> Site:
        system = self.settings.system
        if system.sandboxes is None:
            raise OSError("This system runs without sandboxes.")
        homes = Homes(system.homes, self.settings.home_mb)
        return Site(system.sandboxes, homes, self.user.name, self.name, self.seccomp, self.limits)


_SHARE = {"admit": 5, "network": 15, "home": 30, "container": 50, "answer": 75}
"""How much is done, in percent, when a step begins."""
