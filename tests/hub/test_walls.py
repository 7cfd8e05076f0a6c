"""The firewall in namespaces of the test's own: the tables of this machine are not touched."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.hub.namespace import Namespace, namespace

BASE = 24700
SETTINGS = {
    "AMANAT_BROKER": "http://127.0.0.1:24701/api/v1",
    "AMANAT_STATE": "/somewhere",
    "AMANAT_PORT_BASE": str(BASE),
    "AMANAT_PUBLIC_URL": "http://127.0.0.1:24703",
    "AMANAT_SANDBOXES": "on",
    "AMANAT_TAG": "ab12",
    "AMANAT_POOL": "198.18.16.0/20",
    "AMANAT_SANDBOX_IMAGE": "none",
}
OTHER = SETTINGS | {"AMANAT_TAG": "cd34", "AMANAT_POOL": "198.18.32.0/20", "AMANAT_PORT_BASE": "24800"}


@pytest.fixture
def machine() -> Iterator[Namespace]:
    """A machine as dockerd leaves it: DOCKER-USER, and FORWARD that begins with it."""
    with namespace("m") as made:
        made.must("iptables", "-N", "DOCKER-USER")
        made.must("iptables", "-A", "DOCKER-USER", "-j", "RETURN")
        made.must("iptables", "-A", "FORWARD", "-j", "DOCKER-USER")
        made.must("ip6tables", "-P", "FORWARD", "ACCEPT")
        made.must("iptables", "-t", "nat", "-A", "PREROUTING", "-m", "addrtype", "--dst-type", "LOCAL", "-j", "ACCEPT")
        yield made


def walls(machine: Namespace, verb: str, settings: dict[str, str] = SETTINGS) -> tuple[int, str]:
    done = machine.run(sys.executable, "-m", "hub.walls", verb, env=settings)
    return done.returncode, done.stdout + done.stderr


def tables(machine: Namespace) -> str:
    saved = machine.must("iptables-save") + machine.must("ip6tables-save") + machine.must("ip", "address")
    return "\n".join(line for line in saved.splitlines() if line[:1] not in "#:*")


def test_installed_twice_every_rule_stands_once(machine: Namespace) -> None:
    assert walls(machine, "check")[0] == 1
    assert walls(machine, "install") == (0, "")
    once = tables(machine)
    assert walls(machine, "install") == (0, "")
    assert tables(machine) == once
    assert walls(machine, "check") == (0, "")


def test_removed_nothing_is_left(machine: Namespace) -> None:
    before = tables(machine)
    walls(machine, "install")
    assert tables(machine) != before
    assert walls(machine, "remove") == (0, "")
    assert tables(machine) == before
    assert walls(machine, "remove") == (0, "")


def test_two_systems_stand_side_by_side(machine: Namespace) -> None:
    walls(machine, "install")
    only_first = tables(machine)
    walls(machine, "install", OTHER)
    assert walls(machine, "check") == walls(machine, "check", OTHER) == (0, "")
    walls(machine, "remove", OTHER)
    assert tables(machine) == only_first


def test_another_pool_takes_the_place_of_the_old_one(machine: Namespace) -> None:
    walls(machine, "install")
    moved = SETTINGS | {"AMANAT_POOL": "198.18.48.0/20", "AMANAT_PORT_BASE": "24900"}
    assert walls(machine, "install", moved) == (0, "")
    assert walls(machine, "check", moved) == (0, "")
    assert "198.18.16.1" not in tables(machine)


@pytest.mark.parametrize(
    "damage",
    [
        "iptables -F AMANAT-ab12-IN",
        "iptables -D AMANAT-ab12-IN 3",
        "iptables -I AMANAT-ab12-IN 1 -j ACCEPT",
        "iptables -I INPUT 1 -j ACCEPT",
        "iptables -D INPUT -j AMANAT-ab12-IN",
        "iptables -I DOCKER-USER 1 -j ACCEPT",
        "iptables -F DOCKER-USER",
        "iptables -I FORWARD 1 -j ACCEPT",
        "iptables -t nat -F AMANAT-ab12-NAT",
        "iptables -t nat -I PREROUTING 1 -p tcp -j REDIRECT --to-ports 22",
        "ip6tables -F AMANAT-ab12-IN",
        "ip address del 198.18.16.1/32 dev lo",
        "sysctl -q -w net.bridge.bridge-nf-call-iptables=0",
    ],
)
def test_any_damage_is_seen_and_mended(machine: Namespace, damage: str) -> None:
    walls(machine, "install")
    machine.must(*damage.split())
    status, said = walls(machine, "check")
    assert status == 1
    assert said
    if damage != "iptables -I FORWARD 1 -j ACCEPT":  # that one is not ours to take away
        assert walls(machine, "install") == (0, "")


def test_without_docker_it_says_what_to_do() -> None:
    with namespace("bare") as bare:
        status, said = walls(bare, "install")
    assert status == 1
    assert "DOCKER-USER" in said


def test_a_sandbox_reaches_two_ports_and_nothing_else(machine: Namespace) -> None:
    """The cable's end on the machine has a bridge's name and the gateway's address, as a sandbox's bridge would."""
    with namespace("s") as sandbox, namespace("o") as outside:
        machine.cable("amtab121", "198.18.16.9/29", sandbox, "eth0", "198.18.16.10/29")
        machine.cable("eth0", "192.0.2.1/24", outside, "eth0", "192.0.2.2/24")
        for each, via in ((sandbox, "198.18.16.9"), (outside, "192.0.2.1")):
            each.must("ip", "route", "add", "default", "via", via)
        machine.must("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        assert walls(machine, "install") == (0, "")
        places = [f"198.18.16.1:{BASE}", f"198.18.16.1:{BASE + 7}", f"127.0.0.1:{BASE}", "0.0.0.0:2375"]
        with machine.listening(*places), outside.listening("0.0.0.0:80"), sandbox.listening("0.0.0.0:8888"):
            for port in (BASE, BASE + 7):
                assert sandbox.connect("198.18.16.9", port) == "reached as 198.18.16.10"
            for address, port in (
                ("198.18.16.9", 2375),
                ("198.18.16.9", BASE + 1),
                ("198.18.16.1", 2375),
                ("192.0.2.1", 2375),
                ("192.0.2.1", BASE),
                ("192.0.2.2", 80),
            ):
                assert sandbox.connect(address, port).startswith("no way"), (address, port)
            assert machine.connect("198.18.16.10", 8888).startswith("reached")
            assert machine.connect("198.18.16.1", BASE) == "reached as 198.18.16.1"
            assert outside.connect("192.0.2.1", 2375).startswith("reached"), "the probe itself must be able to succeed"
            assert outside.connect("198.18.16.1", BASE).startswith("no way")
            assert outside.connect("198.18.16.10", 8888).startswith("no way")
            walls(machine, "remove")
            assert sandbox.connect("198.18.16.9", 2375).startswith("reached"), "without walls it is open"
            assert sandbox.connect("192.0.2.2", 80).startswith("reached")


def test_a_pool_is_chosen_that_nobody_uses(machine: Namespace) -> None:
    choose = [sys.executable, "-c", "from hub.walls import choose_pool; print(choose_pool())"]
    assert machine.must(*choose) == "198.18.0.0/20\n"
    machine.must("ip", "address", "add", "198.18.3.1/24", "dev", "lo")
    machine.must("ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire-end")
    machine.must("ip", "link", "set", "wire", "up")
    machine.must("ip", "route", "add", "198.18.16.0/21", "dev", "wire")
    assert machine.must(*choose) == "198.18.32.0/20\n"
    named = machine.run(*choose, env={"AMANAT_POOL": "198.19.0.0/20"})
    assert named.stdout == "198.19.0.0/20\n"
    machine.must("ip", "route", "add", "198.18.0.0/15", "dev", "wire")
    assert "AMANAT_POOL" in machine.run(*choose).stderr
