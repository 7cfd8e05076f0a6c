"""What is read is what was written, to the letter, on both engines."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.records import SqlRecords
from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable, Publication
from access_broker.domain.contracts import (
    Approval,
    ColumnGrant,
    Contract,
    ContractState,
    Dominance,
    Epsilon,
    Guarantee,
    Signatory,
    TableGrant,
    Terms,
)
from access_broker.domain.datasets import Column, ColumnRef, Dataset, Join, MaskTemplate, Source, Table
from access_broker.domain.people import Committee, Organisation, Person, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.tokens import Token
from tests.adapters.records.conftest import ENGINES, Place
from tests.adapters.records.world import EVENT, furnish, make_contract
from tests.support.factories import PEOPLE

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
INSTANTS = st.datetimes(
    datetime(1900, 1, 1), datetime(2300, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=3.5))])
)
NUMBERS = st.integers(0, 2**31 - 1)
_numbers = itertools.count()
IDS = st.builds(lambda: f"x{next(_numbers)}")  # never the same one: an example may be run again
LEAVES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.tuples(inner, inner),
    max_leaves=3,
)
PERSON_IDS = st.sampled_from([person.id for person in PEOPLE])
ORGANISATION_IDS = st.sampled_from(["ministry", "ito", "tahlil"])


def tuples(items: st.SearchStrategy[Any], by: Callable[[Any], Any] | None = None, size: int = 3) -> Any:
    """Unique by `by`, where two of the same would not be taken."""
    return st.lists(items, max_size=size, unique_by=by).map(tuple)


MASKS = st.builds(MaskTemplate, TEXT, tuples(st.tuples(TEXT, LEAVES)))
TERMS = st.builds(
    Terms,
    aggregates=tuples(TEXT),
    dominance=st.none() | st.builds(Dominance, NUMBERS, st.floats(0, 1)),
    epsilon=st.none() | st.builds(Epsilon, st.floats(0, 9), st.floats(0, 9)),
    clip=tuples(st.tuples(TEXT, st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))),
    signals=tuples(st.tuples(TEXT, NUMBERS)),
)
TABLE_GRANTS = st.builds(
    TableGrant,
    st.just("health"),
    TEXT,
    tuples(st.builds(ColumnGrant, TEXT, mask=st.none() | MASKS), by=lambda c: c.column),
    st.none() | TEXT,
)
CONTRACTS = st.builds(
    Contract,
    id=IDS,
    problem=st.just("clinics"),
    executor=ORGANISATION_IDS,
    owner=ORGANISATION_IDS,
    purpose=TEXT,
    starts_at=INSTANTS,
    ends_at=INSTANTS,
    people=tuples(PERSON_IDS, by=str),
    scope=tuples(TABLE_GRANTS, by=lambda g: g.table),
    terms=TERMS,
    report_every_days=st.none() | NUMBERS,
    legal_access_level_ref=st.none() | TEXT,
    state=st.sampled_from(ContractState),
    generation=NUMBERS,
    signatures=tuples(st.sampled_from(Signatory), by=str),
    approvals=tuples(st.builds(Approval, person=PERSON_IDS, decision=TEXT, at=INSTANTS)),
    guarantees=tuples(st.builds(Guarantee, TEXT, INSTANTS)),
    acknowledged=tuples(PERSON_IDS, by=str),
)
REFS = st.builds(ColumnRef, TEXT, TEXT, TEXT)
TABLES = st.builds(
    Table,
    TEXT,
    TEXT,
    tuples(st.builds(Column, TEXT, TEXT, title_en=TEXT, title_fa=TEXT), by=lambda c: c.id),
    st.none() | TEXT,
)
DATASETS = st.builds(
    Dataset,
    id=IDS,
    owner=ORGANISATION_IDS,
    steward=PERSON_IDS,
    title_en=TEXT,
    title_fa=TEXT,
    sources=tuples(st.builds(Source, path=TEXT, sha256=TEXT, table=st.none() | TEXT)),
    tables=tuples(TABLES, by=lambda t: t.id),
    joins=tuples(st.builds(Join, REFS, REFS)),
    synthetic=tuples(TEXT),
)
CATALOGUES = st.builds(
    Catalogue,
    tuples(
        st.builds(
            GrantedTable,
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            tuples(st.builds(GrantedColumn, TEXT, TEXT, TEXT)),
            entity=st.none() | TEXT,
            entity_physical=st.none() | TEXT,
            rows=NUMBERS,
        )
    ),
    st.frozensets(st.frozensets(TEXT, min_size=1, max_size=2), max_size=3),
)
MAYBE = st.none() | INSTANTS


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, fresh: Callable[[str], Place]) -> Iterator[SqlRecords]:
    """One database for all examples: each brings an id of its own."""
    made = fresh(request.param)
    records = made.records()
    furnish(records, make_contract("P1"))
    yield records
    made.close()


def examples(count: int) -> Callable[[Any], Any]:
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@examples(15)
@given(contract=CONTRACTS)
def test_contract(shared: SqlRecords, contract: Contract) -> None:
    with shared.write() as writer:
        writer.save_contract(contract, EVENT)
    with shared.read() as reader:
        stored, standing = reader.contract(contract.id), reader.standing(contract.id)
        assert stored in reader.contracts()
    assert stored == contract
    assert stored is not None
    assert standing is not None
    assert hash(stored) == hash(contract)
    assert stored.starts_at.tzinfo is UTC
    assert (standing.state, standing.generation) == (contract.state, contract.generation)
    assert (standing.starts_at, standing.ends_at) == (contract.starts_at, contract.ends_at)


@examples(15)
@given(dataset=DATASETS, problem=st.builds(Problem, IDS, TEXT, TEXT, TEXT))
def test_dataset_and_problem(shared: SqlRecords, dataset: Dataset, problem: Problem) -> None:
    problem = Problem(**{**vars(problem), "resources": (dataset.id, "health")})
    with shared.write() as writer:
        writer.save_dataset(dataset, EVENT)
        writer.save_problem(problem, EVENT)
    with shared.read() as reader:
        assert reader.dataset(dataset.id) == dataset
        assert dataset in reader.datasets()
        assert reader.problem(problem.id) == problem
        assert problem in reader.problems()


@examples(15)
@given(
    organisation=st.builds(Organisation, IDS, name_en=TEXT, name_fa=TEXT, legal_id=st.none() | TEXT),
    person=st.builds(Person, IDS, ORGANISATION_IDS, name_en=TEXT, name_fa=TEXT, language=TEXT),
    terms=st.tuples(MAYBE, MAYBE),
)
def test_people(shared: SqlRecords, organisation: Organisation, person: Person, terms: tuple[Any, Any]) -> None:
    seat = Seat(Committee.QUALIFICATION, 3, person.id, *terms)
    with shared.write() as writer:
        writer.save_organisation(organisation, EVENT)
        writer.save_person(person, EVENT)
        writer.save_seat(seat, EVENT)
        writer.save_password(person.id, "$argon2id$…", EVENT)
    with shared.read() as reader:
        assert reader.organisation(organisation.id) == organisation
        assert organisation in reader.organisations()
        assert reader.person(person.id) == person
        assert person in reader.people()
        assert reader.seats_of(person.id) == [seat]
        assert seat in reader.seats()
        assert reader.password_hash(person.id) == "$argon2id$…"


@examples(15)
@given(
    warning=st.builds(
        WarningNotice,
        st.just("P1"),
        NUMBERS,
        TEXT,
        INSTANTS,
        TEXT,
        acknowledged_by=st.none() | TEXT,
        acknowledged_at=MAYBE,
    ),
    act=st.builds(CommitteeAct, st.just("P1"), st.sampled_from(Act), TEXT, TEXT, st.none() | TEXT, INSTANTS, NUMBERS),
    token=st.builds(
        Token,
        IDS,
        PERSON_IDS,
        st.sampled_from([None, "P1"]),
        generation=NUMBERS,
        issued_at=INSTANTS,
        expires_at=INSTANTS,
        address=st.none() | TEXT,
    ),
    publication=st.builds(Publication, st.just("P1"), st.just(7), TEXT, TEXT, CATALOGUES),
)
def test_journal(
    shared: SqlRecords, warning: WarningNotice, act: CommitteeAct, token: Token, publication: Publication
) -> None:
    with shared.write() as writer:
        writer.save_warning(warning, EVENT)
        writer.save_act(act, EVENT)
        writer.save_token(token, EVENT)
        writer.save_publication(publication, EVENT)
    with shared.read() as reader:
        assert warning in reader.warnings("P1")
        assert reader.acts("P1")[-1] == act
        assert reader.token(token.digest) == token
        assert reader.publication("P1") == publication
        assert reader.publications() == [publication]


@examples(25)
@given(
    event=st.builds(AuditEvent, TEXT, TEXT, TEXT, TEXT, st.dictionaries(TEXT, LEAVES | st.just("\0\ud800"), max_size=3))
)
def test_audit(shared: SqlRecords, event: AuditEvent) -> None:
    with shared.write() as writer:
        position = writer.record(event)
    with shared.read() as reader:
        (found,) = reader.audit(after=position - 1)
        assert reader.audit_head() == (found.position, found.hash)
    assert (found.position, found.event.kind, found.event.actor) == (position, event.kind, event.actor)
    assert found.event.body.keys() == event.body.keys()
    assert found.at.tzinfo is not None
