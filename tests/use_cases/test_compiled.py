from __future__ import annotations

from typing import Any

import pytest

from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Obligations
from access_broker.use_cases import compiled
from access_broker.use_cases.compiled import Compiler
from tests.support.sample import CATALOGUE

PUBLICATION = Publication("P1", 1, "/nowhere", "0" * 64, CATALOGUE)
TEXT = "SELECT city, count(*) FROM citizens GROUP BY city"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is parsed."""
    texts: list[str] = []
    parse = compiled.parse

    def counting(text: str, parameters: Any) -> Any:
        texts.append(text)
        return parse(text, parameters)

    monkeypatch.setattr(compiled, "parse", counting)
    return texts


def obliged(compiler: Compiler, text: str = TEXT, k: int = 10) -> Obligations:
    footprint = compiler.footprint(text, None, PUBLICATION)
    return Obligations(tuple((source.id, k) for source in footprint.sources), 1000, "exact", 1)


def test_a_new_statement_is_read_once_on_its_way(parsed: list[str]) -> None:
    compiler = Compiler()
    statement, known = compiler.statement(TEXT, None, PUBLICATION, obliged(compiler))
    assert (parsed, known) == ([TEXT], False)
    assert "__ek" in statement.sql


def test_every_statement_gets_a_tree_of_its_own(parsed: list[str]) -> None:
    """Rewriting uses the tree up: the next one, under other obligations, must not begin where the last one ended."""
    compiler = Compiler()
    first, _ = compiler.statement(TEXT, None, PUBLICATION, obliged(compiler, k=10))
    second, known = compiler.statement(TEXT, None, PUBLICATION, obliged(compiler, k=20))
    again, _ = Compiler().statement(TEXT, None, PUBLICATION, obliged(Compiler(), k=20))
    assert (second.sql, known) == (again.sql, False)
    assert first.sql != second.sql


def test_what_was_not_verified_is_made_anew_and_what_was_is_kept(parsed: list[str]) -> None:
    compiler = Compiler()
    obligations = obliged(compiler)
    statement, _ = compiler.statement(TEXT, None, PUBLICATION, obligations)
    other, known = compiler.statement(TEXT, None, PUBLICATION, obligations)
    assert (other.sql, known, other is statement) == (statement.sql, False, False)
    compiler.verified(TEXT, None, PUBLICATION, obligations, statement)
    assert compiler.statement(TEXT, None, PUBLICATION, obligations) == (statement, True)


def test_another_publication_shares_nothing(parsed: list[str]) -> None:
    compiler = Compiler()
    obligations = obliged(compiler)
    statement, _ = compiler.statement(TEXT, None, PUBLICATION, obligations)
    compiler.verified(TEXT, None, PUBLICATION, obligations, statement)
    newer = Publication("P1", 2, "/nowhere", "1" * 64, CATALOGUE)
    assert compiler.statement(TEXT, None, newer, obligations)[1] is False


@pytest.mark.parametrize("values", [(1,), (True,), (1.0,), ("1",)])
def test_equal_parameters_of_other_types_are_other_statements(parsed: list[str], values: tuple[Any, ...]) -> None:
    compiler = Compiler()
    for parameters in ((2,), values):
        compiler.footprint("SELECT count(*) FROM provinces WHERE population > ?", parameters, PUBLICATION)
    assert len(parsed) == 2


def test_trees_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_KEEP_TREES", 3)
    compiler = Compiler()
    for number in range(10):
        compiler.footprint(f"SELECT count(*) FROM provinces LIMIT {number + 1}", None, PUBLICATION)
    assert len(compiler._analyses) == 3
