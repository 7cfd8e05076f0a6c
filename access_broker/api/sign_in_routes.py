"""Signing in with a password. Failures are uniform and soon have to wait."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, status

from access_broker.api.bodies import HubSignInBody, SignInBody
from access_broker.api.callers import address_of, by_hub
from access_broker.api.services import Desk, Services
from access_broker.api.views import TokenView
from access_broker.use_cases.people import sign_in
from access_broker.use_cases.tokens import IssuedToken

router = APIRouter(tags=["sign-in"])


@router.post("/sign-in")
def sign_in_with_password(body: SignInBody, request: Request, desk: Desk) -> TokenView:
    """A token of eight hours for this API, with the person's seats and roles."""
    return TokenView.of(_signed_in(desk, body, address_of(request)))


@router.post("/hub/sign-ins", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(by_hub)])
def sign_in_at_hub(body: HubSignInBody, desk: Desk) -> None:
    """Signing in at the hub. Failures count for the browser's address; the hub's own would lock out everybody."""
    _signed_in(desk, body, body.address)


def _signed_in(desk: Services, body: SignInBody, address: str) -> IssuedToken:
    now = desk.clock()
    desk.lockout.begin(body.person, address, now)
    issued = sign_in(desk.records, desk.policy, desk.passwords, body.person, body.password, now)
    desk.lockout.succeeded(body.person, address)
    return issued
