"""Pages that JupyterHub does not have: a person's contracts, each with its sandbox; and the ones that are closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.utils import url_path_join
from tornado.web import HTTPError, authenticated

from hub import broker as ask
from hub.broker import AsyncBroker, BrokerRefused, BrokerUnavailable, ContractOfPerson
from hub.language import language_of


@dataclass(frozen=True)
class Line:
    """A contract on the home page. `state` of its sandbox: running | starting | stopping | none."""

    contract: ContractOfPerson
    title: str
    state: str
    address: str
    start: str


class HomePage(BaseHandler):  # type: ignore[misc]
    """What may I start, what is running, and if not: why not."""

    def initialize(self, broker: AsyncBroker) -> None:
        self._broker = broker

    @authenticated
    async def get(self) -> None:
        language, user = language_of(self), self.current_user
        try:
            person = await self._broker.ask(ask.person(user.name), language)
        except BrokerRefused as refused:
            # Their sign-in ends by itself within seconds; a page that says "try again" would be wrong until then.
            self.log.warning("%s may not go on: %s", user.name, refused.code)
            self.clear_login_cookie()
            self.redirect(self.settings["login_url"])
            return
        except BrokerUnavailable as unavailable:
            self.log.error("No home page for %s: %s", user.name, unavailable)
            raise HTTPError(503) from unavailable
        names = {"fa": person.name_fa, "en": person.name_en}
        lines = [self._line(contract, language) for contract in person.contracts]
        self.finish(await self.render_template("home.html", lines=lines, full_name=names[language] or person.person))

    def _line(self, contract: ContractOfPerson, language: str) -> Line:
        user, name = self.current_user, contract.contract
        spawner = user.spawners[name] if name in user.orm_spawners else None
        title = contract.problem_fa if language == "fa" else contract.problem_en
        start = url_path_join(self.hub.base_url, "spawn", user.escaped_name, name)
        return Line(contract, title or name, _state(spawner), user.server_url(name), start)


class NotOffered(BaseHandler):  # type: ignore[misc]
    """JupyterHub has a page here; this hub does not."""

    async def prepare(self) -> None:
        await super().prepare()
        raise HTTPError(404)


def _state(spawner: Any) -> str:
    if spawner is None:
        return "none"
    if spawner.ready:
        return "running"
    return {"spawn": "starting", "stop": "stopping", "check": "starting"}.get(spawner.pending or "", "none")
