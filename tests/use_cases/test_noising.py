"""Contracts with answer mode `dp` on their way between verifying and running."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Thread
from typing import Any

import pytest

from access_broker.domain.contracts import AnswerMode, Epsilon
from access_broker.domain.decisions import Reason, Refused
from access_broker.sql import noisy_values
from access_broker.use_cases.gate_ports import Drawn
from access_broker.use_cases.noising import Noising
from access_broker.use_cases.ports import Unavailable
from tests.support.noise import Book, NoNoise
from tests.use_cases.test_run_query import CONTRACT, COUNT, World

ALL = "SELECT count(*) AS n FROM citizens"
CLIP = (("sample.citizens.income", 0.0, 100_000.0), ("sample.visits.cost", 0.0, 5000.0))
SPENT = Reason("EPSILON_SPENT", "S3-P5")


class Told(World):
    """A world of noise that is none, where one statement spends 0.1 of 1.0."""

    def __init__(self) -> None:
        super().__init__()
        self.noise, self.book = NoNoise(), Book()
        self.noising = Noising(self.noise, self.book)
        self.restart()
        self.allow(0.1, 1.0)

    def allow(self, each: float, total: float) -> None:
        self.policy.terms = {"answer_mode": "dp", "epsilon": {"per_statement": each, "total": total}}
        epsilon = Epsilon(each, total, rows_per_person=100, groups_per_person=100)
        terms = {"answer_mode": AnswerMode.DP, "epsilon": epsilon, "clip": CLIP}
        self.change(terms=type(CONTRACT.terms)(**(vars(CONTRACT.terms) | terms)))

    def restart(self) -> None:
        self.gate = self.new_gate()


@pytest.fixture
def world() -> Told:
    return Told()


def test_without_noise_the_answers_are_the_exact_ones(world: Told) -> None:
    asked = "SELECT clinic, count(*) AS n, sum(cost) AS s FROM visits GROUP BY clinic ORDER BY clinic"
    noisy = world.ask(asked)
    world.policy.terms = {}
    for told, exact in zip(noisy, world.ask(asked), strict=True):
        assert (told["clinic"], told["n"]) == (exact["clinic"], exact["n"])
        assert abs(told["s"] - exact["s"]) < exact["n"], "amounts are counted in units of half a coin"


def test_every_figure_is_charged_before_it_is_drawn_and_all_of_them_are_one_statement(world: Told) -> None:
    world.ask("SELECT gender, count(*) AS n, sum(income) AS s, avg(income) AS m FROM citizens GROUP BY gender")
    spent = sum(epsilon for _, _, epsilon in world.noise.asked)
    assert spent == pytest.approx(0.1, rel=1e-4)
    assert sum(world.book.charges.values()) == 100_000
    assert world.noise.asked[0][0] == "groups"


def test_the_same_cell_is_free_and_a_new_one_beside_it_is_not(world: Told) -> None:
    first = world.ask(COUNT)
    spent = world.book.spent("P1")
    world.restart()
    assert world.ask("SELECT count(*) AS n, gender AS g FROM citizens AS c GROUP BY g ORDER BY g") == [
        {"n": row["n"], "g": row["gender"]} for row in first
    ]
    assert world.book.spent("P1") == spent
    world.ask("SELECT gender, count(*) AS n, sum(income) AS s FROM citizens GROUP BY gender ORDER BY gender")
    assert world.book.spent("P1") > spent


def test_it_ends_when_epsilon_does_and_what_was_told_stays(world: Told) -> None:
    cities = [f"SELECT count(*) AS n FROM citizens WHERE city = 'City{number}'" for number in range(11)]
    answers = [world.ask(city) for city in cities[:10]]
    assert world.refusal(cities[10]) == SPENT
    assert world.log[-1].body["outcome"] == "refused EPSILON_SPENT"
    world.restart()
    assert [world.ask(city) for city in cities[:10]] == answers
    assert world.refusal(cities[10]) == SPENT


def test_a_statement_gets_all_it_needs_or_spends_nothing(world: Told) -> None:
    world.allow(0.6, 1.0)
    world.ask(ALL)
    spent = world.book.spent("P1")
    both = "SELECT (SELECT count(*) FROM citizens WHERE gender = 'F') AS f, (SELECT count(*) FROM visits) AS v"
    assert world.refusal(both) == SPENT
    assert world.book.spent("P1") == spent


def test_looking_at_the_schema_and_explaining_cost_nothing(world: Told) -> None:
    login = world.login()
    world.gate.describe(login, COUNT, None)
    told = world.gate.explain(login, COUNT, None)
    assert {"kind": "epsilon", "per_statement": 0.1, "total": 1.0, "left": 1.0} in told["obligations"]
    assert not world.book.charges
    world.ask(COUNT)
    told = world.gate.explain(login, COUNT, None)
    assert [o["left"] for o in told["obligations"] if o["kind"] == "epsilon"] == [0.9]


def test_a_book_that_cannot_be_written_refuses(world: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise Unavailable("LEDGER_UNAVAILABLE")

    for method in ("drawn", "charge", "keep"):
        with monkeypatch.context() as patched:
            patched.setattr(world.book, method, fails)
            with pytest.raises(Unavailable):
                world.ask(ALL)
    assert world.ask(ALL) == [{"n": 5032}]


def test_what_was_charged_and_never_drawn_is_drawn_without_another_charge(world: Told) -> None:
    def lost(contract: str, drawn: Mapping[str, Drawn]) -> None:
        raise Unavailable("LEDGER_UNAVAILABLE")

    keep, world.book.keep = world.book.keep, lost  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        world.ask(ALL)
    spent = world.book.spent("P1")
    assert spent == 100_000
    world.book.keep = keep  # type: ignore[method-assign]
    world.restart()
    assert world.ask(ALL) == [{"n": 5032}]
    assert world.book.spent("P1") == spent


def test_two_who_ask_at_once_are_told_the_same_and_charged_once(world: Told) -> None:
    login, told = world.login(), []

    def ask() -> None:
        answer = world.gate.run(login, ALL, None, lambda: False)
        told.append([row for batch in answer.batches() for row in batch.to_pylist()])

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [[{"n": 5032}]] * 4
    assert world.book.spent("P1") == 100_000


class Everybody(NoNoise):
    """Shows every group."""

    def groups(self, counts: Mapping[str, int], most: int, epsilon: float, least: int) -> dict[str, int]:
        return dict(counts)


class Loud(NoNoise):
    """Noise that is plain to see: totals of -3."""

    def groups(self, counts: Mapping[str, int], most: int, epsilon: float, least: int) -> dict[str, int]:
        return dict.fromkeys(counts, -3)

    def values(self, exact: Sequence[int], most: int, epsilon: float) -> list[int]:
        return [-3 for _ in exact]


def test_nobody_waits_longer_for_another_than_a_statement_may_take(world: Told) -> None:
    refused = world.refused_in_a_hurry_meanwhile(COUNT)
    world.ask(ALL)
    assert refused == ["TOO_SLOW"]
    assert world.ask(COUNT)


def test_nothing_of_the_data_shows_but_what_was_drawn(world: Told) -> None:
    world.noising = Noising(Loud(), world.book)
    world.restart()
    assert world.ask(ALL) == [{"n": 0}], "nobody is less than nobody"
    assert world.ask("SELECT avg(income) AS m FROM citizens") == [{"m": None}]
    assert world.ask("SELECT count(*) AS n FROM citizens HAVING count(*) > 5") == []
    inner = "SELECT province, count(*) AS n FROM citizens GROUP BY province"
    assert world.ask(f"SELECT max(n) AS most, sum(n) AS s FROM ({inner})") == [{"most": 0, "s": 0}]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT stddev_pop(income) AS s FROM citizens", "AGGREGATE_NOT_ALLOWED"),
        ("SELECT sum(year(visit_date)) AS s FROM visits", "NO_BOUNDS"),
        (
            "SELECT province, (SELECT count(*) FROM visits v WHERE v.clinic = c.province) AS n "
            "FROM citizens c GROUP BY province",
            "NOT_SUPPORTED",
        ),
    ],
)
def test_what_cannot_be_answered_with_noise_is_refused_and_free(world: Told, sql: str, code: str) -> None:
    assert world.refusal(sql).code == code
    assert world.gate.explain(world.login(), sql, None)["code"] == code
    assert world.refusal(f"SELECT * FROM ({ALL}) AS a, ({sql}) AS b").code == code
    assert not world.book.charges


def test_a_key_that_no_answer_can_hold_is_refused_and_free(world: Told) -> None:
    assert world.refusal("SELECT visit_date::TIMESTAMPTZ AS t, count(*) AS n FROM visits GROUP BY 1").code
    assert not world.book.charges


@pytest.mark.parametrize("nothing", ["NULL", "NULL + 1", "CAST(NULL AS INT)", "nullif(1, 1)"])
def test_where_nothing_is_there_nothing_is_counted(world: Told, nothing: str) -> None:
    assert world.ask(f"SELECT count({nothing}) AS n, count(1) > 0 AS any FROM citizens") == [{"n": 0, "any": True}]


def many(figures: int) -> str:
    shown = ", ".join(f"count(*) FILTER (WHERE income > {n}) AS n{n}" for n in range(figures))
    return f"SELECT gender, province, {shown} FROM citizens GROUP BY gender, province"


def test_more_columns_than_a_group_may_have_are_refused_and_free(world: Told) -> None:
    assert world.refusal(many(63)).code == "TOO_COMPLEX"
    assert world.gate.explain(world.login(), many(63), None)["code"] == "TOO_COMPLEX"
    assert not world.book.charges
    assert world.ask(many(62))


def test_thousands_of_groups_are_one_plan_of_few_nodes(world: Told) -> None:
    """Each cell by itself took a millisecond of both sides: what had been charged ended in the middle."""
    world.noising = Noising(Everybody(), world.book)
    world.restart()
    asked = "SELECT birth_date, city, province, count(*) AS n FROM citizens GROUP BY ALL ORDER BY n DESC, 1, 2, 3"
    sizes = []
    plan = world.engine.plan

    def measured(sql: str, *more: Any) -> Any:
        found = plan(sql, *more)
        sizes.append(str(found).count("{"))
        return found

    world.engine.plan = measured  # type: ignore[method-assign]
    assert len(world.ask(asked + " LIMIT 10")) == 10
    assert max(map(len, world.book.kept.values())) > 2000
    assert max(sizes) < 1000


def test_people_beside_noisy_values_read_them_too(world: Told) -> None:
    inner = "SELECT city, count(*) AS m FROM citizens GROUP BY city HAVING count(*) > 20"
    noisy = world.ask(f"SELECT count(*) AS n FROM citizens WHERE city IN (SELECT city FROM ({inner}))")
    world.policy.terms = {}
    cities = [row["city"] for row in world.ask(inner)]
    listed = ", ".join(f"'{city}'" for city in cities)
    assert cities
    assert noisy == world.ask(f"SELECT count(*) AS n FROM citizens WHERE city IN ({listed})")


def test_what_is_too_much_to_carry_is_told_and_what_was_drawn_stays(
    world: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(noisy_values, "MAX_BYTES", 10)
        assert world.refusal(COUNT).code == "RESOURCE_LIMIT"
    spent = world.book.spent("P1")
    assert world.ask(COUNT)
    assert world.book.spent("P1") == spent


def test_open_tables_need_no_noise(world: Told) -> None:
    assert world.ask("SELECT count(*) AS n FROM provinces")[0]["n"] > 0
    assert not world.noise.asked


def test_an_allowance_without_epsilon_is_none(world: Told) -> None:
    world.policy.terms = {"answer_mode": "dp", "epsilon": None}
    with pytest.raises(Refused) as caught:
        world.ask(ALL)
    assert caught.value.reason.code == "POLICY_UNAVAILABLE"
