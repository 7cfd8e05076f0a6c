"""Sandboxes in real containers: hub, proxy, walls, networks and homes are the real ones; the broker is scripted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import docker
import pytest

from hub.walls import remove
from tests.hub.inner_door import inner_door
from tests.hub.running_hub import Browser
from tests.hub.yard import TAG, Yard, running_yard, within
from tests.support.docker import require_sandbox_image

CONNECT = """
import socket, sys
for place in sys.argv[1:]:
    address, port = place.rsplit(":", 1)
    try:
        socket.create_connection((address, int(port)), timeout=1).close()
        print("open")
    except OSError as error:
        print("closed")
"""


@pytest.fixture(scope="module")
def yard(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    with running_yard(engine, require_sandbox_image(), tmp_path_factory.mktemp("yard")) as made:
        yield made


@pytest.fixture
def sara(yard: Yard) -> Iterator[Browser]:
    yard.clear()
    yard.hub.broker.add("sara", "P1", "health-1")
    browser = yard.hub.browser()
    browser.sign_in("sara")
    yield browser
    for contract in ("P1", "health-1"):
        browser.delete(f"/hub/api/users/sara/servers/{contract}")
    browser.client.close()
    within(30, yard.is_empty)


def test_one_sandbox_for_one_contract_and_all_of_it_goes(yard: Yard, sara: Browser) -> None:
    answer = sara.start("sara", "P1")
    assert answer.url.path == "/user/sara/P1/lab", answer.text
    assert "JupyterLab" in answer.text
    (container,) = yard.containers()
    (network,) = yard.networks()
    (sandbox,) = yard.hub.broker.sandboxes.values()
    assert container.name == network.name == f"amanat-{TAG}-{sandbox['sandbox']}"
    assert container.labels["amanat.contract"] == "P1"
    assert yard.callers == {sandbox["address"]}
    assert yard.hub.broker.told_of("/running") == [None]
    assert sara.delete("/hub/api/users/sara/servers/P1").status_code == 204
    assert yard.is_empty()
    assert yard.hub.broker.told_of("/ended") == [{"why": "stopped"}]


def test_two_contracts_of_one_person_share_nothing(yard: Yard, sara: Browser) -> None:
    for contract in ("P1", "health-1"):
        assert sara.start("sara", contract).status_code == 200
    one, other = yard.containers()
    assert len(yard.networks()) == len(yard.mounts()) == 2
    one.exec_run(["touch", "/home/sandbox/of-the-first"])
    assert "of-the-first" not in other.exec_run(["ls", "/home/sandbox"]).output.decode()
    first = next(iter(yard.hub.broker.sandboxes.values()))["address"]
    for container in (one, other):
        container.reload()
    addresses = [c.attrs["NetworkSettings"]["Networks"][c.name]["IPAddress"] for c in (one, other)]
    assert first in addresses
    assert len(set(addresses)) == 2
    probe = one.exec_run(["python3", "-c", CONNECT, f"{addresses[1]}:8888", f"{addresses[0]}:8888"])
    assert probe.output.decode().split() == ["closed", "open"]


def test_the_container_is_as_hard_as_it_is_meant_to_be(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    (container,) = yard.containers()

    def inside(*command: str) -> str:
        return str(container.exec_run(list(command)).output.decode())

    status = inside("cat", "/proc/self/status")
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert inside("id", "-u").strip() == "1000"
    assert inside("cat", "/proc/sys/net/ipv6/conf/all/disable_ipv6").strip() == "1"
    assert "Read-only" in inside("touch", "/opt/x")
    mounts = {line.split()[1]: line.split()[3] for line in inside("cat", "/proc/mounts").splitlines()}
    assert {"nosuid", "nodev", "noexec"} <= set(mounts["/home/sandbox"].split(","))
    known = container.attrs["HostConfig"]
    assert (known["Memory"], known["PidsLimit"], known["NanoCpus"] or known["CpuQuota"]) == (1 << 30, 256, 100_000)
    assert not container.attrs["NetworkSettings"]["Ports"]
    assert "AMANAT_HUB_SECRET" not in inside("env")


def test_from_inside_two_doors_are_open_and_nothing_else(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    (container,) = yard.containers()
    ports = yard.hub.ports
    with inner_door(yard.walls.inner, ports.gateway, ports.hub):
        places = {
            f"gateway:{ports.gateway}": "open",
            f"hub:{ports.inner}": "open",
            f"hub:{ports.hub}": "closed",
            f"hub:{ports.api}": "closed",
            f"hub:{ports.proxy}": "closed",
            f"{yard.walls.inner}:{ports.proxy_api}": "closed",
            "172.17.0.1:22": "closed",
        }
        said = container.exec_run(["python3", "-c", CONNECT, *places]).output.decode().split()
        assert dict(zip(places, said, strict=True)) == places


def test_what_is_saved_is_there_at_the_next_start(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    yard.containers()[0].exec_run(["touch", "/home/sandbox/kept"])
    sara.delete("/hub/api/users/sara/servers/P1")
    sara.start("sara", "P1")
    assert "kept" in yard.containers()[0].exec_run(["ls", "/home/sandbox"]).output.decode()


def test_a_contract_that_is_cut_during_the_start_leaves_nothing(yard: Yard, sara: Browser) -> None:
    yard.hub.broker.refuse("/running", "CONTRACT_CUT", "F-13", "[AMANAT:CONTRACT_CUT] (F-13) Cut meanwhile.", 409)
    answer = sara.start("sara", "P1")
    assert (answer.status_code, "Cut meanwhile." in answer.text) == (403, True)
    assert yard.is_empty()
    assert yard.hub.broker.told_of("/ended") == [{"why": "failed"}]


def test_a_start_that_dies_half_way_leaves_nothing(yard: Yard, sara: Browser) -> None:
    """The home cannot be opened: its image is no file system."""
    homes = yard.hub.state / "homes"
    sara.start("sara", "health-1")
    sara.delete("/hub/api/users/sara/servers/health-1")
    (image,) = homes.glob("sara--health-1*.ext4")
    whole = image.read_bytes()
    image.write_bytes(bytes(1 << 20))
    answer = sara.start("sara", "health-1")
    assert (answer.status_code, "nothing of it was left behind" in answer.text) == (503, True)
    assert yard.is_empty()
    assert yard.hub.broker.told_of("/ended")[-1] == {"why": "failed"}
    image.write_bytes(whole)


def test_a_person_who_gives_up_half_way_leaves_nothing(yard: Yard, sara: Browser) -> None:
    path = "/hub/api/users/sara/servers/P1"
    yard.hub.broker.slow["/running"] = 2.0
    sara.client.post("/hub/spawn/sara/P1", data={"_xsrf": sara.xsrf()})
    within(20, lambda: bool(yard.containers()))
    assert sara.delete(path).status_code in (202, 204)
    yard.hub.broker.slow.clear()
    within(20, yard.is_empty)
    assert sara.start("sara", "P1").status_code == 200


def test_walls_that_are_not_whole_let_nobody_start(yard: Yard, sara: Browser) -> None:
    remove(TAG)
    try:
        answer = sara.start("sara", "P1")
        assert (answer.status_code, "firewall around sandboxes is not whole" in answer.text) == (503, True)
        assert yard.hub.broker.told_of("/hub/spawns") == []
    finally:
        yard.walls.install()


def test_a_sandbox_that_was_killed_is_cleared_away(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    yard.containers()[0].kill()
    within(30, yard.is_empty)
    assert yard.hub.broker.told_of("/ended") == [{"why": "lost"}]


def test_a_hub_that_is_killed_finds_its_sandboxes_again(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    (container,) = yard.containers()
    yard.hub.stop(kill=True)
    yard.hub.start()
    within(20, lambda: "is running" in sara.get("/hub/home").text)
    assert sara.get("/user/sara/P1/lab").status_code == 200
    assert [each.id for each in yard.containers()] == [container.id]
    assert sara.delete("/hub/api/users/sara/servers/P1").status_code == 204
    assert yard.is_empty()


def test_a_sandbox_that_lost_its_contract_while_the_hub_was_away_ends(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    yard.hub.stop(kill=True)
    yard.hub.broker.refuse("/running", "CONTRACT_CUT", "F-13", "Cut.", 409)
    yard.hub.start()
    within(30, yard.is_empty)


def test_whoever_is_cut_is_not_faster_than_the_evidence(yard: Yard, sara: Browser) -> None:
    sara.start("sara", "P1")
    (sandbox,) = yard.hub.broker.sandboxes.values()
    sandbox["must_end"] = {"code": "CONTRACT_CUT", "rule": "F-13", "since": "2026-11-22T08:00:00Z", "generation": 2}
    evidence = yard.hub.state / "evidence" / "P1" / "g1" / sandbox["sandbox"]
    began = time.monotonic()
    threading.Timer(1.5, evidence.mkdir, kwargs={"parents": True}).start()
    assert sara.delete("/hub/api/users/sara/servers/P1").status_code == 204
    assert evidence.exists()
    assert time.monotonic() - began > 1.4
    assert yard.hub.broker.told_of("/ended") == [{"why": "cut"}]
