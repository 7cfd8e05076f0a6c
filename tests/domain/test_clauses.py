"""The clauses of a contract: what the product writes where nobody wrote anything, and what counts as written."""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from hashlib import sha256

import pytest

from access_broker.domain.clauses import (
    RULE_OF_CLAUSE,
    STANDARD,
    ClauseKind,
    ContractClause,
    clauses_from,
    clauses_of,
)
from access_broker.domain.text import misleading_character
from scripts.check_translations import template_faults

OWN = ContractClause(ClauseKind.UPKEEP, "Ours.", "متن ما.")


def test_there_is_a_standard_clause_of_every_kind_and_a_rule_that_wants_it() -> None:
    assert [clause.kind for clause in STANDARD] == list(ClauseKind)
    assert RULE_OF_CLAUSE.keys() == set(ClauseKind)


@pytest.mark.parametrize("clause", STANDARD, ids=lambda clause: clause.kind.value)
def test_it_reads_well_in_both_languages(clause: ContractClause) -> None:
    assert list(template_faults(clause.kind, "en", clause.text_en)) == []
    assert list(template_faults(clause.kind, "fa", clause.text_fa)) == []
    assert misleading_character(clause.text_en + clause.text_fa) is None


def test_the_standard_clauses_are_for_good() -> None:
    """Contracts were signed with these words. If this fails, mend the change: a new wording needs a kind of its own."""
    text = json.dumps([astuple(clause) for clause in STANDARD], ensure_ascii=True)
    assert sha256(text.encode()).hexdigest() == "4267d8c84bca2d35f3d14ee3886bc24a914e1bb85951b794519332507c1d3941"


def test_what_a_contract_does_not_speak_of_is_filled_in() -> None:
    assert clauses_from({}) == STANDARD
    assert clauses_from({ClauseKind.UPKEEP: OWN}) == (STANDARD[0], OWN, *STANDARD[2:])


def test_what_was_expressly_not_agreed_is_not() -> None:
    assert clauses_from({ClauseKind.UPKEEP: None}) == (STANDARD[0], *STANDARD[2:])


@pytest.mark.parametrize("blank", [{"text_en": " "}, {"text_fa": ""}])
def test_a_clause_that_says_nothing_in_one_language_is_none(blank: dict[str, str]) -> None:
    assert clauses_of((OWN,)) == (ClauseKind.UPKEEP,)
    assert clauses_of((replace(OWN, **blank),)) == ()
