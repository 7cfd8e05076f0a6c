"""Sign-in at the hub, checked against the broker's accounts; and the broker's word on who may go on."""

from __future__ import annotations

from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.login import LoginHandler
from tornado.web import HTTPError, RequestHandler
from traitlets import Instance

from hub import broker as ask
from hub.broker import AsyncBroker, BrokerRefused, BrokerUnavailable, shared
from hub.fitting import ID
from hub.language import language_of, say
from hub.pages import HomePage, NotOffered
from hub.settings import HubSettings


def _browser(handler: RequestHandler) -> str:
    """The address that the guard has written down; it drops what a browser says about itself."""
    forwarded = handler.request.headers.get("X-Forwarded-For", "")
    return forwarded.split(",")[0].strip()[:64] or str(handler.request.remote_ip)


class BrokerAuthenticator(Authenticator):  # type: ignore[misc]
    """People are those of the broker; nobody is an administrator of the hub. Groups are their roles and committees."""

    settings = Instance(HubSettings).tag(config=True)

    @property
    def broker(self) -> AsyncBroker:
        return shared(self.settings.system.broker, self.settings.hub_secret)

    async def authenticate(self, handler: RequestHandler, data: dict[str, str]) -> dict[str, Any]:
        """The person who signed in. Raises HTTPError, with the reason as a sentence, for everybody else."""
        language = language_of(handler)
        name, password = data.get("username", ""), data.get("password", "")
        if not ID.fullmatch(name) or not password:
            raise turned_away(403, say("hub.login.wrong", language))
        try:
            await self.broker.ask(ask.sign_in(name, password, _browser(handler)), language)
            return await self._known(name, language)
        except BrokerRefused as refused:
            raise turned_away(429 if refused.status == 429 else 403, refused.detail) from refused
        except BrokerUnavailable as unavailable:
            self.log.error("No sign-in: %s", unavailable)
            raise turned_away(503, say("hub.login.broker-away", language)) from unavailable

    async def refresh_user(self, user: Any, handler: RequestHandler | None = None) -> dict[str, Any] | bool:
        """False logs out whoever was disabled; and nobody goes on while the broker cannot be asked."""
        try:
            return await self._known(user.name, "en")
        except BrokerRefused as refused:
            self.log.warning("%s may not go on: %s", user.name, refused.code)
        except BrokerUnavailable as unavailable:
            self.log.error("Nobody can go on: %s", unavailable)
        return False

    async def _known(self, name: str, language: str) -> dict[str, Any]:
        person = await self.broker.ask(ask.person(name), language)
        if person.person != name or person.disabled:
            raise BrokerRefused("PERSON_DISABLED", "", say("hub.login.wrong", language), 403)
        return {"name": name, "admin": False, "groups": list(person.groups)}

    def normalize_username(self, username: str) -> str:
        """As it stands. Lower-casing would give `Sara` the sandboxes of `sara`."""
        return username

    def validate_username(self, username: str) -> bool:
        return bool(ID.fullmatch(username))

    def get_handlers(
        self, app: Any
    ) -> list[tuple[str, type[RequestHandler]] | tuple[str, type[RequestHandler], dict[str, Any]]]:
        """These come before JupyterHub's own: our home page, and nothing where it would make tokens or administer."""
        home = {"broker": self.broker}
        closed = (r"/token", r"/admin.*", r"/accept-share", r"/spawn", r"/spawn/[^/]+", r"/metrics", r"/api/shutdown")
        return [("/login", LoginHandler), ("/home", HomePage, home), *((path, NotOffered) for path in closed)]


def turned_away(status: int, sentence: str) -> HTTPError:
    """An error whose page shows `sentence`. It stays out of the status line, which holds no Persian."""
    error = HTTPError(status)
    error.jupyterhub_message = sentence  # type: ignore[attr-defined]
    return error
