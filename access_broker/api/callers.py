"""Who is calling. A route's signature says who may: `caller: SignedIn` or `operator: ByOperator`, or nobody at all."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from access_broker.api.services import Desk
from access_broker.domain.decisions import Refused
from access_broker.use_cases.load import OPERATOR
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.tokens import authenticate_token, caller_of, door_of

OPERATOR_HEADER = "X-Amanat-Operator"

_bearer = HTTPBearer(auto_error=False, scheme_name="token", description="What `amanat token` or POST /sign-in gives.")
_operator = APIKeyHeader(
    name=OPERATOR_HEADER,
    auto_error=False,
    scheme_name="operator",
    description="The secret in the state folder, which only the owner of the machine can read.",
)


def address_of(request: Request) -> str:
    """Where the connection comes from. Forwarding headers are not believed: anybody can write them."""
    return request.client.host if request.client else ""


def signed_in(
    request: Request, desk: Desk, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Caller:
    """The caller behind the bearer token, authenticated anew on every request."""
    text, address, now = credentials.credentials if credentials else "", address_of(request), desk.clock()
    with desk.records.read() as reader:
        token = authenticate_token(reader, text, now, door_of(address), address)
        return caller_of(reader, token, now)


def by_operator(desk: Desk, secret: Annotated[str | None, Security(_operator)]) -> str:
    """The name under which the owner of the machine is written into the audit."""
    if not is_operator_secret(desk.operator_secret, (secret or "").encode("utf-8", "replace")):
        raise Refused("NOT_PERMITTED", "F-2")
    return OPERATOR


def is_operator_secret(secret: str, given: bytes) -> bool:
    """Constant time, so that a secret cannot be guessed one letter after the other."""
    return hmac.compare_digest(secret.encode(), given)


SignedIn = Annotated[Caller, Depends(signed_in)]
ByOperator = Annotated[str, Depends(by_operator)]
