"""A small world that every rule is content with; a test changes one thing in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from access_broker.domain.agreement import bound
from access_broker.domain.audit import AuditEvent
from access_broker.domain.clauses import STANDARD
from access_broker.domain.contracts import (
    Approval,
    ColumnGrant,
    Contract,
    ContractState,
    ContractType,
    Guarantee,
    Level,
    Signatory,
    Signature,
    TableGrant,
)
from access_broker.domain.datasets import (
    Column,
    ColumnRef,
    DataClass,
    Dataset,
    Join,
    MaskTemplate,
    Mode,
    Source,
    SourceKind,
    Sovereignty,
    Table,
)
from access_broker.domain.people import Committee, Family, Organisation, Person, Role, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.tokens import Door, Token, digest_of
from access_broker.use_cases.scenario import PlannedContract, Scenario
from tests.support.fakes import FixedClock, InMemoryRecords

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)

MINISTRY = Organisation("ministry", Family.GOVERNMENT, "Ministry of Health", "وزارت بهداشت")
ITO = Organisation("ito", Family.ITO, "Information Technology Organisation", "سازمان فناوری اطلاعات")
COMPANY = Organisation("tahlil", Family.PRIVATE, "Tahlil", "شرکت تحلیل", "10380284790")
RIVAL = Organisation("raqib", Family.PRIVATE, "Raqib", "شرکت رقیب", "14007650912")


def person(id: str, organisation: Organisation, *roles: Role, **more: Any) -> Person:
    return Person(id, organisation.id, organisation.family, id.title(), id, frozenset(roles), **more)


ANALYST = person("analyst", COMPANY, Role.EXECUTOR)
COLLEAGUE = person("colleague", COMPANY, Role.EXECUTOR)
OUTSIDER = person("outsider", RIVAL, Role.EXECUTOR)
STEWARD = person("steward", MINISTRY, Role.STEWARD)
CHAIR = person("chair", ITO)
HERASAT = person("herasat", ITO)
AUDITOR = person("auditor", ITO, Role.AUDITOR)
PEOPLE = (ANALYST, COLLEAGUE, OUTSIDER, STEWARD, CHAIR, HERASAT, AUDITOR)
SEATS = (Seat(Committee.MONITORING, 1, "chair"), Seat(Committee.QUALIFICATION, 2, "herasat"))

DATASET = Dataset(
    id="health",
    owner="ministry",
    steward="steward",
    title_en="Visits to clinics",
    title_fa="مراجعه به درمانگاه",
    sources=(Source(SourceKind.CSV, "private/citizens.csv", "a" * 64, "citizens"),),
    tables=(
        Table(
            "citizens",
            "citizens",
            (
                Column("national_id", "national_id", DataClass.DIRECT_IDENTIFIER),
                Column("birth_date", "birth_date", DataClass.PERSONAL),
                Column("income", "income", DataClass.SENSITIVE),
                Column("full_name", "full_name", DataClass.DIRECT_IDENTIFIER),
            ),
            entity="national_id",
        ),
        Table("provinces", "provinces", (Column("province", "province", DataClass.PUBLIC),)),
    ),
    joins=(Join(ColumnRef("health", "citizens", "national_id"), ColumnRef("health", "citizens", "national_id")),),
    sovereignty=Sovereignty.SOVEREIGN,
)
PROBLEM = Problem("clinics", "ministry", "Where are clinics missing?", "کجا درمانگاه کم است؟", resources=("health",))
CITIZENS = TableGrant(
    "health",
    "citizens",
    (
        ColumnGrant("national_id", Mode.JOIN),
        ColumnGrant("birth_date", Mode.MASK, MaskTemplate("date", (("to", "year"),))),
        ColumnGrant("income", Mode.AGGREGATE),
        ColumnGrant("full_name", Mode.DENY),
    ),
)
PROVINCES = TableGrant("health", "provinces", (ColumnGrant("province", Mode.RAW),))


def make_contract(id: str = "P1", state: ContractState = ContractState.DRAFTED, **changes: Any) -> Contract:
    """With every key. A state beyond drafted has been activated, one beyond active has lost a generation more."""
    generation = {ContractState.DRAFTED: 0, ContractState.ACTIVE: 1}.get(state, 2)
    contract = Contract(
        id=id,
        problem="clinics",
        executor="tahlil",
        owner="ministry",
        type=ContractType.PPP,
        purpose="health_planning",
        level=Level.PERSONAL,
        starts_at=NOW - DAY,
        ends_at=NOW + 90 * DAY,
        people=("analyst",),
        scope=(CITIZENS, PROVINCES),
        state=state,
        generation=generation,
        signatures=tuple(Signature(signatory) for signatory in Signatory),
        approvals=(
            Approval(Committee.MONITORING, "chair", "approved", NOW - DAY),
            Approval(Committee.QUALIFICATION, "herasat", "approved", NOW - DAY),
        ),
        guarantees=(Guarantee("nda", NOW + 180 * DAY), Guarantee("non_publication", NOW + 180 * DAY)),
        acknowledged=("analyst",),
        clauses=STANDARD,
    )
    return bound(replace(contract, **changes))


def seat_deputy(records: InMemoryRecords) -> InMemoryRecords:
    """A second seat in the Monitoring Committee: nobody judges what they did themselves."""
    event = AuditEvent("test.arranged", "test", "test", "F-1")
    with records.write() as writer:
        writer.save_person(person("deputy", ITO), event)
        writer.save_seat(Seat(Committee.MONITORING, 2, "deputy"), event)
    return records


def make_scenario(*plans: PlannedContract, **changes: Any) -> Scenario:
    scenario = Scenario(
        organisations=(MINISTRY, ITO, COMPANY, RIVAL),
        people=PEOPLE,
        seats=SEATS,
        datasets=(DATASET,),
        problems=(PROBLEM,),
        contracts=plans or (PlannedContract(make_contract()),),
    )
    return replace(scenario, **changes)


def make_records(*contracts: Contract, clock: FixedClock | None = None) -> InMemoryRecords:
    """Records with everybody and everything in them, written past the use-cases."""
    records = InMemoryRecords(clock or FixedClock(NOW))
    event = AuditEvent("test.arranged", "test", "test", "F-1")
    with records.write() as writer:
        for organisation in (MINISTRY, ITO, COMPANY, RIVAL):
            writer.save_organisation(organisation, event)
        for someone in PEOPLE:
            writer.save_person(someone, event)
        for seat in SEATS:
            writer.save_seat(seat, event)
        writer.save_dataset(DATASET, event)
        writer.save_problem(PROBLEM, event)
        for contract in contracts:
            writer.save_contract(contract, event)
    return records


def give_token(
    records: InMemoryRecords, text: str, person: str, contract: Contract | None = None, /, **changes: Any
) -> Token:
    """Put a token on record whose text is known."""
    token = Token(
        digest=digest_of(text),
        person=person,
        contract=contract.id if contract else None,
        door=Door.LOCAL,
        generation=contract.generation if contract else 0,
        issued_at=NOW,
        expires_at=NOW + 8 * timedelta(hours=1),
    )
    token = replace(token, **changes)
    with records.write() as writer:
        writer.save_token(token, AuditEvent("test.arranged", "test", person, "F-1"))
    return token


def audit_kinds(records: InMemoryRecords, after: int = 0) -> list[str]:
    """What was recorded after position `after`."""
    with records.read() as reader:
        return [record.event.kind for record in reader.audit(after, 10_000)]


def position(records: InMemoryRecords) -> int:
    with records.read() as reader:
        return reader.audit_head()[0]
