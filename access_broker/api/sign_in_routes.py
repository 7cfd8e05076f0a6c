"""Signing in with a password. Failures are uniform and soon have to wait."""

from __future__ import annotations

from fastapi import APIRouter, Request

from access_broker.api.bodies import SignInBody
from access_broker.api.callers import address_of
from access_broker.api.services import Desk
from access_broker.api.views import TokenView
from access_broker.use_cases.people import sign_in

router = APIRouter(tags=["sign-in"])


@router.post("/sign-in")
def sign_in_with_password(body: SignInBody, request: Request, desk: Desk) -> TokenView:
    """A token of eight hours for this API, with the person's seats and roles."""
    now, address = desk.clock(), address_of(request)
    desk.lockout.begin(body.person, address, now)
    issued = sign_in(desk.records, desk.policy, desk.passwords, body.person, body.password, now)
    desk.lockout.succeeded(body.person, address)
    return TokenView.of(issued)
