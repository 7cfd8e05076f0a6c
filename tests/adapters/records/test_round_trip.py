"""What is read is what was written, to the letter, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.records import SqlRecords
from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import (
    Contract,
)
from access_broker.domain.datasets import Dataset
from access_broker.domain.people import Committee, Organisation, Person, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.tokens import Token
from tests.adapters.records.conftest import ENGINES, Place
from tests.adapters.records.strategies import (
    CATALOGUES,
    CONTRACTS,
    DATASETS,
    IDS,
    INSTANTS,
    LEAVES,
    MAYBE,
    NUMBERS,
    ORGANISATION_IDS,
    PERSON_IDS,
    TEXT,
)
from tests.adapters.records.world import EVENT, furnish, make_contract


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
