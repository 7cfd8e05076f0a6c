from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Obligations
from access_broker.use_cases import compiled
from access_broker.use_cases.compiled import Compiler, Question
from tests.support.sample import CATALOGUE

PUBLICATION = Publication("P1", 1, "/nowhere", "0" * 64, CATALOGUE)
TEXT = "SELECT city, count(*) FROM citizens GROUP BY city"
ASKED = Question(TEXT, None, PUBLICATION, date(2026, 11, 23))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is parsed."""
    texts: list[str] = []
    parse = compiled.parse

    def counting(text: str, parameters: Any, today: date) -> Any:
        texts.append(text)
        return parse(text, parameters, today)

    monkeypatch.setattr(compiled, "parse", counting)
    return texts


def obliged(compiler: Compiler, k: int = 10) -> Obligations:
    footprint = compiler.footprint(ASKED)
    return Obligations(tuple((source.id, k) for source in footprint.sources), 1000, "exact", 1)


def test_a_new_statement_is_read_once_on_its_way(parsed: list[str]) -> None:
    compiler = Compiler()
    statement, known = compiler.statement(ASKED, obliged(compiler))
    assert (parsed, known) == ([TEXT], False)
    assert "__ek" in statement.sql


def test_every_statement_gets_a_tree_of_its_own(parsed: list[str]) -> None:
    """Rewriting uses the tree up: the next one, under other obligations, must not begin where the last one ended."""
    compiler = Compiler()
    first, _ = compiler.statement(ASKED, obliged(compiler, k=10))
    second, known = compiler.statement(ASKED, obliged(compiler, k=20))
    again, _ = Compiler().statement(ASKED, obliged(Compiler(), k=20))
    assert (second.sql, known) == (again.sql, False)
    assert first.sql != second.sql


def test_what_was_not_verified_is_made_anew_and_what_was_is_kept(parsed: list[str]) -> None:
    compiler = Compiler()
    obligations = obliged(compiler)
    statement, _ = compiler.statement(ASKED, obligations)
    other, known = compiler.statement(ASKED, obligations)
    assert (other.sql, known, other is statement) == (statement.sql, False, False)
    compiler.verified(ASKED, obligations, statement)
    assert compiler.statement(ASKED, obligations) == (statement, True)


def test_another_publication_shares_nothing(parsed: list[str]) -> None:
    compiler = Compiler()
    obligations = obliged(compiler)
    statement, _ = compiler.statement(ASKED, obligations)
    compiler.verified(ASKED, obligations, statement)
    newer = Publication("P1", 2, "/nowhere", "1" * 64, CATALOGUE)
    assert compiler.statement(replace(ASKED, publication=newer), obligations)[1] is False


def test_tomorrow_the_same_text_is_another_question(parsed: list[str]) -> None:
    """What was admitted of today's people may be of one more tomorrow."""
    compiler = Compiler()
    obligations = obliged(compiler)
    today = replace(ASKED, text="SELECT count(*) FROM citizens WHERE current_date > DATE '2026-11-23' OR city = 'Azua'")
    told = []
    for question in (today, replace(today, today=date(2026, 11, 24))):
        compiler.footprint(question)
        statement, known = compiler.statement(question, obligations)
        compiler.verified(question, obligations, statement)
        told.append((known, statement.sql, statement.sql.upper().count("CURRENT_DATE")))
    assert [(known, asked) for known, _, asked in told] == [(False, 0), (False, 0)]
    assert told[0][1].replace("2026-11-23' AS DATE) >", "2026-11-24' AS DATE) >") == told[1][1]


@pytest.mark.parametrize("values", [(1,), (True,), (1.0,), ("1",)])
def test_equal_parameters_of_other_types_are_other_statements(parsed: list[str], values: tuple[Any, ...]) -> None:
    compiler = Compiler()
    text = "SELECT count(*) FROM provinces WHERE population > ?"
    for parameters in ((2,), values):
        compiler.footprint(replace(ASKED, text=text, parameters=parameters))
    assert len(parsed) == 2


def test_trees_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_KEEP_TREES", 3)
    compiler = Compiler()
    for number in range(10):
        compiler.footprint(replace(ASKED, text=f"SELECT count(*) FROM provinces LIMIT {number + 1}"))
    assert len(compiler._analyses) == 3
