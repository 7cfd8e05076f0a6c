from __future__ import annotations

import pytest

from access_broker.use_cases.even_time import EvenTime


@pytest.mark.parametrize(("took", "step", "waited"), [(0.003, 10, 0.007), (0.025, 10, 0.005), (0.25, 1000, 0.75)])
def test_it_waits_for_the_next_multiple(took: float, step: int, waited: float) -> None:
    times, slept = iter([100.0, 100.0 + took]), []
    EvenTime(step, lambda: next(times), slept.append).wait()
    assert slept == [pytest.approx(waited)]


def test_without_a_step_nothing_waits() -> None:
    slept: list[float] = []
    even = EvenTime(0, sleep=slept.append)
    even.wait()
    assert not even.asked_for
    assert slept == []
