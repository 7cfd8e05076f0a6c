"""Who may not judge a contract: nobody approves what is one's own (S1-C2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from access_broker.domain.agreement import current
from access_broker.domain.contracts import Contract, Signatory
from access_broker.domain.people import Committee, Family, Seat
from access_broker.use_cases.ports import Reader


class Interest(StrEnum):
    """Why somebody may not judge."""

    EXECUTOR = "executor"
    OWNER = "owner"
    STEWARD = "steward"
    SIGNED = "signed"
    CONSENTED = "consented"  # for ITO
    ACTED = "acted"  # took the act that is to be judged


def interest_of(reader: Reader, contract: Contract, person_id: str) -> Interest | None:
    """What ties the person to one side of the contract; None for somebody who is of no side.

    People of the owner are of a side, because one approval speaks for the whole committee; in a vote the owner's own
    seat has its voice (use_cases/voting.py). ITO owns data too, and most
    seats are its people's by the directive: of them only those who signed, or who keep the data, are of a side.
    """
    person = reader.person(person_id)
    if person is None or person.organisation == contract.executor or person_id in contract.people:
        return Interest.EXECUTOR
    if person_id in _stewards(reader, contract):
        return Interest.STEWARD
    signed = {s.signatory for s in current(contract, contract.signatures) if s.person == person_id}
    if signed:
        return Interest.CONSENTED if signed == {Signatory.ITO} else Interest.SIGNED
    if person.organisation == contract.owner and person.family is not Family.ITO:
        return Interest.OWNER
    return None


def is_interested(
    reader: Reader,
    contract: Contract,
    person_id: str,
    seats: Iterable[Seat],
    committees: Iterable[Committee] = (Committee.MONITORING,),
) -> bool:
    """Whether the person may not judge, with those seats, what happens under a contract in force.

    The owner's own seat in one of `committees` is there to be heard: those that the person speaks for. From a common
    seat of another one, delegated to the same person, the owner would judge its own contract twice. ITO's consent to
    the beginning makes nobody a side of what came of it.
    """
    interest = interest_of(reader, contract, person_id)
    if interest is Interest.OWNER:
        return not any(s.committee in committees and s.organisation == contract.owner for s in seats)
    return interest not in (None, Interest.CONSENTED)


def was_seated(reader: Reader, committee: Committee, person: str, at: datetime, organisation: str) -> bool:
    """Whether the person held, or was delegated, a seat of that committee at that time.

    `organisation`: whose matter it was; another organisation's own seat has no say in it (S1-C2).
    """
    held = (seat for seat in reader.seats_of(person) if seat.committee is committee and seat.is_held(at))
    return any(seat.speaks_for(organisation) for seat in held)


def is_keeper(reader: Reader, person: str, dataset_id: str) -> bool:
    """Whether the person is the steward whom the dataset names, of the organisation that owns it."""
    dataset, someone = reader.dataset(dataset_id), reader.person(person)
    return (
        dataset is not None
        and someone is not None
        and (dataset.steward, dataset.owner) == (person, someone.organisation)
    )


def _stewards(reader: Reader, contract: Contract) -> set[str]:
    datasets = (reader.dataset(id) for id in {grant.dataset for grant in contract.scope})
    return {dataset.steward for dataset in datasets if dataset is not None}
