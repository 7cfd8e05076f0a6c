"""Contracts: parties, term, keys, scope, and the acts planned for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from access_broker.adapters.scenario.inherit import inherited_contracts
from access_broker.adapters.scenario.keys import Hands, check_keys
from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.adapters.scenario.scope import read_scope
from access_broker.adapters.scenario.terms import read_terms
from access_broker.domain.acts import GROUNDS, Act
from access_broker.domain.agreement import bound
from access_broker.domain.clauses import ClauseKind, ContractClause, clauses_from
from access_broker.domain.contracts import (
    Approval,
    Consent,
    Contract,
    ContractType,
    Guarantee,
    Level,
    Signatory,
    Signature,
)
from access_broker.domain.datasets import Dataset
from access_broker.domain.people import Committee, Person, Seat
from access_broker.use_cases.calendar import end_of_day, latest_end, start_of_day, today
from access_broker.use_cases.scenario import PlannedAct, PlannedContract


def read_contracts(
    document: Part,
    reading: Reading,
    people: tuple[Person, ...],
    seats: tuple[Seat, ...],
    datasets: tuple[Dataset, ...],
) -> tuple[PlannedContract, ...]:
    described = {dataset.id: dataset for dataset in datasets}
    employers = {person.id: person.organisation for person in people}
    planned = []
    for part in inherited_contracts(document, reading):
        contract = _contract(part, described, reading)
        _check_employer(contract, part.at("people"), employers, reading)
        check_keys(contract, part, Hands(people, seats, described), reading)
        acts = tuple(_act(row, reading) for row in part.at("acts").items())
        planned.append(PlannedContract(bound(contract), part.flag("activate", True), acts))
    return tuple(planned)


def _contract(part: Part, datasets: dict[str, Dataset], reading: Reading) -> Contract:
    starts_at, ends_at = _term(part, reading)
    people = reading.references("person", part.at("people"))
    return Contract(
        id=part.text("id"),
        problem=reading.reference("problem", part.at("problem")),
        executor=reading.reference("organisation", part.at("executor")),
        owner=reading.reference("organisation", part.at("owner")),
        type=part.choice("type", ContractType, ContractType.PPP),
        purpose=part.text("purpose"),
        level=part.choice("level", Level, Level.OPEN),
        starts_at=starts_at,
        ends_at=ends_at,
        people=people,
        scope=read_scope(part.at("scope"), datasets, reading),
        terms=read_terms(part.at("terms"), datasets, reading),
        report_every_days=_report_days(part),
        legal_access_level_ref=part.text("legal_access_level_ref") or None,
        signatures=_signatures(part),
        approvals=tuple(_approval(row, reading) for row in part.at("approvals").items()),
        consents=tuple(_consent(row, reading) for row in part.at("consents").items()),
        guarantees=tuple(_guarantee(row, reading) for row in part.at("guarantees").items()),
        acknowledged=_acknowledged(part.at("acknowledged"), people, reading),
        follows=part.text("follows") or None,
        clauses=clauses_from({kind: _clause(kind, given) for kind, given in _own_clauses(part.at("clauses"))}),
    )


def _own_clauses(part: Part) -> Iterator[tuple[ClauseKind, Part]]:
    """Those that the contract speaks of, be it to say that nothing was agreed."""
    return ((kind, part.at(kind.value)) for kind in ClauseKind if kind.value in part)


def _clause(kind: ClauseKind, part: Part) -> ContractClause | None:
    return None if part.value is None else ContractClause(kind, part.text("en"), part.text("fa"))


def _term(part: Part, reading: Reading) -> tuple[datetime, datetime]:
    """First and last second of the contract, UTC; at most six Jalali months apart (S3-P9-R1)."""
    starts_at = reading.moment(part.at("start"), start_of_day)
    ends_at = reading.moment(part.at("end"), end_of_day)
    if starts_at is None or ends_at is None:
        return reading.now, reading.now
    if ends_at < starts_at:
        reading.faults.add((*part.path, "end"), "END_BEFORE_START")
    elif ends_at > (latest := latest_end(starts_at)):
        reading.faults.add((*part.path, "end"), "TERM_TOO_LONG", latest=today(latest).isoformat())
    return starts_at, ends_at


def _check_employer(contract: Contract, people: Part, employers: dict[str, str], reading: Reading) -> None:
    """The executor carries the work out itself: no one of another company (S3-P3)."""
    if contract.executor not in reading.places["organisation"]:
        return
    for item in people.items():
        employer = employers.get(item.value) if isinstance(item.value, str) else None
        if employer in reading.places["organisation"] and employer != contract.executor:
            detail = {"id": item.value, "organisation": employer, "executor": contract.executor}
            reading.faults.add(item.path, "NOT_OF_EXECUTOR", **detail)


def _report_days(part: Part) -> int | None:
    """Weekly unless said otherwise; `null` says that none was agreed, which keeps the contract from starting."""
    if "report_every_days" in part and part.at("report_every_days").value is None:
        return None
    return part.whole("report_every_days", 7)


def _signatures(part: Part) -> tuple[Signature, ...]:
    """The file says that they were given, not by whom."""
    parties = part.choices("signatures", Signatory)
    return tuple(Signature(party) for party in (*parties, *((Signatory.ITO,) if part.flag("ito_approved") else ())))


def _approval(row: Part, reading: Reading) -> Approval:
    return Approval(
        row.choice("committee", Committee, Committee.MONITORING),
        reading.reference("person", row.at("person")),
        row.text("decision", "approved"),
        _given_at(row, reading),
    )


def _consent(row: Part, reading: Reading) -> Consent:
    dataset = reading.reference("dataset", row.at("dataset"))
    return Consent(dataset, reading.reference("person", row.at("person")), _given_at(row, reading))


def _given_at(row: Part, reading: Reading) -> datetime:
    day: date = (reading.day(row.at("at")) if "at" in row else None) or today(reading.now)
    if day > today(reading.now):
        reading.faults.add((*row.path, "at"), "GIVEN_LATER")
    return start_of_day(day)


def _guarantee(row: Part, reading: Reading) -> Guarantee:
    return Guarantee(row.text("kind"), reading.moment(row.at("expires"), end_of_day) or reading.now)


def _acknowledged(part: Part, people: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    if part.value == "all":
        return people
    accepted = reading.references("person", part)
    for item in part.items():
        if item.value in accepted and item.value in reading.places["person"] and item.value not in people:
            reading.faults.add(item.path, "NOT_A_PARTY", id=item.value)
    return accepted


def _act(row: Part, reading: Reading) -> PlannedAct:
    act = row.choice("act", Act, Act.WARN)
    ground = row.text("ground")
    place = (*row.path, "ground")
    if row.text("act") == act and ground and ground not in GROUNDS[act] and not reading.faults.are_at(place):
        reading.faults.add(place, "GROUND_NOT_ALLOWED", act=act, ground=ground, allowed=sorted(GROUNDS[act]))
    return PlannedAct(act, ground, reading.reference("person", row.at("by")), row.text("decision") or None)
