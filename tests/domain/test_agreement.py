"""The digest of a contract's text: all that was agreed is in it, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from access_broker.domain.agreement import bound, current, lost_keys, text_digest
from access_broker.domain.clauses import STANDARD, ClauseKind
from access_broker.domain.contracts import (
    Consent,
    Contract,
    ContractState,
    ContractType,
    Epsilon,
    Level,
    Terms,
)
from tests.support.factories import DAY, NOW, PROVINCES, make_contract

CONTRACT = make_contract(clauses=())  # of before there were any
AGREED: dict[str, Any] = {
    "id": "P2",
    "problem": "another",
    "executor": "raqib",
    "owner": "ito",
    "type": ContractType.LICENCE,
    "purpose": "another",
    "level": Level.OPEN,
    "starts_at": NOW,
    "ends_at": NOW + DAY,
    "people": ("colleague",),
    "scope": (PROVINCES,),
    "terms": Terms(epsilon=Epsilon(0.1, 1.0, groups_per_person=4)),
    "report_every_days": None,
    "legal_access_level_ref": "12",
    "clauses": STANDARD,
    "follows": "P1",
}
NOT_AGREED: dict[str, Any] = {
    "state": ContractState.ACTIVE,
    "generation": 4,
    "signatures": (),
    "approvals": (),
    "consents": (Consent("health", "steward", NOW),),
    "guarantees": (),
    "acknowledged": (),
}


def test_every_field_is_on_one_side() -> None:
    assert AGREED.keys() | NOT_AGREED.keys() == {field.name for field in fields(Contract)}


@pytest.mark.parametrize("name", AGREED)
def test_whatever_is_agreed_is_in_the_digest(name: str) -> None:
    assert text_digest(replace(CONTRACT, **{name: AGREED[name]})) != text_digest(CONTRACT)


@pytest.mark.parametrize("name", NOT_AGREED)
def test_keys_and_progress_are_not(name: str) -> None:
    assert text_digest(replace(CONTRACT, **{name: NOT_AGREED[name]})) == text_digest(CONTRACT)


@pytest.mark.parametrize("name", [field.name for field in fields(Terms)])
def test_every_term_counts(name: str) -> None:
    """Whatever the value: here one that no default is."""
    changed = replace(CONTRACT, terms=replace(CONTRACT.terms, **{name: "something"}))
    assert text_digest(changed) != text_digest(CONTRACT)


def test_the_same_moment_in_another_zone_is_the_same_text() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    assert text_digest(replace(CONTRACT, ends_at=CONTRACT.ends_at.astimezone(tehran))) == text_digest(CONTRACT)


def test_the_digest_is_for_good() -> None:
    """People signed under it. If this fails, every key on record is lost: mend the change, not the figure."""
    assert text_digest(CONTRACT) == "edd4e8a07a76fc440f89b9b199816f0f5cdc1ffcd374b7ace4f4b2dec9a52924"


@pytest.mark.parametrize("name", ["kind", "text_en", "text_fa"])
def test_every_word_of_a_clause_counts(name: str) -> None:
    written = replace(CONTRACT, clauses=STANDARD[:1])
    changed = replace(STANDARD[0], **{name: ClauseKind.UPKEEP if name == "kind" else "another"})
    assert text_digest(replace(CONTRACT, clauses=(changed,))) != text_digest(written)


def test_keys_of_another_text_are_lost_and_those_of_this_one_count() -> None:
    changed = replace(CONTRACT, purpose="another")
    assert lost_keys(CONTRACT) == ()
    assert lost_keys(changed) == ("government", "executor", "ito", "monitoring", "qualification")
    assert current(changed, changed.approvals) == ()
    assert lost_keys(bound(changed)) == ()
