from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.gateway.handles import Handles, Slots, Statement

SARA, OMID = ("sara", "C1"), ("omid", "C1")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def not_valid(handles: Handles, owner: tuple[str, str], handle: bytes) -> bool:
    try:
        handles.find(owner, handle)
    except Refused as refused:
        return refused.reason.code == "TOKEN_NOT_VALID"
    return False


def test_a_handle_is_its_owners_alone() -> None:
    handles = Handles()
    handle = handles.keep(SARA, Statement("select 1"))
    assert handles.find(SARA, handle).sql == "select 1"
    assert not_valid(handles, OMID, handle)
    assert not_valid(handles, ("sara", "C2"), handle)
    handles.forget(OMID, handle)
    assert handles.find(SARA, handle).sql == "select 1"


def test_a_handle_lives_while_it_is_used() -> None:
    clock = Clock()
    handles = Handles(clock=clock)
    handle = handles.keep(SARA, Statement("select 1", seconds=10))
    for _ in range(3):
        clock.now += 9
        handles.find(SARA, handle)
    clock.now += 10
    assert not_valid(handles, SARA, handle)


def test_a_hoarder_pushes_out_his_own_oldest() -> None:
    handles = Handles(per_owner=3)
    theirs = handles.keep(OMID, Statement("o"))
    first, second, *_ = [handles.keep(SARA, Statement(str(n))) for n in range(3)]
    handles.find(SARA, first)  # used: now the second is the oldest
    handles.keep(SARA, Statement("4"))
    assert not_valid(handles, SARA, second)
    assert handles.find(SARA, first).sql == "0"
    assert handles.find(OMID, theirs).sql == "o"
    assert len(handles) == 4


def test_the_whole_is_bounded_and_expired_ones_make_room() -> None:
    clock = Clock()
    handles = Handles(per_owner=10, total=2, clock=clock)
    handles.keep(SARA, Statement("1", seconds=5))
    handles.keep(OMID, Statement("2", seconds=50))
    with pytest.raises(Refused, match=r"\[AMANAT:BUSY\]"):
        handles.keep(SARA, Statement("3"))
    clock.now = 6
    handles.keep(SARA, Statement("3"))
    assert len(handles) == 2


def test_forgetting_is_final_and_repeatable() -> None:
    handles = Handles()
    handle = handles.keep(SARA, Statement("1"))
    handles.forget(SARA, handle)
    handles.forget(SARA, handle)
    assert not_valid(handles, SARA, handle)
    assert len(handles) == 0


def test_slots_are_bounded_in_all_and_for_each() -> None:
    slots = Slots(total=3, per_owner=2)
    mine = [slots.take(SARA), slots.take(SARA)]
    with pytest.raises(Refused, match=r"\[AMANAT:BUSY\]"):
        slots.take(SARA)
    with slots.take(OMID), pytest.raises(Refused, match=r"\[AMANAT:BUSY\]"):
        slots.take(("third", "C9"))
    mine[0].release()
    mine[0].release()
    assert slots.taken() == 1
    slots.take(SARA)
    assert slots.taken() == 2
