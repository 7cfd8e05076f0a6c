"""The operator's pages: accounts, and whether every part of the system answers."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from access_broker.api.bodies import PersonId
from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, AtConsole, ByForm, Here
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Organisation, Person, Seat
from access_broker.use_cases.ending import set_disabled
from access_broker.use_cases.permissions import check_may_look_after
from access_broker.use_cases.ports import Reader

router = APIRouter(route_class=Page, include_in_schema=False)


@dataclass(frozen=True)
class Account:
    """A person with what they do here. `password`: whether one is set, nothing more."""

    person: Person
    organisation: Organisation | None
    seats: tuple[Seat, ...]
    password: bool


@dataclass(frozen=True)
class Published:
    """The published file of a contract in force. `failure`: why the last attempt did not come about."""

    contract: str
    version: int | None
    failure: str | None


@router.get("/people")
def people(here: AtConsole, done: str = "") -> Response:
    """Every account, by organisation."""
    return _people(here, done)


@router.post("/people/{person}/disabled")
def disabled(person: PersonId, acting: ByForm) -> Response:
    """Shut a person out, or let them in again; their tokens end in the same transaction (S3-P3)."""
    here, out = acting.here, acting.field("disabled") == "yes"
    try:
        check_may_look_after(here.caller)
        if person == here.person:
            raise Refused("NOT_PERMITTED", "F-2", name=person)  # nobody locks the door with the key inside
        with here.desk.records.write() as writer:
            shut = set_disabled(writer, person, out, here.person, here.now)
    except Refused as refused:
        return _people(here, "", refused)
    for contract in shut.contracts:
        here.desk.announce(contract)
    return RedirectResponse(f"{PREFIX}/people?done={'disabled' if out else 'enabled'}", 303)


@router.get("/system")
def system(here: AtConsole) -> Response:
    """Which parts answer now, how long the audit chain is, and how far the published files are."""
    check_may_look_after(here.caller)
    parts = here.console.parts()
    with here.desk.records.read() as reader:
        total = reader.audit_head()[0]
        active = [c.id for c in reader.contracts() if c.state is ContractState.ACTIVE]
        published = [_published(reader, contract) for contract in active]
    return page(here, "system.html", parts=parts, total=total, published=published)


def _people(here: Here, asked: str, refused: Refused | None = None) -> Response:
    check_may_look_after(here.caller)
    with here.desk.records.read() as reader:
        accounts = [_account(reader, person, here) for person in reader.people()]
    accounts.sort(key=lambda account: (account.person.organisation, account.person.id))
    status = status_of(refused.reason.code) if refused else 200
    return page(here, "people.html", refused, status, accounts=accounts, done=done(asked))


def _account(reader: Reader, person: Person, here: Here) -> Account:
    seats = tuple(seat for seat in reader.seats_of(person.id) if seat.is_held(here.now))
    has_password = reader.password_hash(person.id) is not None
    return Account(person, reader.organisation(person.organisation), seats, has_password)


def _published(reader: Reader, contract: str) -> Published:
    publication = reader.publication(contract)
    version = publication.version if publication else None
    return Published(contract, version, reader.publication_failure(contract))
