"""Faults around sandboxes that run: each is said clearly, denies, loses nothing and leaves nothing behind."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
import pytest

from access_broker.walkthrough.cutting import BUSY, DARK_SECONDS
from access_broker.walkthrough.notebook import Kernel
from access_broker.walkthrough.outside import PROBE
from tests.support.docker import require_sandbox_image
from tests.support.web import Browser, WebSystem, at_last, browser, until

SCENARIO = Path(__file__).parent / "sandboxes.yaml"
ALL_CARS = "SELECT sum(cars) FROM counts"
ASK = f"""
import amanat
with amanat.connect() as connection, connection.cursor() as cursor:
    cursor.execute({ALL_CARS!r})
    print(kept, int(cursor.fetchall()[0][0]))
"""
"""Prints what the kernel has kept, and the answer to a query."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSystem]:
    """One system for the file; at its end nothing of it may be left on the machine."""
    require_sandbox_image()
    started = WebSystem(tmp_path_factory.mktemp("sandboxes") / "state").start()
    try:
        started.load(SCENARIO)
        started.set_password("sara", "omid")
        yield started
    finally:
        started.stop()
    assert started.left() == []


@pytest.fixture(scope="module")
def sara(system: WebSystem) -> Iterator[Browser]:
    yield from browser(system, "sara")


@pytest.fixture(scope="module")
def lasting(sara: Browser) -> Iterator[Kernel]:
    """A notebook that runs as long as these tests do, with something in its memory."""
    kernel = sara.open("lasting")
    with kernel.socket:
        kernel.run("kept = 41")
        yield kernel


# --- a part that dies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["hub", "warden", "broker", "gateway"])
def test_a_notebook_goes_on_when_a_part_beside_it_dies(system: WebSystem, lasting: Kernel, part: str) -> None:
    system.kill(part)
    assert lasting.run("print(kept)") == "41"
    assert at_last(lambda: lasting.run(ASK)) == "41 1020"


@pytest.mark.parametrize("part", ["guard", "proxy"])
def test_a_notebook_is_there_again_when_a_part_of_the_way_to_it_has_died(
    system: WebSystem, sara: Browser, lasting: Kernel, part: str
) -> None:
    system.kill(part)
    with at_last(lambda: sara.join("lasting")).socket as again:
        assert Kernel(again).run(ASK) == "41 1020"


def test_the_hub_that_came_back_still_has_the_sandbox_in_its_books(
    system: WebSystem, sara: Browser, lasting: Kernel
) -> None:
    before = system.address("lasting")
    system.kill("hub")
    await_hub(sara)
    at_last(lambda: sara.await_sandbox("lasting"))
    assert system.address("lasting") == before


def test_a_cut_reaches_the_sandbox_while_the_hub_is_dead(system: WebSystem, sara: Browser) -> None:
    chair, kernel = system.token("chair"), sara.open("to-cut")
    with kernel.socket:
        busy = kernel.begin(BUSY)
        while kernel.message(busy, 60)[0] != "stream":
            pass
        system.kill("hub", wait=False)
        act = system.rest(chair, "POST", "/contracts/to-cut/cuts", {"ground": "F-13"}).json()
        last = kernel.last_output(busy, 3 * DARK_SECONDS)
    committed = datetime.fromisoformat(act["committed_at"])
    assert last is None or (last - committed).total_seconds() < 2 * DARK_SECONDS
    until(lambda: not system.of("sara", "to-cut"))
    assert list((system.state / "evidence" / "to-cut").glob("g*/*/manifest.json"))
    end = until(lambda: (told := system.rest(chair, "GET", "/contracts/to-cut/end").json())["complete"] and told)
    paused = next(a for a in end["acknowledgements"] if a["step"] == "paused")
    assert paused["ms"] < 2 * DARK_SECONDS * 1000
    await_hub(sara)
    until(lambda: "server removed" in system.rest(chair, "GET", "/contracts/to-cut/end").text)
    assert "CONTRACT_CUT" in at_last(lambda: refused(sara, "to-cut"))


@pytest.mark.parametrize("reached", ["network", "container"])
def test_a_hub_that_dies_in_the_middle_of_a_start_leaves_nothing(
    system: WebSystem, sara: Browser, reached: str
) -> None:
    def press() -> None:
        with suppress(httpx.HTTPError):
            sara.start("half-way")

    pressing = threading.Thread(target=press)
    pressing.start()
    until(lambda: any(reached in made for made in system.made("half-way")))
    system.kill("hub")
    pressing.join()
    await_hub(sara)
    until(lambda: not system.of("sara", "half-way"))
    with sara.open("half-way").socket as socket_:
        assert Kernel(socket_).run("print(1)") == "1"
    sara.stop("half-way")
    assert system.of("sara", "half-way") == []


# --- a wall that falls ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "hook", "chain"),
    [("filter", "INPUT", "IN"), ("filter", "DOCKER-USER", "FWD"), ("nat", "PREROUTING", "NAT")],
)
def test_no_sandbox_starts_while_a_firewall_rule_is_missing(
    system: WebSystem, sara: Browser, table: str, hook: str, chain: str
) -> None:
    rule = ["-j", f"AMANAT-{system.tag}-{chain}"]
    iptables(table, "-D", hook, *rule)
    try:
        said = refused(sara, "walled")
        assert "[AMANAT:SPAWN_NOT_AVAILABLE]" in said
        assert "the firewall around sandboxes is not whole" in said
        assert system.of("sara", "walled") == []
    finally:
        iptables(table, "-I", hook, "1", *rule)


def test_a_sandbox_that_is_stopped_starts_again_with_what_was_in_its_home(system: WebSystem, sara: Browser) -> None:
    """Now that the firewall is whole again."""
    with sara.open("walled").socket as first:
        Kernel(first).run("open('kept', 'w').write('work')")
    sara.stop("walled")
    assert system.of("sara", "walled") == []
    with sara.open("walled").socket as second:
        assert Kernel(second).run("print(open('kept').read())") == "work"
    sara.stop("walled")
    assert system.of("sara", "walled") == []


# --- a person with two contracts --------------------------------------------------------------------------------------


def test_two_contracts_of_one_person_share_nothing(system: WebSystem, sara: Browser, lasting: Kernel) -> None:
    second = sara.open("second")
    with second.socket, at_last(lambda: sara.join("lasting")).socket as again:
        first = Kernel(again)
        first.run("open('/home/sandbox/of-lasting', 'w').write('secret')")
        assert first.run("import os; print(os.path.exists('/home/sandbox/of-lasting'))") == "True"
        assert second.run("import os; print(os.path.exists('/home/sandbox/of-lasting'))") == "False"
        assert_tokens_are_apart(first, second)
        assert_networks_are_apart(system, first, second)
    sara.stop("second")
    assert [made.split()[0] for made in system.of("sara", "lasting")] == ["container", "network", "mount"]


def assert_tokens_are_apart(first: Kernel, second: Kernel) -> None:
    tokens = [kernel.run("print(os.environ['AMANAT_TOKEN'])") for kernel in (first, second)]
    assert tokens[0] != tokens[1]
    stolen = f"""
mine, os.environ['AMANAT_TOKEN'] = os.environ['AMANAT_TOKEN'], {tokens[1]!r}
try:
    with amanat.connect() as connection, connection.cursor() as cursor:
        cursor.execute({ALL_CARS!r})
        print(cursor.fetchall())
except Exception as error:
    print(error)
finally:
    os.environ['AMANAT_TOKEN'] = mine
"""
    first.run("kept = 41; import amanat, os")
    assert "WRONG_DOOR" in first.run(stolen)
    assert first.run(ASK) == "41 1020"


def assert_networks_are_apart(system: WebSystem, first: Kernel, second: Kernel) -> None:
    """This machine reaches a listener in the second sandbox; the first sandbox does not, nor the notebook server."""
    address, port = system.address("second"), 9123
    second.run(f"import socket; door = socket.create_server(('0.0.0.0', {port}))")
    socket.create_connection((address, port), 10).close()
    first.run(PROBE)
    reached = first.run(f"print([probe({address!r}, p) for p in ({port}, 8888)])")
    assert json.loads(reached.replace("'", '"')) == ["no way", "no way"]


# --- a person who is shut out -----------------------------------------------------------------------------------------


def test_a_person_who_is_shut_out_is_out_everywhere(system: WebSystem) -> None:
    for omid in browser(system, "omid"):
        omid.ready("of-omid")
        rest_token = system.token("omid")
        assert system.ask("of-omid", ALL_CARS, "omid") == [(1020,)]
        assert omid.get("/services/console/").url.path.startswith("/services/console/")
        system.amanat("person", "omid", "--disable")
        until(lambda: not system.of("omid", "of-omid"))
        assert system.rest(rest_token, "GET", "/contracts/of-omid").status_code in (401, 403)
        assert system.refusal("of-omid", ALL_CARS, "omid") in ("PERSON_DISABLED", "TOKEN_NOT_VALID")
        for page in ("/hub/home", "/services/console/"):
            until(partial(asks_to_sign_in, omid, page))
        assert omid.start("of-omid").status_code == 403
        assert system.of("omid", "of-omid") == []


def asks_to_sign_in(person: Browser, page: str) -> bool:
    after = person.get(page)
    return after.url.path == "/hub/login" or after.status_code == 403


def await_hub(person: Browser) -> None:
    """Returns when the hub serves the person's page."""
    at_last(lambda: person.get("/hub/home").raise_for_status())


def refused(person: Browser, contract: str) -> str:
    """What the person is told, who asked for a sandbox and may not have one."""
    answer = person.start(contract)
    assert answer.status_code in (403, 503), f"{answer.status_code} {answer.text}"
    return answer.text


def iptables(table: str, *rule: str) -> None:
    subprocess.run(["iptables", "-w", "10", "-t", table, *rule], check=True, capture_output=True)
