from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Role
from access_broker.domain.tokens import Door, digest_of
from access_broker.use_cases.tokens import authenticate_token, caller_of, door_of, issue_token, revoke_token
from tests.support.factories import ANALYST, CHAIR, DAY, NOW, give_token, make_contract, make_records, position
from tests.support.fakes import AuditEvent, InMemoryRecords, ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)
HOUR = timedelta(hours=1)


def authenticate(records: InMemoryRecords, text: str | None, **changes: object) -> object:
    asked = {"now": NOW, "door": Door.LOCAL, "address": "127.0.0.1"} | changes
    with records.read() as reader:
        return authenticate_token(reader, text, **asked)  # type: ignore[arg-type]


def code_of(records: InMemoryRecords, text: str | None, **changes: object) -> str:
    with pytest.raises(Refused) as refusal:
        authenticate(records, text, **changes)
    return refusal.value.reason.code


def issue(records: InMemoryRecords, person: str, contract: str | None, policy: ScriptedPolicy | None = None):  # type: ignore[no-untyped-def]
    with records.write() as writer:
        return issue_token(writer, policy or ScriptedPolicy(), person, contract, "operator", NOW)


def test_a_token_of_a_contract_lasts_at_least_eight_hours_and_never_beyond_the_end() -> None:
    soon = make_contract("P2", ContractState.ACTIVE, ends_at=NOW + 2 * HOUR)
    records = make_records(ACTIVE, soon)
    assert issue(records, "analyst", "P1").token.expires_at - NOW >= 8 * HOUR
    assert issue(records, "analyst", "P2").token.expires_at == soon.ends_at
    assert issue(records, "chair", None).token.expires_at - NOW >= 8 * HOUR


def test_the_policy_is_asked_about_the_login_as_it_would_be() -> None:
    policy = ScriptedPolicy()
    issued = issue(make_records(ACTIVE), "analyst", "P1", policy)
    ((entrypoint, facts),) = policy.asked
    assert entrypoint == "login"
    assert facts["door"] == facts["login"]["door"] == "local"
    assert facts["login"]["generation"] == issued.token.generation == 1


def test_no_token_without_the_policys_consent() -> None:
    reasons = [Reason("NOT_NAMED", "S3-P3")]
    records = make_records(ACTIVE)
    start = position(records)
    with pytest.raises(Refused) as refusal:
        issue(records, "colleague", "P1", ScriptedPolicy(login=reasons))
    assert refusal.value.reasons == tuple(reasons)
    assert position(records) == start


@pytest.mark.parametrize(("person", "contract"), [("nobody", None), ("nobody", "P1"), ("analyst", "P9")])
def test_no_token_for_who_or_what_is_not_there(person: str, contract: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        issue(make_records(ACTIVE), person, contract)
    assert refusal.value.reason.code == "NOT_FOUND"


def test_the_token_itself_is_nowhere_on_record() -> None:
    records = make_records(ACTIVE)
    issued = issue(records, "analyst", "P1")
    with records.read() as reader:
        (event,) = [r.event for r in reader.audit(0, 100) if r.event.kind == "token.issued"]
        stored = reader.token(digest_of(issued.text))
    assert issued.text not in f"{event} {stored} {issued}"
    assert stored == issued.token
    assert (event.actor, event.subject, event.body["contract"]) == ("operator", "analyst", "P1")


def test_a_good_token_is_recognised() -> None:
    records = make_records(ACTIVE)
    assert authenticate(records, "t") if give_token(records, "t", "analyst", ACTIVE) else False


@pytest.mark.parametrize(
    ("contract", "changes", "asked", "code"),
    [
        (None, {"expires_at": NOW}, {}, "TOKEN_EXPIRED"),
        (None, {"revoked": True}, {}, "TOKEN_NOT_VALID"),
        (None, {"person": "nobody"}, {}, "PERSON_DISABLED"),
        (ACTIVE, {"generation": 0}, {}, "TOKEN_NOT_VALID"),
        (ACTIVE, {"contract": "gone"}, {}, "TOKEN_NOT_VALID"),
        (ACTIVE, {}, {"now": ACTIVE.ends_at}, "CONTRACT_EXPIRED"),
        (make_contract(state=ContractState.SUSPENDED), {"revoked": True}, {}, "CONTRACT_SUSPENDED"),
        (make_contract(state=ContractState.CUT), {"revoked": True}, {}, "CONTRACT_CUT"),
        (make_contract(state=ContractState.ENDED), {}, {}, "CONTRACT_ENDED"),
        (ACTIVE, {}, {"door": Door.SANDBOX}, "WRONG_DOOR"),
        (ACTIVE, {"door": Door.SANDBOX, "address": "172.30.0.2"}, {"door": Door.LOCAL}, "WRONG_DOOR"),
        (ACTIVE, {"door": Door.SANDBOX, "address": "172.30.0.2"}, {"door": Door.SANDBOX, "address": "172.30.0.6"},
         "WRONG_DOOR"),
        (ACTIVE, {"door": Door.SANDBOX}, {"door": Door.SANDBOX, "address": "172.30.0.6"}, "WRONG_DOOR"),
    ],
)  # fmt: skip
def test_what_a_token_is_not_good_for(
    contract: Contract | None, changes: dict[str, object], asked: dict[str, object], code: str
) -> None:
    records = make_records(*([contract] if contract else []))
    give_token(records, "t", "analyst", contract, **changes)
    assert code_of(records, "t", **asked) == code


def test_a_sandbox_token_is_good_at_its_own_address() -> None:
    records = make_records(ACTIVE)
    given = give_token(records, "t", "analyst", ACTIVE, door=Door.SANDBOX, address="172.30.0.2")
    assert authenticate(records, "t", door=Door.SANDBOX, address="172.30.0.2") == given


@pytest.mark.parametrize(("text", "code"), [(None, "NO_TOKEN"), ("", "NO_TOKEN"), ("amt_guess", "TOKEN_NOT_VALID")])
def test_no_token_and_a_guess(text: str | None, code: str) -> None:
    assert code_of(make_records(), text) == code


def test_a_disabled_person_is_out_at_once() -> None:
    records = make_records()
    give_token(records, "t", "chair")
    with records.write() as writer:
        writer.save_person(replace(CHAIR, disabled=True), AuditEvent("test.arranged", "t", "t", "F-1"))
    assert code_of(records, "t") == "PERSON_DISABLED"
    with pytest.raises(Refused) as refusal:
        issue(records, "chair", None)
    assert refusal.value.reason.code == "PERSON_DISABLED"


def test_seats_and_roles_stand_behind_a_persons_token_only() -> None:
    contract = make_contract(state=ContractState.ACTIVE, people=("analyst", "chair"))
    records = make_records(contract)
    own, of_contract = give_token(records, "own", "chair"), give_token(records, "c", "chair", contract)
    executor = give_token(records, "e", "analyst")
    with records.read() as reader:
        assert [seat.number for seat in caller_of(reader, own, NOW).seats] == [1]
        assert caller_of(reader, of_contract, NOW).seats == ()
        assert caller_of(reader, of_contract, NOW).contract == "P1"
        assert caller_of(reader, executor, NOW).roles == frozenset({Role.EXECUTOR}) == ANALYST.roles


@pytest.mark.parametrize(
    ("address", "door"),
    [
        ("127.0.0.1", Door.LOCAL),
        ("127.8.0.1", Door.LOCAL),
        ("::1", Door.LOCAL),
        ("::ffff:127.0.0.1", Door.LOCAL),
        ("172.30.0.2", Door.SANDBOX),
        ("::ffff:172.30.0.2", Door.SANDBOX),
        ("localhost", Door.SANDBOX),
        ("", Door.SANDBOX),
        (None, Door.SANDBOX),
    ],
)
def test_the_door_is_told_by_the_address(address: str | None, door: Door) -> None:
    assert door_of(address) is door


def test_expiry_is_the_first_moment_out() -> None:
    records = make_records()
    token = give_token(records, "t", "chair", expires_at=NOW + DAY)
    assert authenticate(records, "t", now=token.expires_at - timedelta(seconds=1))
    assert code_of(records, "t", now=token.expires_at) == "TOKEN_EXPIRED"


def test_whoever_holds_a_token_may_end_it_and_only_it() -> None:
    records = make_records()
    give_token(records, "t", "chair")
    give_token(records, "other", "chair")
    with records.write() as writer:
        assert revoke_token(writer, "t")
    before = position(records)
    with records.write() as writer:
        assert not revoke_token(writer, "t")
        assert not revoke_token(writer, "made up")

    assert code_of(records, "t") == "TOKEN_NOT_VALID"
    assert authenticate(records, "other")
    assert position(records) == before
