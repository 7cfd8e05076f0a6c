"""Who gets a sandbox, what its token is worth, and that its end is an end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Person
from access_broker.domain.sandboxes import SLOTS, Sandbox, SandboxEnd, SandboxState, place_in, pool_of
from access_broker.domain.tokens import Door, digest_of
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.sandboxes import (
    Admitted,
    Room,
    admit_sandbox,
    confirm_running,
    end_all_sandboxes,
    end_sandbox,
)
from access_broker.use_cases.tokens import authenticate_token
from tests.support.factories import ANALYST, NOW, audit_kinds, make_contract, make_records, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ROOM = Room(pool_of("198.18.16.0/20"), 8)
ACTIVE = make_contract(state=ContractState.ACTIVE, people=("analyst", "colleague"))
OTHER = make_contract("P2", ContractState.ACTIVE)
HOUR = timedelta(hours=1)
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


def admit(
    records: InMemoryRecords,
    person: str = "analyst",
    contract: str = "P1",
    policy: ScriptedPolicy | None = None,
    room: Room | None = ROOM,
) -> Admitted:
    with records.write() as writer:
        return admit_sandbox(writer, policy or ScriptedPolicy(), room, person, contract, NOW)


def refusal(records: InMemoryRecords, *arguments: object, **more: object) -> Refused:
    start = position(records)
    with pytest.raises(Refused) as refused:
        admit(records, *arguments, **more)  # type: ignore[arg-type]
    assert position(records) == start
    return refused.value


def run(records: InMemoryRecords, sandbox: str) -> Sandbox:
    with records.write() as writer:
        return confirm_running(writer, sandbox, NOW)


def end(records: InMemoryRecords, sandbox: str, why: SandboxEnd = SandboxEnd.STOPPED) -> None:
    with records.write() as writer:
        end_sandbox(writer, sandbox, why, NOW + HOUR)


def change(records: InMemoryRecords, value: Contract | Person) -> None:
    with records.write() as writer:
        writer.save_contract(value, EVENT) if isinstance(value, Contract) else writer.save_person(value, EVENT)


def unfinished(records: InMemoryRecords) -> list[str]:
    with records.read() as reader:
        return [sandbox.id for sandbox in reader.sandboxes()]


class TestAdmission:
    def test_the_token_is_good_at_the_sandboxs_own_address_and_nowhere_else(self) -> None:
        records = make_records(ACTIVE)
        admitted = admit(records)
        address = admitted.sandbox.address
        with records.read() as reader:
            token = authenticate_token(reader, admitted.token, NOW, Door.SANDBOX, address)
            assert (token.person, token.contract, token.generation) == ("analyst", "P1", 1)
            for door, peer in ((Door.SANDBOX, "198.18.16.254"), (Door.LOCAL, address), (Door.LOCAL, "127.0.0.1")):
                with pytest.raises(Refused, match="WRONG_DOOR"):
                    authenticate_token(reader, admitted.token, NOW, door, peer)

    def test_it_lasts_a_working_day_and_never_beyond_the_contract(self) -> None:
        soon = make_contract("P3", ContractState.ACTIVE, ends_at=NOW + HOUR)
        records = make_records(ACTIVE, soon)
        assert admit(records).expires_at == NOW + 12 * HOUR
        assert admit(records, contract="P3").expires_at == soon.ends_at

    def test_where_it_stands_follows_from_its_slot(self) -> None:
        sandbox = admit(make_records(ACTIVE)).sandbox
        assert sandbox.place == place_in(ROOM.pool, sandbox.slot)
        assert sandbox.state is SandboxState.STARTING

    def test_the_token_is_nowhere_on_record(self) -> None:
        records = make_records(ACTIVE)
        start = position(records)
        admitted = admit(records)
        with records.read() as reader:
            events = [record.event for record in reader.audit(start)]
        assert [event.kind for event in events] == ["token.issued", "sandbox.admitted"]
        assert {event.subject for event in events} == {"P1"}
        assert admitted.token not in f"{events} {admitted} {admitted.sandbox}"
        assert admitted.sandbox.token == digest_of(admitted.token)

    def test_the_policy_is_told_who_is_there_already(self) -> None:
        records = make_records(ACTIVE, OTHER)
        admit(records, "colleague")
        admit(records, contract="P2")
        admit(records)
        policy = ScriptedPolicy()
        admit(records, policy=policy)
        ((entrypoint, facts),) = policy.asked
        assert entrypoint == "spawn"
        assert facts["sandboxes"] == {"available": True, "of_contract": 1, "running": 2, "most": 8}
        assert facts["person"]["id"] == "analyst"

    def test_without_the_policys_consent_nothing_happens(self) -> None:
        reasons = [Reason("CONTRACT_CUT", "F-13"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]
        records = make_records(ACTIVE)
        refused = refusal(records, policy=ScriptedPolicy(spawn=reasons))
        assert refused.reasons == tuple(reasons)
        assert unfinished(records) == []

    def test_a_policy_that_does_not_answer_is_a_no(self) -> None:
        records = make_records(ACTIVE)
        with pytest.raises(Unavailable):
            admit(records, policy=ScriptedPolicy(spawn=Unavailable("POLICY_UNAVAILABLE")))
        assert unfinished(records) == []

    @pytest.mark.parametrize(("person", "contract"), [("nobody", "P1"), ("analyst", "P9"), ("outsider", "P1")])
    def test_whoever_is_not_named_learns_nothing_else(self, person: str, contract: str) -> None:
        policy = ScriptedPolicy(spawn=[Reason("CONTRACT_CUT", "F-13"), Reason("NOT_NAMED", "S3-P3")])
        refused = refusal(make_records(ACTIVE), person, contract, policy)
        assert refused.reasons == (Reason("NOT_NAMED", "S3-P3"),)
        assert policy.asked == []

    def test_a_system_without_sandboxes_has_none_even_if_the_policy_forgets(self) -> None:
        policy = ScriptedPolicy()
        refused = refusal(make_records(ACTIVE), policy=policy, room=None)
        assert refused.reason == Reason("SPAWN_NOT_AVAILABLE", "S3-P8")
        assert policy.asked[0][1]["sandboxes"]["available"] is False

    def test_no_slot_left_is_a_no_even_if_the_policy_forgets(self) -> None:
        records = make_records(ACTIVE)
        first = admit(records, "colleague").sandbox
        with records.write() as writer:
            for slot in set(range(1, SLOTS + 1)) - {first.slot}:
                filler = replace(first, id=f"s{slot}", person=f"p{slot}", slot=slot)
                writer.save_sandbox(filler, EVENT)
        assert refusal(records).reason.code == "SANDBOX_LIMIT"

    def test_two_contracts_of_one_person_are_two_sandboxes(self) -> None:
        records = make_records(ACTIVE, OTHER)
        one, two = admit(records).sandbox, admit(records, contract="P2").sandbox
        assert set(unfinished(records)) == {one.id, two.id}
        assert one.address != two.address

    def test_an_older_one_of_the_same_pair_makes_way(self) -> None:
        records = make_records(ACTIVE)
        older, newer = admit(records), admit(records)
        assert unfinished(records) == [newer.sandbox.id]
        assert newer.sandbox.slot != older.sandbox.slot, "its network may still be there"
        with records.read() as reader:
            ended = reader.sandbox(older.sandbox.id)
            assert ended is not None
            assert (ended.state, ended.why) == (SandboxState.ENDED, SandboxEnd.REPLACED)
            with pytest.raises(Refused, match="TOKEN_NOT_VALID"):
                authenticate_token(reader, older.token, NOW, Door.SANDBOX, older.sandbox.address)


class TestRunning:
    def test_once_is_enough(self) -> None:
        records = make_records(ACTIVE)
        sandbox = admit(records).sandbox
        assert run(records, sandbox.id).state is SandboxState.RUNNING
        start = position(records)
        assert run(records, sandbox.id).state is SandboxState.RUNNING
        assert position(records) == start

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            (make_contract(state=ContractState.CUT), Reason("CONTRACT_CUT", "F-13")),
            (make_contract(state=ContractState.SUSPENDED), Reason("CONTRACT_SUSPENDED", "F-13")),
            (replace(ACTIVE, generation=3), Reason("TOKEN_NOT_VALID")),
            (replace(ACTIVE, ends_at=NOW), Reason("CONTRACT_EXPIRED", "S3-P9-R1")),
            (replace(ACTIVE, people=("colleague",)), Reason("NOT_NAMED", "S3-P3")),
            (replace(ANALYST, disabled=True), Reason("PERSON_DISABLED", "S3-P3")),
        ],
        ids=["cut", "suspended", "suspended and lifted", "over", "not named any more", "disabled"],
    )
    def test_access_that_ended_meanwhile_ends_the_start(self, changed: Contract | Person, reason: Reason) -> None:
        records = make_records(ACTIVE)
        sandbox = admit(records).sandbox
        change(records, changed)
        with pytest.raises(Refused) as refused:
            run(records, sandbox.id)
        assert refused.value.reason == reason

    def test_one_that_has_ended_or_never_was(self) -> None:
        records = make_records(ACTIVE)
        sandbox = admit(records).sandbox
        end(records, sandbox.id)
        for id in (sandbox.id, "0" * 12):
            with pytest.raises(Refused, match="NOT_FOUND"):
                run(records, id)


class TestEnd:
    def test_the_token_dies_and_the_place_is_free(self) -> None:
        records = make_records(ACTIVE)
        admitted = admit(records)
        start = position(records)
        end(records, admitted.sandbox.id, SandboxEnd.CULLED)
        assert audit_kinds(records, start) == ["sandbox.ended", "tokens.revoked"]
        with records.read() as reader:
            ended = reader.sandbox(admitted.sandbox.id)
            assert ended is not None
            assert (ended.state, ended.why, ended.ended_at) == (SandboxState.ENDED, SandboxEnd.CULLED, NOW + HOUR)
            assert reader.sandboxes() == []
            with pytest.raises(Refused, match="TOKEN_NOT_VALID"):
                authenticate_token(reader, admitted.token, NOW, Door.SANDBOX, admitted.sandbox.address)

    def test_again_is_nothing_new(self) -> None:
        records = make_records(ACTIVE)
        sandbox = admit(records).sandbox
        end(records, sandbox.id, SandboxEnd.CUT)
        start = position(records)
        end(records, sandbox.id, SandboxEnd.STOPPED)
        assert position(records) == start
        with records.read() as reader:
            assert reader.sandbox(sandbox.id).why is SandboxEnd.CUT  # type: ignore[union-attr]

    def test_only_its_own_token(self) -> None:
        records = make_records(ACTIVE)
        mine, theirs = admit(records), admit(records, "colleague")
        end(records, mine.sandbox.id)
        with records.read() as reader:
            assert authenticate_token(reader, theirs.token, NOW, Door.SANDBOX, theirs.sandbox.address)

    def test_one_that_never_was(self) -> None:
        with pytest.raises(Refused, match="NOT_FOUND"):
            end(make_records(ACTIVE), "0" * 12)

    def test_a_swept_machine_has_none(self) -> None:
        records = make_records(ACTIVE, OTHER)
        for contract in ("P1", "P2"):
            admit(records, contract=contract)
        with records.write() as writer:
            assert end_all_sandboxes(writer, NOW) == 2
            assert end_all_sandboxes(writer, NOW) == 0
        assert unfinished(records) == []
