from __future__ import annotations

from access_broker.use_cases.recent import Recent


def test_what_was_looked_at_last_stays() -> None:
    memory: Recent[str, int] = Recent(2)
    memory.keep("a", 1)
    memory.keep("b", 2)
    assert memory.get("a") == 1
    memory.keep("c", 3)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]
    assert len(memory) == 2


def test_what_is_kept_anew_takes_the_place_of_what_was() -> None:
    memory: Recent[str, int] = Recent(2)
    for value in range(3):
        memory.keep("a", value)
    assert (memory.get("a"), len(memory)) == (2, 1)


def test_what_is_taken_is_gone() -> None:
    memory: Recent[str, int] = Recent(2)
    memory.keep("a", 1)
    assert [memory.take("a"), memory.take("a"), memory.get("a")] == [1, None, None]
