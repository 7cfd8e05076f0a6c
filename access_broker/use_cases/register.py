"""Bringing organisations, people, seats, datasets and problems on record.

Every function answers True when it wrote something. The same content again is a no-op without an audit record;
other content for an id that is taken is refused with CONFLICT, because a record is corrected by its own use-case.
"""

from __future__ import annotations

from dataclasses import replace

from access_broker.domain.audit import AuditEvent
from access_broker.domain.dataset_records import SovereigntyDecision, TakenBack
from access_broker.domain.datasets import Column, ColumnRef, DataClass, Dataset, Sovereignty, Table, closing_joins
from access_broker.domain.decisions import Refused
from access_broker.domain.identifiers import is_legal_id
from access_broker.domain.motions import Subject
from access_broker.domain.people import (
    ORGANISATION_SEAT,
    ROLES_OF_FAMILY,
    SEATS,
    Committee,
    Family,
    Organisation,
    Person,
    Role,
    Seat,
)
from access_broker.domain.problems import Origin, Problem
from access_broker.domain.text import fold, is_stable_id
from access_broker.use_cases.decided import check_not_balloted
from access_broker.use_cases.ports import Reader, Writer


def register_organisation(writer: Writer, organisation: Organisation, actor: str) -> bool:
    """A legal id is optional, a wrong one is refused (S3-P3): without one a company cannot be an executor."""
    if not is_new(writer.organisation(organisation.id), organisation, "organisation"):
        return False
    if organisation.legal_id is not None and not is_legal_id(organisation.legal_id):
        raise Refused("INVALID", "S3-P3", where="legal_id")
    body = {"family": organisation.family.value, "legal_id": organisation.legal_id}
    writer.save_organisation(organisation, AuditEvent("organisation.registered", actor, organisation.id, "F-2", body))
    return True


def register_person(writer: Writer, person: Person, actor: str) -> bool:
    """One family per person, that of the organisation, and only roles of that family (F-2)."""
    stored = writer.person(person.id)
    if stored is not None and stored.disabled:
        stored = replace(stored, disabled=person.disabled)  # whoever was shut out since stays so, whatever a file says
    if not is_new(stored, person, "person"):
        return False
    organisation = writer.organisation(person.organisation)
    if organisation is None:
        raise Refused("NOT_FOUND", name=person.organisation)
    if organisation.family is not person.family:
        raise Refused("INVALID", "F-2", where="family")
    if not person.roles <= ROLES_OF_FAMILY[person.family]:
        raise Refused("NOT_PERMITTED", "F-2", name=person.id)
    body = {"organisation": person.organisation, "family": person.family.value, "roles": sorted(person.roles)}
    writer.save_person(person, AuditEvent("person.registered", actor, person.id, "F-2", body))
    return True


def register_seat(writer: Writer, seat: Seat, actor: str) -> bool:
    """Seats 1 to 6 and 1 to 5 (S1-C2, S3-P1-R2), held by people of the state: an executor does not judge itself.

    A delegation is a row of its own with both its dates; without dates a seat has one holder. The seat of the
    organisation concerned is each organisation's own, held by its people; which one it is need not be said.
    """
    rule = "S1-C2" if SEATS[seat.committee] == 6 else "S3-P1-R2"
    person = writer.person(seat.person)
    if person is None:
        raise Refused("NOT_FOUND", name=seat.person)
    seat = _of_its_organisation(seat, person, rule)
    place = (seat.committee, seat.number, seat.organisation)
    rows = [row for row in writer.seats() if (row.committee, row.number, row.organisation) == place]
    if not is_new(next((row for row in rows if row.person == seat.person), None), seat, "seat"):
        return False
    if not 1 <= seat.number <= SEATS[seat.committee]:
        raise Refused("INVALID", rule, where="number")
    if person.family not in (Family.GOVERNMENT, Family.ITO):
        raise Refused("NOT_PERMITTED", rule, name=seat.person)
    if not _is_delegation(seat) and not all(_is_delegation(row) for row in rows):
        raise Refused("CONFLICT", rule, name=f"{seat.committee.value} {seat.number}")
    body = {"committee": seat.committee.value, "number": seat.number, "from": seat.valid_from, "to": seat.valid_to}
    body |= {"organisation": seat.organisation} if seat.organisation else {}
    writer.save_seat(seat, AuditEvent("seat.taken", actor, seat.person, rule, body))
    return True


def register_dataset(writer: Writer, dataset: Dataset, actor: str) -> bool:
    """The steward's description, whoever brings it. Its sovereignty is undetermined until the committee decides."""
    described = replace(dataset, sovereignty=Sovereignty.UNDETERMINED)
    stored = writer.dataset(dataset.id)
    if stored is not None:
        stored = replace(_tagged_as(stored, described), sovereignty=Sovereignty.UNDETERMINED)
    if not is_new(stored, described, "dataset"):
        return False
    _check_description(writer, dataset)
    body = {
        "owner": dataset.owner,
        "steward": dataset.steward,
        "tables": {table.id: {c.id: c.data_class.value for c in table.columns} for table in dataset.tables},
        "sources": [source.sha256 for source in dataset.sources],
    }
    writer.save_dataset(described, AuditEvent("dataset.registered", actor, dataset.id, "S1-P2", body))
    return True


def decide_sovereignty(
    writer: Writer, dataset_id: str, sovereignty: Sovereignty, actor: str, decision: str | None = None
) -> bool:
    """Write down what the Monitoring Committee decided about a dataset (S1-P4-R4). Undetermined is no decision.

    `decision`: its reference; None from a scenario file, which tells what was decided before. Whether a seat may do it
    on that decision is asked in use_cases/sovereignty.py.
    """
    dataset = writer.dataset(dataset_id)
    if dataset is None:
        raise Refused("NOT_FOUND", name=dataset_id)
    if sovereignty in (dataset.sovereignty, Sovereignty.UNDETERMINED):
        return False
    if writer.filed(SovereigntyDecision, dataset=dataset_id):
        return False  # the committee has decided anew since; what a file says is what was so before
    if dataset.sovereignty is not Sovereignty.UNDETERMINED:
        raise Refused("CONFLICT", "S1-P4-R4", name=dataset_id)
    check_not_balloted(
        writer, Committee.MONITORING, Subject.SOVEREIGNTY, dataset_id, "S1-P4-R4", outcome=sovereignty.value
    )
    told = {"sovereignty": sovereignty.value} | ({"decision": decision} if decision else {})
    event = AuditEvent("dataset.sovereignty_decided", actor, dataset_id, "S1-P4-R4", told)
    writer.save_dataset(replace(dataset, sovereignty=sovereignty), event)
    return True


def register_problem(writer: Writer, problem: Problem, actor: str) -> bool:
    """`resources` is the list from which grants may be made later (S1-P2)."""
    if not is_new(_as_promised(writer, problem), problem, "problem"):
        return False
    owned_by_citizen = problem.origin is Origin.CITIZEN and writer.person(problem.owner) is not None
    if writer.organisation(problem.owner) is None and not owned_by_citizen:
        raise Refused("NOT_FOUND", name=problem.owner)
    for resource in problem.resources:
        if writer.dataset(resource) is None:
            raise Refused("NOT_FOUND", "S1-P2", name=resource)
    body = {"owner": problem.owner, "origin": problem.origin.value, "resources": list(problem.resources)}
    writer.save_problem(problem, AuditEvent("problem.registered", actor, problem.id, "S1-P2", body))
    return True


def _as_promised(reader: Reader, given: Problem) -> Problem | None:
    """What is on record as a file brought it: before anything was taken back from its list, and before the committee

    approved it. A file cannot say either, and would be another one for ever after.
    """
    stored = reader.problem(given.id)
    if stored is None:
        return None
    stored = replace(stored, approved=stored.approved and given.approved)
    taken = {incident.dataset for incident in reader.filed(TakenBack, problem=given.id)}
    kept = tuple(resource for resource in given.resources if resource not in taken)
    return replace(stored, resources=given.resources) if kept == stored.resources else stored


def is_stricter(one: DataClass, other: DataClass) -> bool:
    """The classes stand in their enumeration from the loosest to the strictest."""
    order = tuple(DataClass)
    return order.index(one) > order.index(other)


def is_new(stored: object | None, given: object, kind: str) -> bool:
    """True when nothing is on record yet, False when exactly this is. Raises Refused CONFLICT otherwise."""
    if stored is None or stored == given:
        return stored is None
    raise Refused("CONFLICT", name=str(getattr(given, "id", kind)))


def _tagged_as(stored: Dataset, given: Dataset) -> Dataset:
    """`stored` as it was described, before its steward tagged columns more strictly or gave them other titles.

    A description stricter than what is on record stays another one: someone loosened a tag since, or means more now.
    """
    classes = {(table.id, column.id): column for table in given.tables for column in table.columns}

    def as_given(table: Table, column: Column) -> Column:
        same = classes.get((table.id, column.id), column)
        data_class = column.data_class if is_stricter(same.data_class, column.data_class) else same.data_class
        return replace(column, data_class=data_class, title_en=same.title_en, title_fa=same.title_fa)

    tables = (replace(t, columns=tuple(as_given(t, c) for c in t.columns)) for t in stored.tables)
    return replace(stored, tables=tuple(tables))


def _of_its_organisation(seat: Seat, person: Person, rule: str) -> Seat:
    """The organisation's own seat with its organisation; the other seats have none."""
    own = person.organisation if seat.number == ORGANISATION_SEAT[seat.committee] else None
    if seat.organisation not in (None, own):
        raise Refused("INVALID", rule, where="organisation")
    return replace(seat, organisation=own)


def _is_delegation(seat: Seat) -> bool:
    return seat.valid_from is not None and seat.valid_to is not None


def _check_description(reader: Reader, dataset: Dataset) -> None:
    if reader.organisation(dataset.owner) is None:
        raise Refused("NOT_FOUND", name=dataset.owner)
    steward = reader.person(dataset.steward)
    if steward is None or Role.STEWARD not in steward.roles:
        raise Refused("NOT_PERMITTED", "F-2", name=dataset.steward)
    if not is_stable_id(dataset.id) or not dataset.tables:
        raise Refused("INVALID", where="id" if dataset.tables else "tables")
    _check_distinct("tables", [(table.id, table.name) for table in dataset.tables])
    for table in dataset.tables:
        _check_table(table)
    for join in dataset.joins:
        own = [side for side in (join.left, join.right) if side.dataset == dataset.id]
        if not own or not all(_is_described(dataset, side) for side in own):
            raise Refused("INVALID", where=f"joins.{join.left}")
    elsewhere = [join for other in reader.datasets() if other.id != dataset.id for join in other.joins]
    for join in set(closing_joins([*elsewhere, *dataset.joins])) & set(dataset.joins):
        raise Refused("INVALID", where=f"joins.{join.left}")


def _check_table(table: Table) -> None:
    if not table.columns:
        raise Refused("INVALID", where=table.id)
    _check_distinct(table.id, [(column.id, column.name) for column in table.columns])
    if table.entity is not None and table.entity not in {column.id for column in table.columns}:
        raise Refused("INVALID", where=f"{table.id}.entity")


def _check_distinct(where: str, names: list[tuple[str, str]]) -> None:
    """Ids are stable ids; ids and folded names occur once: two names that look alike would be two columns to policy."""
    ids, folded = {id for id, _ in names}, {fold(name) for _, name in names}
    if len(ids) < len(names) or len(folded) < len(names) or not all(is_stable_id(id) for id in ids) or "" in folded:
        raise Refused("INVALID", where=where)


def _is_described(dataset: Dataset, side: ColumnRef) -> bool:
    table = dataset.table(side.table)
    return table is not None and side.column in {column.id for column in table.columns}
