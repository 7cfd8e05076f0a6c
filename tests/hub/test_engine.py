"""Freezing and removing real containers, also such as do their best not to be."""

from __future__ import annotations

import time

import pytest

from hub.engine import Frozen
from tests.support.sandboxes import World, eventually

MANY = """trap '' TERM INT; n=0
while [ $n -lt 30 ]; do n=$((n+1)); (trap '' TERM; while :; do echo x >> /home/sandbox/count; done) & done; wait"""


def test_many_busy_processes_come_to_rest_at_the_first_try_and_never_run_again(here: World) -> None:
    sandbox = here.sandbox(script=MANY)
    eventually(lambda: here.count() > 100)
    assert here.engine.freeze(sandbox) is Frozen.FROZEN
    before = here.count()
    time.sleep(0.2)
    assert here.count() == before
    here.engine.remove(sandbox)
    assert here.status(sandbox) == ""
    assert here.count() == before


@pytest.mark.parametrize("has_group", [True, False])
def test_a_frozen_sandbox_runs_on_when_it_may(here: World, monkeypatch: pytest.MonkeyPatch, has_group: bool) -> None:
    """Where the control group cannot be found, Docker's own pause does it."""
    if not has_group:
        monkeypatch.setattr("hub.engine.group_of", lambda *_: None)
    sandbox = here.sandbox(script="while :; do sleep 0.01; echo x >> /home/sandbox/count; done")
    assert here.engine.freeze(sandbox) is Frozen.FROZEN
    assert here.engine.freeze(sandbox) is Frozen.FROZEN
    assert here.engine.is_frozen(sandbox)
    here.engine.thaw(sandbox)
    assert not here.engine.is_frozen(sandbox)
    before = here.count()
    eventually(lambda: here.count() > before)
    here.engine.remove(sandbox)
    assert here.engine.containers() == []


def test_what_does_not_run_and_what_is_not_there_is_said_to_be_so(here: World) -> None:
    sandbox = here.sandbox(script="exit 0")
    eventually(lambda: here.status(sandbox) == "exited")
    assert here.engine.freeze(sandbox) is Frozen.STOPPED
    assert here.engine.doom(sandbox) == 0
    here.engine.remove(sandbox)
    here.engine.remove(sandbox)
    here.engine.thaw(sandbox)
    assert here.engine.freeze(sandbox) is Frozen.ABSENT
    assert here.engine.doom(sandbox) == 0
    assert not here.engine.is_frozen(sandbox)


def test_a_running_sandbox_is_not_doomed(here: World) -> None:
    sandbox = here.sandbox()
    assert here.engine.doom(sandbox) == 0
    before = here.count()
    eventually(lambda: here.count() > before)


def test_a_pause_from_elsewhere_counts_as_frozen(here: World) -> None:
    sandbox = here.sandbox(script="sleep 60")
    here.client.api.pause(here.engine.name(sandbox))
    assert here.engine.freeze(sandbox) is Frozen.FROZEN
    here.engine.remove(sandbox)
    assert here.status(sandbox) == ""
