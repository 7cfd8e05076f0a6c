from __future__ import annotations

import threading
import time

import pytest

from access_broker.domain.decisions import Refused
from access_broker.gateway.handles import Slots
from access_broker.gateway.patience import Patience, Taken, Watch

from .fake_service import SMALL, Context, FakeAnswer, FakeService


def taken_by_sara() -> tuple[Taken, FakeAnswer, Watch, Slots]:
    slots = Slots(5, 5)
    answer = FakeAnswer(FakeService(), SMALL.schema, iter(()))
    watch = Watch(Context())
    return Taken(answer, watch, slots.take(("sara", "C1"))), answer, watch, slots


def test_what_was_taken_is_given_back_once() -> None:
    taken, answer, watch, slots = taken_by_sara()
    threads = [threading.Thread(target=taken.give_back) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not taken.give_back_if_untaken(0)
    assert (answer.closed, slots.taken(), watch()) == (1, 0, True)


def test_a_reader_who_reads_is_waited_for() -> None:
    taken, answer, *_ = taken_by_sara()
    taken.reader_returns()
    assert not taken.give_back_if_untaken(0), "it is we who keep him waiting"
    taken.reader_owes()
    assert not taken.give_back_if_untaken(60)
    assert answer.closed == 0


def test_a_reader_who_does_not_is_told_when_he_comes_back() -> None:
    taken, answer, _, slots = taken_by_sara()
    assert taken.give_back_if_untaken(0)
    assert (answer.closed, slots.taken()) == (1, 0)
    with pytest.raises(Refused, match=r"\[AMANAT:TOO_SLOW\]"):
        taken.reader_returns()


def test_patience_looks_by_itself() -> None:
    patience = Patience(seconds=0.02)
    patience.start()
    taken, answer, _, slots = taken_by_sara()
    patience.watch_over(taken)
    end = time.monotonic() + 10
    while slots.taken() and time.monotonic() < end:
        time.sleep(0.005)
    patience.stop()
    patience.join(10)
    assert (answer.closed, slots.taken()) == (1, 0)
    assert not patience.is_alive()


def test_the_watch_asks_the_transport_seldom_and_believes_it_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("access_broker.gateway.patience.time.monotonic", lambda: now[0])
    context = Context()
    watch = Watch(context)
    assert not any(watch() for _ in range(1000))
    assert context.asked == 0
    now[0] += 0.03
    assert (watch(), context.asked) == (False, 1)
    context.gone = True
    now[0] += 0.03
    assert watch()
    assert watch()


def test_the_watch_never_touches_a_request_that_is_over() -> None:
    context = Context()
    watch = Watch(context)
    watch.end()
    assert watch()
    assert context.asked == 0


def test_a_raised_flag_is_seen_at_once() -> None:
    flag = threading.Event()
    watch = Watch(Context(), threading.Event(), flag)
    assert not watch()
    flag.set()
    assert watch()
