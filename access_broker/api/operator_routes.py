"""What the owner of the machine does at its command line: load a scenario, issue tokens, set passwords, look on."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request, status

from access_broker.api.bodies import DisabledBody, LoadBody, PasswordBody, PersonId, TokenBody
from access_broker.api.callers import ByOperator
from access_broker.api.end_views import PersonShut
from access_broker.api.problems import teller_of
from access_broker.api.services import Desk
from access_broker.api.views import Loaded, PublicationView, TokenView
from access_broker.domain.contracts import ContractState
from access_broker.use_cases.ending import set_disabled
from access_broker.use_cases.load import load_scenario
from access_broker.use_cases.people import set_password
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.tokens import issue_token

router = APIRouter(prefix="/operator", tags=["operator"])


@router.post("/load")
def load(body: LoadBody, operator: ByOperator, request: Request, desk: Desk) -> Loaded:
    """Load a scenario file: all of it, or nothing. Every fault of the file is told with its line."""
    base = Path(body.base) if body.base is not None else None
    scenario = desk.extras.read_scenario(body.text, base, desk.clock())
    with desk.records.write() as writer:
        report = load_scenario(writer, desk.policy, scenario, desk.clock())
    for loaded in report.contracts:
        desk.announce(loaded.id)
    return Loaded.of(report, teller_of(request).sentence)


@router.post("/tokens")
def token(body: TokenBody, operator: ByOperator, desk: Desk) -> TokenView:
    """A token for a person, with a contract for the data door as well. It is shown this once."""
    with desk.records.write() as writer:
        issued = issue_token(writer, desk.policy, body.person, body.contract, operator, desk.clock())
    return TokenView.of(issued)


@router.post("/passwords", status_code=status.HTTP_204_NO_CONTENT)
def password(body: PasswordBody, operator: ByOperator, desk: Desk) -> None:
    """Set the password a person signs in with."""
    with desk.records.write() as writer:
        set_password(writer, desk.passwords, body.person, body.password, operator)


@router.post("/people/{person}/disabled")
def disabled(person: PersonId, body: DisabledBody, operator: ByOperator, desk: Desk) -> PersonShut:
    """Shut a person out, or let them in again. Their tokens are revoked in the same moment and stay so."""
    with desk.records.write() as writer:
        shut = set_disabled(writer, person, body.disabled, operator, desk.clock())
    for contract in shut.contracts:
        desk.announce(contract)
    return PersonShut(person=person, disabled=shut.person.disabled, tokens=shut.tokens, contracts=list(shut.contracts))


@router.get("/publications")
def publications(operator: ByOperator, desk: Desk) -> list[PublicationView]:
    """How far the published file of every contract in force is: what `amanat load` waits for."""
    with desk.records.read() as reader:
        active = [c for c in reader.contracts() if c.state is ContractState.ACTIVE]
        return [_publication(reader, contract.id) for contract in active]


def _publication(reader: Reader, contract: str) -> PublicationView:
    """A failure is told even when an older file is still there: what was asked for last did not come about."""
    published, failure = reader.publication(contract), reader.publication_failure(contract)
    version = published.version if published else None
    if failure is not None:
        return PublicationView(contract=contract, state="failed", version=version, failure=failure)
    return PublicationView(
        contract=contract, state="published" if published else "pending", version=version, failure=None
    )
