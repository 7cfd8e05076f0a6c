from __future__ import annotations

from datetime import timedelta

from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.endings import Component
from access_broker.domain.sandboxes import Sandbox, SandboxState
from access_broker.domain.tokens import Door, digest_of
from access_broker.use_cases.acknowledging import Step, acknowledge_end
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.running import Running
from access_broker.use_cases.watching import EndReport, end_report, running_statements
from tests.support.factories import NOW, give_token, make_contract, make_records
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


def report(records: InMemoryRecords) -> EndReport:
    with records.read() as reader:
        return end_report(reader, "P1", NOW)


def tell(records: InMemoryRecords, *components: Component) -> None:
    with records.write() as writer:
        for component in components:
            acknowledge_end(writer, "P1", 2, Step(component, "done"), NOW)


def cut(records: InMemoryRecords, act: Act = Act.CUT) -> None:
    with records.write() as writer:
        commit_act(writer, ScriptedPolicy(), ActRequest("P1", act, "F-13", "chair"), NOW)


def test_what_stands_has_no_end() -> None:
    assert report(make_records(ACTIVE)) == EndReport("active", None)


def test_an_end_is_complete_when_everybody_has_told() -> None:
    records = make_records(ACTIVE)
    cut(records)
    waiting = report(records)
    assert [a.component for a in waiting.acknowledgements] == ["broker"]
    assert (list(waiting.expected), waiting.complete) == (["broker", "gateway", "publisher"], False)
    tell(records, Component.GATEWAY, Component.PUBLISHER)
    assert report(records).complete


def test_an_end_waits_for_the_last_sandbox() -> None:
    records = make_records(ACTIVE)
    give_token(records, "inside", "analyst", ACTIVE, door=Door.SANDBOX, address="198.18.0.10")
    sandbox = Sandbox("abc", "analyst", "P1", 1, 1, "198.18.0.10", digest_of("inside"), NOW, SandboxState.RUNNING)
    with records.write() as writer:
        writer.save_sandbox(sandbox, EVENT)
    cut(records, Act.SUSPEND)
    tell(records, Component.GATEWAY)
    assert (list(report(records).expected), report(records).complete) == (["broker", "gateway", "warden", "hub"], False)
    tell(records, Component.WARDEN, Component.HUB)
    assert not report(records).complete


def ask(records: InMemoryRecords, *closed: int) -> int:
    with records.write() as writer:
        for query in closed:
            writer.record(AuditEvent("query.closed", "analyst", "P1", "S3-P5", {"query": query}))
        return writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", {"text": "SELECT 1"}))


def test_statements_run_from_their_decision_to_their_closing() -> None:
    clock = FixedClock(NOW)
    records = make_records(ACTIVE, clock=clock)
    first = ask(records)
    clock.advance(timedelta(minutes=15))
    second = ask(records)
    third = ask(records, second)
    with records.read() as reader:
        assert [r.position for r in running_statements(reader, clock())] == [first, third]
        assert [r.position for r in running_statements(reader, clock() + timedelta(minutes=2))] == [third]


def test_answers_on_their_way_are_counted_once() -> None:
    running = Running()
    ends = [running.begin("P1"), running.begin("P1"), running.begin("P2")]
    assert (running.of("P1"), running.of("P2"), running.of("P3")) == (2, 1, 0)
    ends[0]()
    ends[0]()
    assert running.of("P1") == 1
