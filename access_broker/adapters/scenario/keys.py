"""Who may give the keys that a contract of the file comes with: as in use_cases/drafting.py, told with places."""

from __future__ import annotations

from dataclasses import dataclass

from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.contracts import Approval, Consent, Contract
from access_broker.domain.datasets import Dataset
from access_broker.domain.people import Family, Person, Seat


@dataclass(frozen=True)
class Hands:
    """Everybody the file describes, and what is in their hands."""

    people: tuple[Person, ...]
    seats: tuple[Seat, ...]
    datasets: dict[str, Dataset]

    def person(self, id: str) -> Person | None:
        return next((person for person in self.people if person.id == id), None)

    def sits(self, approval: Approval, owner: str) -> bool:
        """In a seat that has a say in the matters of the organisation `owner`."""
        mine = (seat for seat in self.seats if seat.person == approval.person and seat.speaks_for(owner))
        return any(seat.committee is approval.committee and seat.is_held(approval.at) for seat in mine)


def check_keys(contract: Contract, part: Part, hands: Hands, reading: Reading) -> None:
    """Approvals come from seats and from nobody's side; consents from the dataset's own steward."""
    for row, approval in zip(part.at("approvals").items(), contract.approvals, strict=True):
        _check_approval(contract, approval, (*row.path, "person"), hands, reading)
    for row, consent in zip(part.at("consents").items(), contract.consents, strict=True):
        _check_consent(contract, consent, (*row.path, "person"), hands, reading)


def _check_approval(
    contract: Contract, approval: Approval, place: tuple[str | int, ...], hands: Hands, reading: Reading
) -> None:
    person = hands.person(approval.person)
    if person is None or reading.faults.are_at(place):
        return
    if not hands.sits(approval, contract.owner):
        reading.faults.add(place, "APPROVER_SEAT", id=person.id, committee=approval.committee)
    elif _is_of_a_side(contract, person, hands):
        reading.faults.add(place, "APPROVER_SIDE", id=person.id)


def _is_of_a_side(contract: Contract, person: Person, hands: Hands) -> bool:
    granted = (hands.datasets.get(grant.dataset) for grant in contract.scope)
    if person.organisation == contract.executor or any(d is not None and d.steward == person.id for d in granted):
        return True
    return person.organisation == contract.owner and person.family is not Family.ITO


def _check_consent(
    contract: Contract, consent: Consent, place: tuple[str | int, ...], hands: Hands, reading: Reading
) -> None:
    dataset, person = hands.datasets.get(consent.dataset), hands.person(consent.person)
    if dataset is None or person is None or reading.faults.are_at(place):
        return
    if (dataset.steward, dataset.owner) != (person.id, person.organisation):
        reading.faults.add(place, "CONSENT_STEWARD", id=person.id, dataset=dataset.id, steward=dataset.steward)
    elif all(grant.dataset != dataset.id for grant in contract.scope):
        reading.faults.add(place, "CONSENT_UNUSED", dataset=dataset.id)
