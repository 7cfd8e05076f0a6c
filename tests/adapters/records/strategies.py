"""Any value the records can be given."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable
from access_broker.domain.clauses import ContractClause
from access_broker.domain.contracts import (
    Approval,
    ColumnGrant,
    Consent,
    Contract,
    ContractState,
    Dominance,
    Epsilon,
    Guarantee,
    Signature,
    TableGrant,
    Terms,
)
from access_broker.domain.datasets import Column, ColumnRef, Dataset, Join, MaskTemplate, Source, Table
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
    dominance=st.none() | st.builds(Dominance, NUMBERS, st.floats(0, 1), st.none() | st.floats(0, 1)),
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
    signatures=tuples(
        st.builds(Signature, person=st.none() | PERSON_IDS, at=st.none() | INSTANTS, digest=TEXT),
        by=lambda s: s.signatory,
    ),
    approvals=tuples(st.builds(Approval, person=PERSON_IDS, decision=TEXT, at=INSTANTS, digest=TEXT)),
    consents=tuples(st.builds(Consent, st.just("health"), PERSON_IDS, INSTANTS, TEXT), by=lambda c: c.dataset),
    guarantees=tuples(st.builds(Guarantee, TEXT, INSTANTS)),
    acknowledged=tuples(PERSON_IDS, by=str),
    clauses=tuples(st.builds(ContractClause, text_en=TEXT, text_fa=TEXT), by=lambda c: c.kind),
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
