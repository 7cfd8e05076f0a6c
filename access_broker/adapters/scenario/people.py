"""Organisations, people and committee seats."""

from __future__ import annotations

from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.identifiers import is_legal_id
from access_broker.domain.people import (
    ORGANISATION_SEAT,
    ROLES_OF_FAMILY,
    Committee,
    Family,
    Organisation,
    Person,
    Role,
    Seat,
)
from access_broker.domain.text import digits
from access_broker.use_cases.calendar import end_of_day, start_of_day


def read_organisations(document: Part, reading: Reading) -> tuple[Organisation, ...]:
    parts = [part for part in document.at("organisations").items() if reading.is_first("organisation", part)]
    return tuple(_organisation(part, reading) for part in parts)


def read_people(document: Part, reading: Reading, organisations: tuple[Organisation, ...]) -> tuple[Person, ...]:
    families = {organisation.id: organisation.family for organisation in organisations}
    people: dict[str, Person] = {}
    for part in document.at("people").items():
        person = _person(part, reading, families)
        twin = people.get(person.id)
        if twin and twin.family is not person.family:
            _add_two_families(part, reading, twin.family, person.family)
        elif reading.is_first("person", part):
            people[person.id] = person
    return tuple(people.values())


def read_seats(document: Part, reading: Reading, people: tuple[Person, ...]) -> tuple[Seat, ...]:
    committees = document.at("committees")
    known = {person.id: person for person in people}
    return tuple(seat for name in Committee for seat in _seats(name, committees.at(name.value), reading, known))


def _organisation(part: Part, reading: Reading) -> Organisation:
    legal_id = part.at("legal_id").value
    legal_id = digits(str(legal_id)).strip() if isinstance(legal_id, str | int) else None
    if legal_id is not None and not is_legal_id(legal_id):
        reading.faults.add((*part.path, "legal_id"), "LEGAL_ID_CHECKSUM", value=legal_id)
    names = part.at("names")
    family = part.choice("family", Family, Family.CITIZEN)
    return Organisation(part.text("id"), family, names.text("en"), names.text("fa"), legal_id)


def _person(part: Part, reading: Reading, families: dict[str, Family]) -> Person:
    organisation = reading.reference("organisation", part.at("organisation"))
    family = families.get(organisation) or part.choice("family", Family, Family.CITIZEN)
    stated = part.choice("family", Family, family)
    if stated is not family:
        _add_two_families(part, reading, family, stated)
    if organisation in families:
        _check_roles(part.at("roles"), family, reading)
    names = part.at("names")
    return Person(
        id=part.text("id"),
        organisation=organisation,
        family=family,
        name_en=names.text("en"),
        name_fa=names.text("fa"),
        roles=frozenset(part.choices("roles", Role)),
        disabled=part.flag("disabled"),
        language=part.text("language", "fa"),
    )


def _add_two_families(part: Part, reading: Reading, one: Family, other: Family) -> None:
    place = (*part.path, "family" if "family" in part else "id")
    reading.faults.add(place, "TWO_FAMILIES", id=part.text("id"), one=one, other=other)


def _check_roles(roles: Part, family: Family, reading: Reading) -> None:
    """F-2: a role family has its own roles and no others."""
    allowed = ROLES_OF_FAMILY[family]
    for item in roles.items():
        known = isinstance(item.value, str) and item.value in set(Role)
        if known and item.value not in allowed:
            shown = sorted(allowed) or "-"
            reading.faults.add(item.path, "ROLE_OUTSIDE_FAMILY", role=item.value, family=family, allowed=shown)


def _seats(committee: Committee, rows: Part, reading: Reading, people: dict[str, Person]) -> list[Seat]:
    seats: list[Seat] = []
    for row in rows.items():
        person, number = reading.reference("person", row.at("person")), row.whole("seat", 0)
        holder = people.get(person)
        seat = Seat(
            committee,
            number,
            person,
            reading.moment(row.at("from"), start_of_day),
            reading.moment(row.at("to"), end_of_day),
            holder.organisation if holder and number == ORGANISATION_SEAT[committee] else None,
        )
        if any(_collide(seat, other) for other in seats):
            reading.faults.add((*row.path, "seat"), "SEAT_TAKEN", seat=seat.number)
        family = holder.family if holder else Family.ITO
        if family not in (Family.GOVERNMENT, Family.ITO):
            reading.faults.add((*row.path, "person"), "SEAT_FAMILY", id=seat.person, family=family)
        seats.append(seat)
    return seats


def _collide(one: Seat, other: Seat) -> bool:
    """A seat has one holder, the seat of the organisation concerned one for each organisation (S1-C2).

    A delegation, with both its dates, is a row of its own.
    """
    delegated = any(seat.valid_from and seat.valid_to for seat in (one, other))
    same = (one.number, one.organisation) == (other.number, other.organisation)
    return same and (one.person == other.person or not delegated)
