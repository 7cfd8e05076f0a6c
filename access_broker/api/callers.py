"""Who is calling. A route's signature says who may: `caller: SignedIn` or `operator: ByOperator`, or nobody at all."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from access_broker.api.services import Desk
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door
from access_broker.use_cases.load import OPERATOR
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.tokens import authenticate_token, caller_of, door_of

OPERATOR_HEADER = "X-Amanat-Operator"

HUB_HEADER = "X-Amanat-Hub"
GUARD_HEADER = "X-Amanat-Guard"

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="What `amanat token` or POST /sign-in gives.")
_operator = APIKeyHeader(
    name=OPERATOR_HEADER,
    auto_error=False,
    scheme_name="operator",
    description="The secret in the state folder, which only the owner of the machine can read.",
)
_hub = APIKeyHeader(name=HUB_HEADER, auto_error=False, scheme_name="hub", description="The secret of hub and warden.")
_guard = APIKeyHeader(name=GUARD_HEADER, auto_error=False, scheme_name="guard", description="The secret of the guard.")


def address_of(request: Request) -> str:
    """Where the connection comes from. Forwarding headers are not believed: anybody can write them."""
    return request.client.host if request.client else ""


def signed_in(
    request: Request, desk: Desk, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Caller:
    """The caller behind the bearer token, authenticated anew on every request. A sandbox's opens the gateway only."""
    text, address, now = credentials.credentials if credentials else "", address_of(request), desk.clock()
    with desk.records.read() as reader:
        token = authenticate_token(reader, text, now, door_of(address), address)
        if token.door is not Door.LOCAL:
            raise Refused("WRONG_DOOR", "S3-P8")
        return caller_of(reader, token, now)


def by_operator(desk: Desk, secret: Annotated[str | None, Security(_operator)]) -> str:
    """The name under which the owner of the machine is written into the audit."""
    _check_secret(desk.secrets.operator, secret)
    return OPERATOR


def by_hub(desk: Desk, secret: Annotated[str | None, Security(_hub)]) -> None:
    """Hub and warden, which act for people who have signed in at the hub."""
    _check_secret(desk.secrets.hub, secret)


def by_guard(desk: Desk, secret: Annotated[str | None, Security(_guard)]) -> None:
    """The guard, which may leave refusal lines and nothing else."""
    _check_secret(desk.secrets.guard, secret)


def _check_secret(secret: str, given: str | None) -> None:
    if not is_secret(secret, (given or "").encode("utf-8", "replace")):
        raise Refused("NOT_PERMITTED", "F-2")


def is_secret(secret: str, given: bytes) -> bool:
    """Constant time, so that a secret cannot be guessed one letter after the other."""
    return hmac.compare_digest(secret.encode(), given)


SignedIn = Annotated[Caller, Depends(signed_in)]
ByOperator = Annotated[str, Depends(by_operator)]
