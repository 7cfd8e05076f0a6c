"""What contracts with `differencing` or `dominance` are asked to go through between verifying and running."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import Any

import pytest

from access_broker.domain.decisions import Reason, Refused
from access_broker.use_cases import weighing
from access_broker.use_cases.ports import Unavailable
from tests.use_cases.test_run_query import COUNT, World

REFUSED = Reason("BELOW_K", "S3-P5")
ALL = "SELECT count(*) AS n FROM citizens"
BUT_TWO = "SELECT count(*) AS n FROM citizens WHERE city <> 'Oviedo'"
OVIEDO = "SELECT count(*) AS n FROM citizens WHERE city = 'Oviedo'"
BY_PROVINCE = "SELECT province, count(*) AS n FROM citizens GROUP BY province"
BY_CITY = "SELECT city, avg(income) AS m, count(*) AS n FROM citizens GROUP BY city"


@pytest.fixture
def world() -> World:
    world = World()
    world.policy.terms = {"differencing": "refuse", "dominance": {"n": 1, "share": 0.8, "p": None}}
    return world


def restarted(world: World) -> None:
    """The gateway's process anew, on the same store."""
    world.gate = world.new_gate()


def test_two_answers_that_differ_by_two_people(world: World) -> None:
    assert world.ask(ALL) == [{"n": 5032}]
    assert world.refusal(BUT_TWO) == REFUSED
    assert world.log[-1].body["outcome"] == "refused DIFFERENCING"
    world.policy.terms = {}
    assert world.ask(BUT_TWO) == [{"n": 5030}]


def test_a_mean_with_zeros_for_the_absent_counts_them(world: World) -> None:
    """Else it would tell of somebody in the difference that they are one of the absent."""
    joined = "LEFT JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) v ON v.national_id = c.national_id"
    mean = f"SELECT avg(coalesce(v.n, 0)) AS m FROM citizens c {joined} WHERE NOT (c.gender = 'M' AND c.city"
    assert world.ask(f"{mean} = '')")[0]["m"] is not None
    assert world.refusal(f"{mean} = 'Oviedo')") == REFUSED  # he has no visit
    assert world.log[-1].body["outcome"] == "refused DIFFERENCING"


def test_the_same_in_other_words_is_free(world: World) -> None:
    world.ask(ALL)
    kept = len(world.ledger.kept)
    for again in (
        ALL,
        "SELECT count(*) AS n FROM citizens WHERE gender IN ('F', 'M')",
        "SELECT sum(1) AS n FROM citizens",
    ):
        assert world.ask(again) == [{"n": 5032}]
    assert len(world.ledger.kept) == kept


def test_a_group_is_left_out_of_a_grouped_answer(world: World) -> None:
    world.ask(ALL)
    shown = world.ask(BY_PROVINCE)
    assert len(shown) == 6
    assert 5032 - sum(row["n"] for row in shown) >= 500  # the smallest province went with the hidden one
    again = world.ask(BY_PROVINCE)
    assert {row["province"]: row["n"] for row in again} == {row["province"]: row["n"] for row in shown}


def test_a_total_after_its_groups_is_refused(world: World) -> None:
    assert len(world.ask(BY_PROVINCE)) == 7
    assert world.refusal(ALL) == REFUSED


def test_one_filter_of_a_group_is_nulled(world: World) -> None:
    sql = "SELECT gender, count(*) AS n, count(*) FILTER (WHERE city <> 'Oviedo') AS m FROM citizens GROUP BY gender"
    assert {(row["n"], row["m"]) for row in world.ask(sql)} == {(2524, None), (2508, None)}


def test_cells_of_one_statement_are_compared_with_each_other(world: World) -> None:
    assert world.ask(f"{ALL} UNION ALL {BUT_TWO}") == [{"n": 5032}]
    assert world.ask(f"SELECT ({ALL}) AS n, ({BUT_TWO}) AS m, ({OVIEDO}) AS o") == [{"n": 5032, "m": None, "o": None}]


def test_a_code_does_not_say_which_of_the_reasons_it_was(world: World) -> None:
    """To somebody who knows how many people there are, it would be an answer. The record has it."""
    world.ask(ALL)
    dominated = "SELECT avg(income) AS m FROM citizens WHERE city = 'Jimani'"
    for sql, why in ((OVIEDO, "BELOW_K"), (BUT_TWO, "DIFFERENCING"), (dominated, "DOMINATED")):
        assert world.refusal(sql) == REFUSED
        assert world.log[-1].body["outcome"] == f"refused {why}"


def test_groups_left_out_inside_are_not_counted_outside(world: World) -> None:
    inner = "SELECT province, count(*) AS n FROM citizens GROUP BY province"
    world.ask(ALL)
    shown = world.ask(f"SELECT sum(n)::BIGINT AS n FROM ({inner})")[0]["n"]
    assert shown == sum(row["n"] for row in world.ask(BY_PROVINCE))
    assert 5032 - shown >= 500


def test_one_person_who_holds_nearly_all(world: World) -> None:
    assert world.refusal("SELECT avg(income) AS m FROM citizens WHERE city = 'Jimani'") == REFUSED
    assert world.ask("SELECT count(*) AS n FROM citizens WHERE city = 'Jimani'") == [{"n": 15}]
    world.policy.terms = {"dominance": {"n": 1, "share": 0.8, "p": None}}
    cities = {row["city"] for row in world.ask(BY_CITY)}
    world.policy.terms = {"dominance": {"n": 1, "share": 1.0, "p": 0.1}}
    assert {row["city"] for row in world.ask(BY_CITY)} == cities  # what the others hold tells the largest within 10 %
    world.policy.terms = {}
    assert {row["city"] for row in world.ask(BY_CITY)} - cities == {"Jimani"}


@pytest.mark.parametrize(
    "figure",
    [
        "sum(income * income) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "avg(income * income) AS m FROM citizens WHERE city IN ('Jimani', 'City1', 'City2')",
        "sum(income * income) AS m FROM citizens WHERE gender = 'F' AND year(birth_date) = 1990",
        "var_pop(income) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "stddev_samp(income) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "corr(income, income * 2) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "sum(c.income * v.cost) AS m FROM citizens c JOIN visits v ON v.national_id = c.national_id",
        "avg(visit_date - DATE '2024-01-01') AS m FROM visits WHERE clinic = 'Clinic Y' OR visit_date = '2025-01-05'",
        "var_pop(income / 1) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "stddev_pop(income::DOUBLE) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "var_pop(coalesce(income, 0)) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "var_pop(IF(gender = 'F', income, income * 2)) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "sum(income * income / 1) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "avg((income * income)::DOUBLE) AS m FROM citizens WHERE city IN ('Jimani', 'City1')",
        "sum(CASE WHEN gender = 'F' THEN 1 ELSE income * income END) AS m FROM citizens WHERE city <> 'City1'",
        "sum(x) AS m FROM (SELECT income * income AS x FROM citizens WHERE city IN ('Jimani', 'City1'))",
        "sum(coalesce(income, 0) * 0.012900000000) AS m FROM citizens WHERE city = 'Jimani'",
    ],
)
def test_one_person_who_holds_nearly_all_of_what_is_made_of_it(world: World, figure: str) -> None:
    assert world.refusal(f"SELECT {figure}") == REFUSED
    assert world.log[-1].body["outcome"] == "refused DOMINATED"
    world.policy.terms = {}
    assert world.ask(f"SELECT {figure}")[0]["m"] is not None


@pytest.mark.parametrize(
    "figure",
    [
        "sum(income * income) AS m FROM citizens WHERE city = 'City1'",
        "var_pop(income) AS m FROM citizens WHERE city = 'City1'",
    ],
)
def test_what_many_hold_is_told(world: World, figure: str) -> None:
    assert world.ask(f"SELECT {figure}")[0]["m"] is not None


def test_one_person_who_holds_nearly_all_of_a_difference(world: World) -> None:
    world.ask("SELECT sum(income) AS s FROM citizens WHERE province = 'Azua'")
    sql = "SELECT sum(income) AS s FROM citizens WHERE province = 'Azua' AND city <> 'Jimani'"
    assert world.refusal(sql) == REFUSED
    world.policy.terms = {"differencing": "refuse"}
    assert len(world.ask(sql)) == 1  # fifteen people are enough where nobody asks who holds most


def test_a_correlated_subquery_has_no_rows_to_look_at(world: World) -> None:
    inner = "SELECT count(*) FROM citizens c WHERE c.province = p.province"
    sql = f"SELECT p.province, ({inner}) AS n FROM provinces p"
    assert world.refusal(sql).code == "NOT_SUPPORTED"
    world.policy.terms = {}
    assert len(world.ask(sql)) == 8


def test_a_ledger_that_cannot_be_written_stops_everything(world: World) -> None:
    world.ledger.fails = True
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        world.ask(ALL)
    assert [e for e in world.log if e == "run"] == ["run"]  # the audit query alone
    assert world.log[-1].body["outcome"] == "failed"
    world.ledger.fails = False
    assert world.ask(BUT_TWO) == [{"n": 5030}]  # what was not told is not remembered either
    assert world.refusal(ALL) == REFUSED


def test_a_full_ledger_tells_what_it_told_before_and_nothing_new(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access_broker.use_cases.ledger.MAX_VECTORS", 3)
    assert world.ask(ALL) == [{"n": 5032}]
    kept = len(world.ledger.kept)
    assert world.refusal(BY_CITY) == Reason("LEDGER_FULL", "S3-P5")
    assert len(world.ledger.kept) == kept
    assert world.ask("SELECT sum(1) AS n FROM citizens") == [{"n": 5032}]


def test_the_operator_hears_once_that_a_ledger_is_nearly_full(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("access_broker.use_cases.ledger.MAX_VECTORS", 5)
    for gender in ("F", "M", "F"):
        world.ask(f"SELECT count(*) AS n FROM citizens WHERE gender = '{gender}'")
    assert "ledger.nearly_full" not in world.kinds
    world.ask("SELECT count(*) AS n FROM citizens WHERE province = 'Azua'")
    world.ask("SELECT count(*) AS n FROM citizens WHERE province = 'Duarte'")
    told = [event for event in world.log if getattr(event, "kind", "") == "ledger.nearly_full"]
    assert {(event.subject, event.body["kind"]) for event in told} == {("P1", "*"), ("P1", "people")}
    assert all(event.body == {"kind": event.body["kind"], "figures": 4, "most": 5} for event in told)
    assert len(told) == 2


def test_a_ledger_that_cannot_be_written_is_nothing_to_those_who_need_none(world: World) -> None:
    world.ledger.fails = True
    assert len(world.ask("SELECT province FROM provinces")) == 8
    world.policy.terms = {}
    assert world.ask(ALL) == [{"n": 5032}]


def test_a_restart_keeps_the_memory(world: World) -> None:
    world.ask(ALL)
    world.ask(BY_PROVINCE)
    restarted(world)
    assert world.refusal(BUT_TWO) == REFUSED
    assert len(world.ask(BY_PROVINCE)) == 6
    assert world.ask(ALL) == [{"n": 5032}]


def test_explaining_and_describing_neither_ask_nor_change_the_memory(world: World) -> None:
    world.gate.describe(world.login(), ALL, None)
    assert world.gate.explain(world.login(), BUT_TWO, None)["verdict"] == "allow"
    assert world.ledger.kept == []
    world.ask(ALL)
    assert world.gate.explain(world.login(), BUT_TWO, None)["verdict"] == "allow"  # or it would be an oracle for free


def test_two_at_once_do_not_slip_past_each_other(world: World) -> None:
    start, told = Barrier(2), []
    login = world.login()

    def ask(sql: str) -> None:
        start.wait()
        try:
            answer = world.gate.run(login, sql, None, lambda: False)
            told.extend(row for batch in answer.batches() for row in batch.to_pylist())
        except Refused as refused:
            told.append(refused.reason)

    threads = [Thread(target=ask, args=(sql,)) for sql in (ALL, BUT_TWO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert REFUSED in told
    assert len([t for t in told if isinstance(t, dict)]) == 1


def test_all_that_is_looked_at_for_one_statement_has_one_clock(world: World) -> None:
    several = " UNION ALL ".join(f"{ALL} WHERE city <> '{city}'" for city in ("Oviedo", "Jimani", "nowhere"))
    for most in (0, 1, 2):
        started = world.kinds.count("run")
        world.engine.seconds_left = lambda most=most, started=started: most - (world.kinds.count("run") - started)
        assert world.refusal(several).code == "TOO_SLOW"
        assert world.kinds.count("run") - started <= most + 1
    assert world.ledger.kept == []
    world.engine.seconds_left = lambda: 60.0
    assert world.ask(BUT_TWO) == [{"n": 5030}]  # nothing of it was told, and nobody is kept waiting


def test_whoever_waits_for_another_of_the_contract_waits_no_longer_than_a_statement_may_take(world: World) -> None:
    refused = world.refused_in_a_hurry_meanwhile(BY_PROVINCE)
    assert world.ask(ALL) == [{"n": 5032}]
    assert refused == ["TOO_SLOW"]
    assert world.ask(BY_PROVINCE)


def test_too_many_people_to_look_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighing, "MAX_PAIRS", 1000)
    assert world.refusal(ALL).code == "RESOURCE_LIMIT"


def test_contracts_that_ask_for_neither_run_nothing_more(world: World) -> None:
    world.policy.terms = {}
    world.ask(COUNT)
    assert world.kinds == ["query.allowed", "plan", "run", "query.closed"]


def test_what_was_admitted_once_is_not_looked_at_again(world: World) -> None:
    world.ask(COUNT)
    runs = world.kinds.count("run")
    world.ask(COUNT)
    assert world.kinds.count("run") == runs + 1


def test_an_answer_with_nobody_in_it(world: World) -> None:
    assert world.refusal("SELECT count(*) AS n FROM citizens WHERE city = 'Nowhere'").code == "BELOW_K"
    nothing: list[dict[str, Any]] = world.ask(f"{BY_PROVINCE} HAVING count(*) < 0")
    assert nothing == []


def test_equal_parameters_of_other_types_are_other_statements(world: World) -> None:
    def shown(value: Any) -> Any:
        answer = world.gate.run(world.login(), "SELECT count(*) AS n, ? AS x FROM citizens", (value,), lambda: False)
        return [row["x"] for batch in answer.batches() for row in batch.to_pylist()]

    assert [(type(x), x) for value in (1, True) for x in shown(value)] == [(int, 1), (bool, True)]
