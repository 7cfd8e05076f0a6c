"""Organisations, people, passwords and committee seats as rows."""

from __future__ import annotations

from access_broker.adapters.records import tables as t
from access_broker.adapters.records.transaction import Children, Transaction, load
from access_broker.domain.people import Organisation, Person, Seat


def load_organisations(tx: Transaction, id: str | None = None) -> list[Organisation]:
    return [Organisation(**row._mapping) for row in load(tx, t.organisations, "id", id)]


def save_organisation(tx: Transaction, organisation: Organisation) -> None:
    tx.upsert(t.organisations, vars(organisation))


def load_people(tx: Transaction, id: str | None = None) -> list[Person]:
    roles = Children(tx, "person", id)(t.people_roles)
    return [
        Person(**row._mapping, roles=frozenset(r.role for r in roles.get(row.id, ())))
        for row in load(tx, t.people, "id", id)
    ]


def save_person(tx: Transaction, person: Person) -> None:
    row = dict(vars(person))
    roles = row.pop("roles")
    tx.upsert(t.people, row)
    tx.replace(t.people_roles, "person", person.id, [{"role": role} for role in sorted(roles)])


def load_password(tx: Transaction, person: str) -> str | None:
    return next((str(row.hash) for row in load(tx, t.passwords, "person", person)), None)


def save_password(tx: Transaction, person: str, password_hash: str) -> None:
    tx.upsert(t.passwords, {"person": person, "hash": password_hash})


def load_seats(tx: Transaction, person: str | None = None) -> list[Seat]:
    rows = (dict(row._mapping) for row in load(tx, t.seats, "person", person))
    return [Seat(**row | {"organisation": row["organisation"] or None}) for row in rows]


def save_seat(tx: Transaction, seat: Seat) -> None:
    """A seat row is known by committee, number, organisation and person; a delegate has a row beside the holder's."""
    tx.upsert(t.seats, vars(seat) | {"organisation": seat.organisation or ""})
