from __future__ import annotations

from hub.guard.budget import Budget


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_spent_comes_back_after_the_time_and_not_before() -> None:
    clock = Clock()
    budget = Budget(100, 60.0, clock)
    assert budget.take("a", 60)
    clock.now = 30.0
    assert budget.take("a", 40)
    assert not budget.take("a", 1)
    clock.now = 59.0
    assert not budget.take("a", 1)
    clock.now = 61.0
    assert budget.take("a", 60)
    assert not budget.take("a", 1)


def test_a_refused_amount_costs_nothing() -> None:
    budget = Budget(100, 60.0, Clock())
    assert not budget.take("a", 101)
    assert budget.take("a", 100)


def test_each_key_has_its_own() -> None:
    budget = Budget(10, 60.0, Clock())
    assert budget.take(("sara", "health-1"), 10)
    assert budget.take(("sara", "health-2"), 10)


def test_many_small_amounts_are_never_forgotten_too_early() -> None:
    """Whatever one minute is looked at, no more than the budget passed in it."""
    clock = Clock()
    budget = Budget(100, 60.0, clock)
    passed: list[float] = []
    for step in range(3000):
        clock.now = step * 0.1
        if budget.take("a", 3):
            passed.append(clock.now)
    for begin in passed:
        assert sum(3 for moment in passed if begin <= moment < begin + 60.0) <= 100
    assert len(passed) > 100


def test_memory_is_bounded() -> None:
    budget = Budget(1, 60.0, Clock())
    for key in range(10_000):
        budget.take(key)
    assert len(budget._spent) <= 4096
