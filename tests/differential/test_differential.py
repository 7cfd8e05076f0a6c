"""Whatever the gate releases is the raw answer, and what may be released is. The long run is in `bench/`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from tests.differential.compare import Compared
from tests.differential.queries import Question, questions


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    made = Compared(tmp_path_factory.mktemp("differential"))
    yield made
    made.close()


@settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(question=questions())
def ask_many(compared: Compared, question: Question) -> None:
    assert compared.difference(question) == "", question


def test_the_gate_gives_the_perfect_answer(compared: Compared) -> None:
    ask_many(compared)
    assert compared.told["released"] > 500, compared.told
    assert compared.told["withheld"] > 20, compared.told
    assert compared.told["refused"] > 0, compared.told


def test_a_wrong_answer_is_seen(compared: Compared) -> None:
    asked = "SELECT c.city AS d0, count(*) AS f0 FROM citizens c GROUP BY 1"
    perfect = "SELECT c.city, count(*) FROM main.t1 c GROUP BY 1"
    assert "instead of" in compared.difference(Question(asked, perfect))
    more = "SELECT c.gender AS d0, count(*) + 1 FROM main.t1 c GROUP BY 1"
    assert "instead of" in compared.difference(Question("SELECT c.gender, count(*) FROM citizens c GROUP BY 1", more))
