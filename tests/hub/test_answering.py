"""A sandbox that dies while it starts, or says nothing: what the person reads, what the operator's log holds."""

from __future__ import annotations

import asyncio
import io
import json
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from typing import Any, cast

import docker
import pytest

from hub.answering import NoAnswer, until_it_answers
from hub.engine import Engine, EngineAway
from tests.hub.running_hub import Browser
from tests.hub.yard import Yard, running_yard, within

SCRIPT = """echo "token $AMANAT_TOKEN"; printf 'no room for \\033[31mcaches\\n' >&2
test "$AMANAT_CONTRACT" = P1 || sleep 2
exit 3"""


@pytest.fixture(scope="module")
def dying(engine: docker.DockerClient, image: str) -> Iterator[str]:
    """An image whose sandboxes say something and die; those of another contract than P1 a little later."""
    name, recipe = (
        f"amanat-test-dying:{secrets.token_hex(4)}",
        f"FROM {image}\nENTRYPOINT {json.dumps(['/bin/sh', '-c', SCRIPT])}\n",
    )
    engine.images.build(fileobj=io.BytesIO(recipe.encode()), tag=name, rm=True)
    yield name
    engine.images.remove(name, force=True)


@pytest.fixture(scope="module")
def yard(engine: docker.DockerClient, dying: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with running_yard(engine, dying, tmp_path_factory.mktemp("dying")) as made:
        made.hub.broker.add("sara", "P1", "health-1")
        yield made


def signed_in(yard: Yard, language: str) -> Browser:
    browser = yard.hub.browser(language)
    browser.sign_in("sara")
    return browser


@pytest.mark.parametrize(
    ("language", "sentence", "moment"),
    [
        ("en", "The sandbox stopped by itself while it was starting.", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?= UTC)"),
        (
            "fa",
            "محیط ایزوله هنگام راه‌اندازی خودبه‌خود از کار افتاد.",
            r"[۰-۹]{4}/[۰-۹]{2}/[۰-۹]{2} [۰-۹]{2}:[۰-۹]{2}:[۰-۹]{2}",
        ),
    ],
)
def test_who_waits_reads_what_happened_and_the_operator_why(
    yard: Yard, language: str, sentence: str, moment: str
) -> None:
    answer = signed_in(yard, language).start("sara", "P1")
    assert (answer.status_code, sentence in answer.text) == (503, True)
    assert "[AMANAT:SPAWN_FAILED]" in answer.text
    assert f'lang="{language}"' in answer.text
    (shown,) = re.findall(moment, answer.text)
    log = yard.hub.log()
    (told,) = (line for line in log.splitlines() if f"(on the page: {shown})" in line)
    assert "ended with status 3; its last words:" in told
    assert re.search(r"^ +\S+ no room for \?\[31mcaches$", log[log.index(told) :], re.MULTILINE)
    assert "no room" not in answer.text
    assert "t" * 40 not in log
    assert yard.is_empty()
    assert yard.hub.broker.told_of("/ended")[-1] == {"why": "failed"}


def test_who_was_cut_meanwhile_reads_that(yard: Yard) -> None:
    browser, answers = signed_in(yard, "en"), []
    starting = threading.Thread(target=lambda: answers.append(browser.start("sara", "health-1")))
    told = len(yard.hub.broker.told_of("/running"))
    starting.start()
    within(30, lambda: len(yard.hub.broker.told_of("/running")) > told)
    within(10, lambda: bool(yard.containers()))
    (sandbox,) = yard.hub.broker.sandboxes.values()
    sandbox["must_end"] = {"code": "CONTRACT_CUT", "rule": "F-13", "since": "2026-11-22T08:00:00Z", "generation": 2}
    (yard.hub.state / "evidence" / "health-1" / "g1" / sandbox["sandbox"]).mkdir(parents=True)
    yard.hub.broker.refuse("/running", "CONTRACT_CUT", "F-13", "[AMANAT:CONTRACT_CUT] (F-13) Cut meanwhile.", 409)
    starting.join(60)
    yard.hub.broker.refusals.clear()
    assert (answers[0].status_code, "Cut meanwhile." in answers[0].text) == (403, True)
    assert "SPAWN_FAILED" not in answers[0].text
    assert yard.hub.broker.told_of("/ended")[-1] == {"why": "cut"}
    assert yard.is_empty()


class Played:
    """An engine with one container. `states`: what `inspect` tells, one after the other, the last one for ever."""

    def __init__(self, *states: Any) -> None:
        self.states = list(states)

    def inspect(self, _: str) -> dict[str, Any] | None:
        told = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(told, Exception):
            raise told
        return None if told is None else {"State": told, "Config": {"Env": []}}

    def log(self, _: str, lines: int | None = None) -> bytes:
        raise EngineAway("Docker does not answer.")


RUNS = {"Running": True}


def waited(*states: Any) -> NoAnswer:
    """How the wait for a server that is not there ends."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/api"
    with pytest.raises(NoAnswer) as ended:
        asyncio.run(until_it_answers(cast(Engine, Played(*states)), "s", url, 1.0))
    return ended.value


def test_a_server_that_says_nothing() -> None:
    ended = waited(RUNS)
    assert (ended.msgid, "not answered for 1 seconds" in str(ended)) == ("hub.spawn.silent", True)


def test_a_container_that_is_gone() -> None:
    ended = waited(RUNS, None)
    assert (ended.msgid, "was gone" in str(ended)) == ("hub.spawn.died", True)


def test_a_docker_that_is_away_is_asked_again_and_a_log_need_not_be_readable() -> None:
    ended = waited(EngineAway("away"), RUNS, {"Running": False, "ExitCode": 137, "OOMKilled": True})
    assert ended.msgid == "hub.spawn.died"
    assert "ended with status 137, out of memory; its last words:" in str(ended)
    assert "nothing that can be read" in str(ended)
