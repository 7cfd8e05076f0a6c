"""The hub is believed only when it says that the server is gone, and never waited for longer than told."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hub.removal import HubDoor
from tests.support.played import Served


class Answering(Served):
    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self.statuses, self.asked = list(statuses), list[str]()

    def answer(self, method: str, path: str, body: dict[str, object]) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path}")
        return (self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]), b""


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[tuple[HubDoor, Answering]]:
    with Answering(*request.param) as web:
        at = f"http://127.0.0.1:{web.port}"
        made = HubDoor(f"{at}/hub/api", "a", f"{at}/api", "b", patience=0.5)
        yield made, web
        made.close()


@pytest.mark.parametrize(
    ("door", "gone"),
    [((204,), True), ((404,), True), ((202, 202, 204), True), ((202,), False), ((403,), False), ((500,), False)],
    indirect=["door"],
)
def test_what_the_hub_answers(door: tuple[HubDoor, Answering], gone: bool) -> None:
    began = time.monotonic()
    assert door[0].remove_server("sara", "c-1") is gone
    assert time.monotonic() - began < 2
    assert set(door[1].asked) == {"DELETE /hub/api/users/sara/servers/c-1"}


@pytest.mark.parametrize(("door", "gone"), [((204,), True), ((404,), True), ((403,), False)], indirect=["door"])
def test_what_the_proxy_answers(door: tuple[HubDoor, Answering], gone: bool) -> None:
    assert door[0].drop_route("sara", "c-1") is gone
    assert door[1].asked == ["DELETE /api/routes/user/sara/c-1"]


@pytest.mark.parametrize("door", [(204,)], indirect=True)
def test_nobody_there_is_no_answer(door: tuple[HubDoor, Answering]) -> None:
    door[1].close()
    assert door[0].remove_server("sara", "c-1") is False
    assert door[0].drop_route("sara", "c-1") is False
