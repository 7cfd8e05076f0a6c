from __future__ import annotations

from datetime import timedelta

import pytest

from access_broker.api import lockout
from access_broker.api.lockout import FAILURES, WAIT, Lockout
from access_broker.domain.decisions import Refused
from access_broker.use_cases.permissions import can
from tests.support.factories import NOW


def fail(guard: Lockout, person: str, times: int, address: str = "10.0.0.1") -> None:
    for _ in range(times):
        guard.begin(person, address, NOW)


def is_locked(guard: Lockout, person: str, address: str = "10.0.0.1", later: timedelta = timedelta()) -> bool:
    return not can(guard.begin, person, address, NOW + later)


def test_a_person_waits_after_five_failures_from_wherever() -> None:
    guard = Lockout()
    fail(guard, "chair", FAILURES)
    with pytest.raises(Refused) as refusal:
        guard.begin("chair", "10.0.0.1", NOW)
    assert refusal.value.reason.code == "TOO_MANY_ATTEMPTS"
    assert is_locked(guard, "chair", "10.0.0.2")
    assert not is_locked(guard, "analyst")


def test_waiting_helps() -> None:
    guard = Lockout()
    fail(guard, "chair", FAILURES)
    assert not is_locked(guard, "chair", later=WAIT)


def test_an_address_waits_after_failing_for_five_people() -> None:
    guard = Lockout()
    for n in range(FAILURES):
        fail(guard, f"guess{n}", 1)
    assert is_locked(guard, "chair")
    assert not is_locked(guard, "chair", "10.0.0.2")


def test_a_success_forgives_the_person_and_only_the_person() -> None:
    guard = Lockout()
    for n in range(FAILURES - 1):
        fail(guard, f"guess{n}", 1)
    fail(guard, "chair", 1)
    guard.succeeded("chair", "10.0.0.1")
    fail(guard, "chair", 1)
    assert is_locked(guard, "somebody")
    assert not is_locked(guard, "chair", "10.0.0.2")


def test_with_no_room_to_count_nobody_new_may_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "_MOST_KEYS", 4)
    guard = Lockout()
    for n in range(2):
        fail(guard, f"guess{n}", 1, f"10.0.0.{n}")
    assert is_locked(guard, "chair", "10.0.0.9")
