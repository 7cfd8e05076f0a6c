"""The warden with real containers: whatever dies around it, a cut freezes, keeps, removes; nothing runs afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from docker.errors import APIError, DockerException

from hub.broker import Broker
from hub.ending import Means
from hub.engine import EngineAway
from hub.evidence import verify_evidence
from hub.removal import HubDoor
from hub.warden import Warden
from tests.support.sandboxes import World, eventually

SILENCE = 0.6
STEPS = ["warden: paused", "warden: evidence", "hub: server removed", "warden: stopped"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test need not wait as long as a start may take."""
    monkeypatch.setattr("hub.tidying.GRACE_SECONDS", 0.3)
    monkeypatch.setattr("hub.tidying._EVERY_SECONDS", 0.1)


@contextmanager
def watching(here: World, silence: float = 30, patience: float = 5) -> Iterator[Warden]:
    """A warden at work, in this process."""
    stop = threading.Event()
    broker = Broker(here.broker.url, "secret", 2)
    web = f"http://127.0.0.1:{here.hub.port}"
    hub = HubDoor(f"{web}/hub/api", "token", f"{web}/api", "token", patience)
    turns = threading.BoundedSemaphore(2)
    means = Means(here.engine, broker, hub, here.homes, here.state / "evidence", turns, stop)
    warden = Warden(means, silence)
    thread = threading.Thread(target=warden.run)
    thread.start()
    try:
        yield warden
    finally:
        stop.set()
        thread.join()
        broker.close()
        hub.close()


@contextmanager
def process(here: World, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A warden as it is started by `amanat up`."""
    known = {"AMANAT_BROKER": here.broker.url, "AMANAT_STATE": str(here.state), "AMANAT_TAG": here.tag}
    known |= {"AMANAT_POOL": "198.18.0.0/20", "AMANAT_SANDBOXES": "on", "AMANAT_SANDBOX_IMAGE": here.image}
    known |= {"AMANAT_PORT_BASE": str(here.hub.port - 6), "AMANAT_PUBLIC_URL": "http://127.0.0.1:1"}
    known |= {"AMANAT_HUB_SECRET": "s", "AMANAT_WARDEN_SECRET": "w", "CONFIGPROXY_AUTH_TOKEN": "p"}
    command, known = [sys.executable, "-m", "hub.warden"], os.environ | known | more
    with subprocess.Popen(command, cwd=ROOT, env=known, stderr=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def ended(here: World, *sandboxes: str) -> None:
    eventually(lambda: set(sandboxes) <= here.broker.ended.keys(), 20)


def folder_of(here: World, sandbox: str, contract: str = "c-1") -> Path:
    return here.state / "evidence" / contract / "g3" / sandbox


def test_a_cut_freezes_keeps_and_removes_in_this_order(here: World) -> None:
    sandbox = here.sandbox()
    eventually(lambda: here.count() > 0)
    with watching(here):
        time.sleep(0.3)
        assert here.status(sandbox) == "running"
        assert not here.broker.told
        here.broker.cut(sandbox)
        ended(here, sandbox)
    assert here.broker.steps(sandbox) == [
        "warden: paused",
        "warden: evidence",
        "hub: server removed",
        "warden: stopped",
    ]
    assert here.broker.ended == {sandbox: "cut"}
    assert here.broker.detail(sandbox, "paused")["found"] == "frozen"
    assert here.broker.detail(sandbox, "evidence")["missing"] == {}
    assert here.left() == []


def test_nothing_of_the_sandbox_runs_again_after_the_pause(here: World) -> None:
    """Neither in the long pause of a slow copy, nor in the moment in which the engine thaws it to end it."""
    sandbox = here.sandbox()
    eventually(lambda: here.count() > 0)
    frozen = list[int]()
    here.broker.hear = lambda told: frozen.append(here.count()) if told["step"] == "paused" else time.sleep(0.2)
    with watching(here):
        here.broker.cut(sandbox)
        ended(here, sandbox)
    assert frozen == [here.count()]
    assert here.broker.detail(sandbox, "paused")["processes"] == 2


def test_from_the_cut_to_the_pause_takes_a_fraction_of_a_second(here: World) -> None:
    sandbox = here.sandbox()
    with watching(here):
        time.sleep(0.25)
        cut = here.broker.cut(sandbox)
        eventually(lambda: here.broker.told)
        assert here.broker.told[0]["received"] - cut < 1.0
        ended(here, sandbox)


def test_several_at_once_are_all_frozen_before_the_slowest_copy_is_done(here: World) -> None:
    sandboxes = [here.sandbox(contract=f"c-{n}") for n in range(3)]
    paused = threading.Event()
    here.broker.hear = lambda told: paused.wait(5) and None if told["step"] == "evidence" else None
    with watching(here):
        here.broker.cut(*sandboxes)
        eventually(lambda: [here.status(sandbox) for sandbox in sandboxes] == ["frozen"] * 3)
        paused.set()
        ended(here, *sandboxes)
    assert here.left() == []


@pytest.mark.parametrize("mood", ["stuck", "refusing", "dead"])
def test_a_hub_that_does_nothing_does_not_hold_up_the_end(here: World, mood: str) -> None:
    sandbox = here.sandbox()
    here.hub.close() if mood == "dead" else setattr(here.hub, "mood", mood)
    with watching(here, patience=0.5):
        here.broker.cut(sandbox)
        ended(here, sandbox)
        assert here.left() == []
        assert "hub: server removed" not in here.broker.steps(sandbox)
        here.hub.open() if mood == "dead" else setattr(here.hub, "mood", "willing")
        eventually(lambda: "hub: server removed" in here.broker.steps(sandbox))


@pytest.mark.parametrize("step", ["paused", "evidence", "stopped"])
def test_a_warden_killed_after_any_step_is_finished_by_the_next(here: World, step: str) -> None:
    sandbox = here.sandbox()
    eventually(lambda: here.count() > 0)
    reached = threading.Event()

    def hold(told: dict[str, object]) -> None:
        if told["step"] == step and not reached.is_set():
            reached.set()
            time.sleep(0.3)

    here.broker.hear = hold
    with process(here) as warden:
        here.broker.cut(sandbox)
        assert reached.wait(10)
        warden.send_signal(signal.SIGKILL)
        warden.wait()
    before = here.count()
    with watching(here):
        ended(here, sandbox)
    assert here.count() == before
    assert verify_evidence(folder_of(here, sandbox)) == []
    assert {"warden: paused", "warden: evidence", "warden: stopped"} <= set(here.broker.steps(sandbox))


def test_a_container_that_appears_after_the_cut_is_frozen_as_soon_as_it_is_there(here: World) -> None:
    sandbox = here.sandbox(script="", state="starting")
    with watching(here):
        here.broker.cut(sandbox)
        time.sleep(0.4)
        assert not here.broker.ended
        with suppress(APIError):  # it may be removed before it can be started
            here.contain(sandbox, "sara", "c-1", "sleep 0.5; echo late > /home/sandbox/late; sleep 60")
        ended(here, sandbox)
    assert not (here.homes.mount("sara", "c-1") / "late").exists()
    assert here.engine.inspect(sandbox) is None


def test_a_start_that_the_hub_gives_up_by_itself_is_over_at_once(here: World) -> None:
    sandbox = here.sandbox(script="", state="starting")
    with watching(here):
        here.broker.cut(sandbox)
        time.sleep(0.3)
        here.broker.listed.clear()
        ended(here, sandbox)


def test_a_silent_broker_pauses_everyone_and_a_speaking_one_resumes_whom_it_may(here: World) -> None:
    goes_on, ends = here.sandbox(contract="c-1"), here.sandbox(contract="c-2")
    with watching(here, SILENCE):
        time.sleep(0.3)
        here.broker.silent = True
        eventually(lambda: {here.status(goes_on), here.status(ends)} == {"frozen"})
        here.broker.cut(ends)
        here.broker.silent = False
        eventually(lambda: here.status(goes_on) == "running")
        ended(here, ends)
        before = here.count()
        eventually(lambda: here.count() > before)


def test_a_short_silence_pauses_nobody(here: World) -> None:
    sandbox = here.sandbox()
    with watching(here, 30):
        here.broker.silent = True
        time.sleep(0.5)
        assert here.status(sandbox) == "running"


def test_what_an_earlier_warden_paused_for_silence_goes_on(here: World) -> None:
    sandbox = here.sandbox()
    here.engine.freeze(sandbox)
    with watching(here):
        eventually(lambda: here.status(sandbox) == "running")


def test_a_container_nobody_admitted_is_removed_and_one_of_another_system_is_left(here: World) -> None:
    stray, known = here.sandbox(contract="c-1"), here.sandbox(contract="c-2")
    del here.broker.listed[stray]
    with watching(here):
        eventually(lambda: not here.status(stray))
        assert here.status(known) == "running"
    assert here.engine.networks() == [known]


def test_a_record_whose_container_is_gone_is_closed(here: World) -> None:
    sandbox = here.sandbox(script="")
    with watching(here):
        ended(here, sandbox)
    assert here.broker.ended == {sandbox: "lost"}


def test_an_acknowledgement_the_broker_was_away_for_is_told_later_in_order(here: World) -> None:
    sandbox = here.sandbox()

    def fall_silent(told: dict[str, object]) -> None:
        here.broker.silent = told["step"] == "paused"
        threading.Timer(0.8, setattr, (here.broker, "silent", False)).start()

    here.broker.hear = fall_silent
    with watching(here):
        here.broker.cut(sandbox)
        ended(here, sandbox)
    assert here.broker.steps(sandbox) == [
        "warden: paused",
        "warden: evidence",
        "hub: server removed",
        "warden: stopped",
    ]
    assert here.broker.detail(sandbox, "evidence")["missing"] == {}


def test_without_an_engine_nothing_is_acknowledged(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = here.sandbox(script="")

    def away(**_: object) -> None:
        raise DockerException("Connection refused")

    monkeypatch.setattr("hub.engine.docker.from_env", away)
    here.engine.close()
    with pytest.raises(EngineAway):
        here.engine.containers()
    with watching(here):
        here.broker.cut(sandbox)
        time.sleep(0.6)
    monkeypatch.undo()
    assert not here.broker.told
    assert not here.broker.ended


def test_the_process_says_when_it_is_ready_and_leaves_when_told(here: World) -> None:
    ready = here.state / "warden.ready"
    with process(here, AMANAT_READY=str(ready)) as warden:
        eventually(ready.exists)
        warden.terminate()
        assert warden.wait(10) == 0


def test_an_end_under_way_is_finished_before_it_leaves(here: World) -> None:
    sandbox = here.sandbox()
    here.broker.hear = lambda told: time.sleep(0.3)
    with process(here) as warden:
        here.broker.cut(sandbox)
        eventually(lambda: here.broker.told)
        warden.terminate()
        assert warden.wait(10) == 0
    assert here.broker.ended == {sandbox: "cut"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"AMANAT_TAG": "zz"}, "AMANAT_TAG must be"), ({"AMANAT_SANDBOXES": "off"}, "nothing to watch")],
)
def test_a_wrong_start_says_what_is_wrong(here: World, wrong: dict[str, str], says: str) -> None:
    with process(here, **wrong) as warden:
        assert says in warden.communicate(timeout=10)[1]
        assert warden.returncode == 2


def test_a_newer_sandbox_is_not_taken_away_for_an_older_one_the_hub_was_not_told_of(here: World) -> None:
    here.hub.mood = "refusing"
    older = here.sandbox()
    with watching(here, patience=0.5):
        here.broker.cut(older)
        ended(here, older)
        newer = here.sandbox()
        here.hub.mood = "willing"
        eventually(lambda: "hub: server removed" in here.broker.steps(older))
        assert here.status(newer) == "running"
