from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.people import Passwords, set_password, sign_in
from tests.support.factories import CHAIR, NOW, audit_kinds, make_records, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

PASSWORDS = Passwords(hash=lambda password: f"#{password}", verify=lambda stored, password: stored == f"#{password}")


def with_password(password: str) -> InMemoryRecords:
    records = make_records()
    with records.write() as writer:
        set_password(writer, PASSWORDS, "chair", password, "operator")
    return records


def enter(records: InMemoryRecords, person: str, password: str) -> str:
    return sign_in(records, ScriptedPolicy(), PASSWORDS, person, password, NOW).text


def test_a_password_gives_a_token_of_eight_hours() -> None:
    records = with_password("long enough")
    text = enter(records, "chair", "long enough")
    with records.read() as reader:
        token = reader.token(digest_of(text))
    assert token is not None
    assert (token.person, token.contract, token.expires_at) == ("chair", None, NOW + timedelta(hours=8))


@pytest.mark.parametrize(("person", "password"), [("chair", "wrong"), ("analyst", ""), ("nobody", "long enough")])
def test_every_failure_looks_the_same(person: str, password: str) -> None:
    records = with_password("long enough")
    start = position(records)
    with pytest.raises(Refused) as refusal:
        enter(records, person, password)
    assert (refusal.value.reason.code, refusal.value.detail) == ("SIGN_IN_FAILED", {})
    assert audit_kinds(records, start) == ["person.sign_in_failed"]


def test_a_disabled_person_does_not_sign_in() -> None:
    records = with_password("long enough")
    with records.write() as writer:
        writer.save_person(replace(CHAIR, disabled=True), AuditEvent("test.arranged", "t", "t", "F-1"))
    with pytest.raises(Refused) as refusal:
        enter(records, "chair", "long enough")
    assert refusal.value.reason.code == "SIGN_IN_FAILED"


def test_a_password_typed_into_the_field_for_the_name_is_not_written_down() -> None:
    records = with_password("long enough")
    with pytest.raises(Refused):
        enter(records, "my secret", "x")
    with records.read() as reader:
        assert "my secret" not in str(reader.audit(0, 100))


def test_the_same_password_from_another_keyboard() -> None:
    assert enter(with_password("caf\u00e9 au lait"), "chair", "cafe\u0301 au lait")


@pytest.mark.parametrize(
    ("person", "password", "code"),
    [("nobody", "long enough", "NOT_FOUND"), ("chair", "short", "INVALID"), ("chair", "x" * 1025, "INVALID")],
)
def test_passwords_that_are_not_set(person: str, password: str, code: str) -> None:
    records = make_records()
    with pytest.raises(Refused) as refusal, records.write() as writer:
        set_password(writer, PASSWORDS, person, password, "operator")
    assert refusal.value.reason.code == code


def test_no_password_is_in_the_audit() -> None:
    records = with_password("long enough")
    enter(records, "chair", "long enough")
    with records.read() as reader:
        assert "long enough" not in str(reader.audit(0, 100))
