"""The nine steps: their order, and what happens when one of them cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from access_broker.adapters.budget import SqliteBudget, spent_in
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.tokens import Door
from access_broker.use_cases import gate_ports, run_query
from access_broker.use_cases.asked import Login
from access_broker.use_cases.ending import set_disabled
from access_broker.use_cases.even_time import EvenTime
from access_broker.use_cases.ledger import Told
from access_broker.use_cases.left_today import left_today
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.run_query import QueryGate
from tests.support.engines import NoProcesses
from tests.support.factories import NOW, give_token, make_contract, make_records
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy
from tests.support.noise import no_noise
from tests.support.sample import CATALOGUE, published

CONTRACT = make_contract(state=ContractState.ACTIVE)
COUNT = "SELECT gender, count(*) AS n FROM citizens GROUP BY gender ORDER BY gender"


class Policy(ScriptedPolicy):
    """`access` guards every source but provinces with k = 10. `terms`: obligations beside that."""

    terms: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        document = super().decide(entrypoint, facts)
        if entrypoint == "access":
            sources = facts["query"]["sources"]
            guarded = {s: 10 for s, t in sources.items() if t != "sample.provinces"}
            uses = [
                {"table": sources[t["source"]], "column": t["column"], "use": t["use"], "allowed": True}
                | {"rule": "", "code": ""}
                for t in facts["query"]["touches"]
            ]
            document |= {"uses": uses, "obligations": _obligations(guarded) | self.terms}
        return document


def _obligations(guarded: dict[str, int]) -> dict[str, Any]:
    rest = {"differencing": "off", "dominance": None, "epsilon": None}
    return {"min_entities": guarded, "max_rows": 100, "daily_queries": 50, "answer_mode": "exact", **rest}


class Log(list[Any]):
    """Everything that happened, in order."""


class Audit:
    def __init__(self, log: Log) -> None:
        self.log, self.fails = log, False

    def record(self, event: AuditEvent) -> int:
        if self.fails:
            raise Unavailable("AUDIT_UNAVAILABLE")
        self.log.append(event)
        return len(self.log)

    def post(self, event: AuditEvent) -> None:
        self.record(event)


class Engine(NoProcesses):
    """One worker on the sample tables. `before_batch` runs before each batch leaves it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.before_batch: Callable[[], None] = lambda: None
        self.plan_text: str | None = None
        self.seconds_left: Callable[[], float] = lambda: 60.0
        self.closed = 0

    @contextmanager
    def get(self, person: str, contract: str, generation: int, publication: Publication) -> Iterator[Engine]:
        yield self

    def plan(self, sql: str, should_stop: object = None) -> dict[str, Any]:
        self.log.append("plan")
        row = (
            published()
            .cursor()
            .execute("SELECT json_serialize_plan(?, optimize := false)", [self.plan_text or sql])
            .fetchone()
        )
        assert row is not None
        found: dict[str, Any] = json.loads(row[0])
        return found

    def run(self, sql: str, should_stop: object = None) -> Running:
        self.log.append("run")
        return Running(self, published().cursor().sql(sql).to_arrow_table())


def fails_with(code: str) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise Refused(code)

    return fail


class Running:
    """The answer to one statement of several that may run at once."""

    def __init__(self, engine: Engine, table: pa.Table) -> None:
        self._engine, self._table, self.schema = engine, table, table.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        for batch in self._table.to_batches(max_chunksize=1):
            self._engine.before_batch()
            yield batch

    def close(self) -> None:
        self._engine.closed += 1


class Budget:
    count = 0
    rows = 0

    def spent(self, contract: str, day: str) -> int:
        return self.count

    def spend(self, contract: str, day: str, limit: int) -> None:
        if self.count >= limit:
            raise Refused("BUDGET_SPENT", "S3-P5")
        self.count += 1

    def fine(self, contract: str, day: str, queries: int, limit: int) -> None:
        self.count = min(self.count + queries, limit)

    def spend_rows(self, contract: str, day: str, rows: int, limit: int) -> None:
        self.rows += rows
        if self.rows > limit:
            raise Refused("ROWS_SPENT", "S3-P5")


class Ledger:
    """What was kept, in order; `fails` when nothing can be kept."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, Told]] = []
        self.fails = False

    def told(self, contract: str) -> list[tuple[str, str, Told]]:
        return list(self.kept)

    def keep(self, contract: str, publication: int, told: Sequence[tuple[str, str, Told]]) -> None:
        if self.fails:
            raise Unavailable("LEDGER_UNAVAILABLE")
        self.kept += told


class World:
    """A gate with everything it needs, and a person at its door."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.records: InMemoryRecords = make_records(CONTRACT, clock=self.clock)
        self.log, self.policy, self.budget = Log(), Policy(), Budget()
        self.audit, self.engine = Audit(self.log), Engine(self.log)
        self.ledger = Ledger()
        self.noising = no_noise()
        self.gate = self.new_gate()
        give_token(self.records, "amt_x", "analyst", CONTRACT)
        with self.records.write() as writer:
            event = AuditEvent("test.arranged", "test", "test", "F-1")
            writer.save_publication(Publication("P1", 1, "/nowhere", "0" * 64, CATALOGUE), event)

    def new_gate(self, budget: gate_ports.Budget | None = None) -> QueryGate:
        """The gateway's process anew, on the same stores."""
        return QueryGate(
            self.records,
            self.policy,
            self.engine,
            self.audit,
            budget or self.budget,
            self.ledger,
            self.noising,
            self.clock,
        )

    def login(self) -> Login:
        return self.gate.login("amt_x", "127.0.0.1", Door.LOCAL)

    def ask(self, sql: str = COUNT) -> list[dict[str, Any]]:
        answer = self.gate.run(self.login(), sql, None, lambda: False)
        return [row for batch in answer.batches() for row in batch.to_pylist()]

    def refusal(self, sql: str = COUNT) -> Reason:
        with pytest.raises(Refused) as caught:
            self.ask(sql)
        return caught.value.reason

    def refused_in_a_hurry_meanwhile(self, sql: str) -> list[str]:
        """While the next statement runs, `sql` has no time to wait for it. Holds its code once that one has run."""
        refused: list[str] = []

        def meanwhile() -> None:
            self.engine.before_batch = lambda: None
            self.engine.seconds_left = lambda: 0.05
            refused.append(self.refusal(sql).code)
            self.engine.seconds_left = lambda: 60.0

        self.engine.before_batch = meanwhile
        return refused

    def change(self, **changes: Any) -> None:
        with self.records.write() as writer:
            writer.save_contract(replace(CONTRACT, **changes), AuditEvent("test.changed", "test", "P1", "F-1"))

    @property
    def kinds(self) -> list[str]:
        return [e if isinstance(e, str) else e.kind for e in self.log]


@pytest.fixture
def world() -> World:
    return World()


def test_the_decision_is_on_record_before_anything_runs(world: World) -> None:
    assert world.ask() == [{"gender": "F", "n": 2524}, {"gender": "M", "n": 2508}]
    assert world.kinds == ["query.allowed", "plan", "run", "query.closed"]
    closed = world.log[-1].body
    assert (closed["query"], closed["outcome"], closed["rows"]) == (1, "complete", 2)
    assert world.engine.closed == 1


def test_an_audit_that_cannot_be_written_stops_everything(world: World) -> None:
    login = world.login()
    world.audit.fails = True
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        world.gate.run(login, COUNT, None, lambda: False)
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        world.gate.run(login, "not sql at all", None, lambda: False)
    assert "run" not in world.log


def test_a_policy_that_does_not_answer_denies(world: World) -> None:
    login = world.login()
    for silent in ("access", "login"):
        world.policy.script = {silent: Unavailable("POLICY_UNAVAILABLE")}
        with pytest.raises(Unavailable, match="POLICY_UNAVAILABLE"):
            world.gate.run(login if silent == "access" else world.login(), COUNT, None, lambda: False)
    assert world.log == []


def test_a_refusal_is_recorded_with_its_uses_and_nothing_runs(world: World) -> None:
    world.policy.script = {"access": [Reason("AGGREGATE_ONLY", "S3-P5")]}
    assert world.refusal("SELECT income FROM citizens").code == "AGGREGATE_ONLY"
    assert world.kinds == ["query.refused"]
    assert world.log[0].body["code"] == "AGGREGATE_ONLY"
    assert world.log[0].body["text"] == "SELECT income FROM citizens"


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT 2", "DROP TABLE citizens", "SELECT lpad('x', 9, 'y')"])
def test_a_statement_that_is_not_understood_is_recorded_too(world: World, sql: str) -> None:
    world.refusal(sql)
    assert world.kinds == ["query.refused"]
    assert world.policy.asked[-1][0] == "login"


def test_names_that_are_not_known_are_the_policys_to_refuse(world: World) -> None:
    world.policy.script = {"access": lambda f: [Reason("NOT_GRANTED", "S3-P5")] if f["query"]["unknown"] else []}
    assert world.refusal("SELECT full_name FROM citizens") == Reason("NOT_GRANTED", "S3-P5")
    assert world.refusal("SELECT * FROM persons") == Reason("NOT_GRANTED", "S3-P5")
    world.policy.script = {}  # a policy that forgot: unknown names still have no statement
    with pytest.raises(ValueError, match="unknown names"):
        world.ask("SELECT full_name FROM citizens")


def test_a_plan_that_shows_something_else_is_refused_and_alarmed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.engine.plan_text = "SELECT gender, max(income) AS n FROM main.t1 GROUP BY gender"
    assert world.refusal() == Reason("NOT_VERIFIED", "S3-P5")
    assert "run" not in world.log
    assert "differs" in caplog.text
    assert world.kinds[-3:] == ["query.refused", "gate.alarm", "query.closed"]
    world.engine.plan_text = None
    assert len(world.ask()) == 2  # the refused verification was not remembered as a good one


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": ContractState.CUT, "generation": 2}, "CONTRACT_CUT"),
        ({"state": ContractState.SUSPENDED, "generation": 2}, "CONTRACT_SUSPENDED"),
        ({"ends_at": NOW}, "CONTRACT_EXPIRED"),
        ({"generation": 2}, "TOKEN_NOT_VALID"),
    ],
)
def test_a_contract_that_ends_between_two_batches_ends_the_stream(
    world: World, change: dict[str, Any], code: str
) -> None:
    answer = world.gate.run(world.login(), COUNT, None, lambda: False)
    stream = answer.batches()
    assert next(stream).num_rows == 1
    world.change(**change)
    with pytest.raises(Refused) as caught:
        next(stream)
    assert caught.value.reason.code == code
    assert world.log[-1].body["outcome"] == ("cut" if code.startswith("CONTRACT") else f"refused {code}")
    assert world.log[-1].body["rows"] == 1
    assert world.engine.closed == 1


def test_a_person_shut_out_between_two_batches_gets_no_further_one(world: World) -> None:
    stream = world.gate.run(world.login(), COUNT, None, lambda: False).batches()
    next(stream)
    with world.records.write() as writer:
        set_disabled(writer, "analyst", True, "operator", NOW)
    with pytest.raises(Refused) as caught:
        next(stream)
    assert caught.value.reason == Reason("PERSON_DISABLED", "S3-P3")
    assert world.log[-1].body["rows"] == 1


def test_a_token_withdrawn_between_two_batches_ends_the_stream(world: World) -> None:
    """As the end of a sandbox withdraws the one it was given."""
    stream = world.gate.run(world.login(), COUNT, None, lambda: False).batches()
    next(stream)
    with world.records.write() as writer:
        writer.revoke_tokens("P1", AuditEvent("test.changed", "test", "P1", "F-1"))
    with pytest.raises(Refused, match="TOKEN_NOT_VALID"):
        next(stream)


def test_answers_are_counted_while_they_are_open(world: World) -> None:
    answer = world.gate.run(world.login(), COUNT, None, lambda: False)
    assert world.gate.running.of("P1") == 1
    list(answer.batches())
    assert world.gate.running.of("P1") == 0
    world.engine.plan_text = "SELECT 1"
    world.refusal("SELECT count(*) AS m FROM citizens")
    assert world.gate.running.of("P1") == 0


def test_a_worker_that_was_killed_by_a_cut_says_cut(world: World) -> None:
    def die() -> None:
        world.change(state=ContractState.CUT, generation=2)
        raise Refused("WORKER_LOST")

    world.engine.before_batch = die
    assert world.refusal().code == "CONTRACT_CUT"


def test_records_that_go_away_end_the_stream(world: World) -> None:
    stream = world.gate.run(world.login(), COUNT, None, lambda: False).batches()
    next(stream)

    @contextmanager
    def gone() -> Iterator[Any]:
        raise Unavailable("RECORDS_UNAVAILABLE")
        yield

    world.records.read = gone  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="RECORDS_UNAVAILABLE"):
        next(stream)


def test_too_few_people_is_one_code_for_none_and_few(world: World) -> None:
    for city in ("Oviedo", "Nowhere"):
        assert world.refusal(f"SELECT count(*) FROM citizens WHERE city = '{city}'") == Reason("BELOW_K", "S3-P5")
    assert world.log[-1].body["outcome"] == "refused BELOW_K"
    shown = world.ask("SELECT count(*) AS n FROM citizens")
    assert shown == [{"n": 5032}]


def test_a_guarded_statement_that_fails_on_a_value_looks_like_too_few_people(world: World) -> None:
    world.engine.before_batch = fails_with("VALUE_ERROR")
    assert world.refusal() == Reason("BELOW_K", "S3-P5")
    assert world.kinds[-2:] == ["gate.alarm", "query.closed"]
    assert world.refusal("SELECT province FROM provinces").code == "VALUE_ERROR"
    assert world.kinds.count("gate.alarm") == 1


@pytest.mark.parametrize(("code", "times"), [("VALUE_ERROR", 5), ("TOO_SLOW", 50), ("RESOURCE_LIMIT", 50)])
def test_whoever_finds_what_fails_can_ask_little_of_it_in_a_day(world: World, code: str, times: int) -> None:
    world.engine.before_batch = fails_with(code)
    told = [world.refusal().code for _ in range(times + 1)]
    assert "BUDGET_SPENT" not in told[: times // 2]
    assert told[-1] == "BUDGET_SPENT"


def test_to_ask_for_the_schema_alone_is_counted_as_well(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.engine, "run", fails_with("VALUE_ERROR"))
    with pytest.raises(Refused, match="BELOW_K"):
        world.gate.describe(world.login(), COUNT, None)
    assert world.budget.count == CONTRACT.terms.daily_queries / 5
    assert world.kinds[-1] == "gate.alarm"


def test_what_fails_is_refused_though_it_cannot_be_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise Unavailable("RECORDS_UNAVAILABLE")

    monkeypatch.setattr(world.budget, "fine", gone)
    world.engine.before_batch = fails_with("VALUE_ERROR")
    assert world.refusal() == Reason("BELOW_K", "S3-P5")


def test_a_reader_who_leaves_closes_the_record(world: World) -> None:
    answer = world.gate.run(world.login(), COUNT, None, lambda: False)
    stream = answer.batches()
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    answer.close()
    assert [e.body["outcome"] for e in world.log if isinstance(e, AuditEvent) and e.kind == "query.closed"] == [
        "closed early"
    ]


def test_a_spent_budget_refuses_before_anything_is_recorded_as_allowed(world: World) -> None:
    world.budget.count = CONTRACT.terms.daily_queries
    assert world.refusal().code == "BUDGET_SPENT"
    assert "query.allowed" not in world.kinds


def test_rows_of_a_day_are_counted_before_they_are_delivered(world: World) -> None:
    world.change(terms=replace(CONTRACT.terms, daily_rows=3))
    assert len(world.ask()) == 2
    assert world.refusal().code == "ROWS_SPENT"
    assert world.log[-1].body["outcome"] == "refused ROWS_SPENT"
    world.change(terms=CONTRACT.terms)
    assert len(world.ask()) == 2


def test_answers_from_people_take_even_times(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(run_query, "EvenTime", partial(EvenTime, sleep=slept.append))
    world.change(terms=replace(CONTRACT.terms, answer_ms=50))
    assert len(world.ask()) == 2
    assert world.refusal("SELECT count(*) FROM citizens WHERE city = 'Nowhere'").code == "BELOW_K"
    assert len(slept) == 2
    assert all(0 < seconds <= 0.05 for seconds in slept)
    world.ask("SELECT count(*) FROM provinces")
    assert len(slept) == 2, "open tables have nothing to tell"


def test_what_is_told_to_be_left_is_what_the_gate_still_answers(world: World, tmp_path: Path) -> None:
    budget, terms = SqliteBudget(tmp_path / "budget"), replace(CONTRACT.terms, daily_queries=2)
    contract = replace(CONTRACT, terms=terms)
    world.change(terms=terms)
    world.gate = world.new_gate(budget)
    told = []
    for _ in range(2):
        told.append(left(world, tmp_path, contract))
        assert world.ask()
    assert [*told, left(world, tmp_path, contract)] == [2, 1, 0]
    assert world.refusal().code == "BUDGET_SPENT"
    world.clock.advance(timedelta(days=1))
    assert left(world, tmp_path, contract) == 2
    budget.close()


def left(world: World, folder: Path, contract: Contract) -> int | None:
    """As the broker tells it."""
    with world.records.read() as reader:
        return left_today(reader, partial(spent_in, folder / "budget"), contract, world.clock())


def test_describing_and_explaining_run_nothing_and_answer_nothing(world: World) -> None:
    schema = world.gate.describe(world.login(), 'SELECT avg(income) AS "Mean Income" FROM citizens', None)
    assert schema.names == ["Mean Income"]
    told = world.gate.explain(world.login(), COUNT, None)
    assert told["verdict"] == "allow"
    assert {"table": "sample.citizens", "column": "gender", "use": "group", "verdict": "allow", "rule": None} in told[
        "uses"
    ]
    refused = world.gate.explain(world.login(), "SELECT 1; SELECT 2", None)
    assert (refused["verdict"], refused["code"]) == ("refuse", "ONE_STATEMENT")
    assert set(world.kinds) == {"plan", "run", "query.explained"}  # the run is LIMIT 0, for the schema
    assert world.budget.count == 0


def test_a_contract_without_a_published_file(world: World) -> None:
    login = world.login()
    with world.records.write() as writer:
        writer.drop_publication("P1", AuditEvent("test.changed", "test", "P1", "F-1"))
    with pytest.raises(Refused) as caught:
        world.gate.describe(login, COUNT, None)
    assert caught.value.reason == Reason("NOT_PUBLISHED", "S2-C3")
    assert world.gate.explain(login, COUNT, None)["code"] == "NOT_PUBLISHED"


def test_an_answer_longer_than_the_contract_allows_is_cut_short_by_the_engine(world: World) -> None:
    assert len(world.ask("SELECT province FROM provinces")) == 8
    assert "LIMIT 100" in str(world.gate._compiler._statements._values)


def test_a_login_needs_a_contract_and_the_policys_word(world: World) -> None:
    give_token(world.records, "amt_seat", "chair")
    with pytest.raises(Refused) as caught:
        world.gate.login("amt_seat", "127.0.0.1", Door.LOCAL)
    assert caught.value.reason.code == "WRONG_DOOR"
    world.policy.script = {"login": [Reason("NOT_ACKNOWLEDGED", "S3-P7-R1")]}
    with pytest.raises(Refused) as caught:
        world.login()
    assert caught.value.reason == Reason("NOT_ACKNOWLEDGED", "S3-P7-R1")
    world.clock.advance(timedelta(hours=9))
    with pytest.raises(Refused) as caught:
        world.login()
    assert caught.value.reason.code == "TOKEN_EXPIRED"


def test_an_empty_probe_takes_the_whole_way_and_leaves_nothing_but_its_record(world: World) -> None:
    world.policy.terms = {"differencing": "refuse", "dominance": {"n": 1, "share": 0.5, "p": None}}
    for sql in ("SELECT * FROM citizens WHERE 1=0", "SELECT avg(income) AS m FROM citizens LIMIT 0"):
        assert world.ask(sql) == []
        assert world.kinds == ["query.allowed", "plan", "run", "query.closed"]
        assert {use["use"] for use in world.log[0].body["uses"]} == {"shape"}
        assert [one["kind"] for one in world.log[0].body["obligations"]] == ["max_rows", "answer_mode", "daily_queries"]
        assert (world.log[-1].body["outcome"], world.log[-1].body["rows"]) == ("complete", 0)
        world.log.clear()
    assert (world.budget.count, world.ledger.kept) == (2, [])
    world.ask("SELECT avg(income) AS m FROM citizens")
    assert world.ledger.kept, "in earnest it is remembered"


def test_the_schema_of_a_probe_is_that_of_the_real_answer(world: World) -> None:
    login, real = world.login(), "SELECT gender, avg(income) AS m, sum(income) FROM citizens GROUP BY gender"
    for mode in ("exact", "rounded"):
        world.policy.terms = {"answer_mode": mode}
        wanted = world.gate.describe(login, real, None)
        assert world.gate.describe(login, f"{real} LIMIT 0", None) == wanted
        assert world.gate.run(login, f"{real} LIMIT 0", None, lambda: False).schema == wanted
