"""docker-compose.yml as the map of who may hold what: no service holds, reaches or may do more than is written here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from access_broker.adapters.policy import opa_command
from tests.support.system import ROOT

FILE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
LASTING = {"db", "policy", "broker", "publisher", "gateway"}
ONCE = {"keys", "setup", "load", "query"}
RO, RW = "ro", "rw"

HOLDS = {
    "keys": dict.fromkeys(("db-keys", "setup-keys", "broker-keys", "gateway-keys", "publisher-keys"), RW),
    "db": {"db-data": RW, "db-keys": RO, "./deploy/bin/db": RO},
    "setup": dict.fromkeys(("setup-keys", "broker-keys", "gateway-keys", "publisher-keys"), RO),
    "policy": {},
    "broker": {"broker-state": RW, "broker-keys": RO, "audit-keys": RW},
    "publisher": {
        "SOURCES": RO,
        "publisher-state": RW,
        "publisher-keys": RO,
        "published": RW,
        "audit-keys": RW,
    },
    "gateway": {"gateway-state": RW, "gateway-keys": RO, "published": RO, "audit-keys": RW},
    "load": {"SOURCES": RO, "broker-keys": RO, "audit-keys": RW},
    "query": {},
}
SPEAKS = {
    "db": {"setup", "broker", "load", "gateway", "publisher"},
    "policy": {"broker", "load", "gateway"},
}
MAY = {"publisher": {"CHOWN", "DAC_OVERRIDE"}, "gateway": {"SETUID", "SETGID", "KILL"}}


def _held(service: dict[str, Any]) -> dict[str, str]:
    held = {}
    for volume in service.get("volumes", ()):
        source, _, rest = volume.replace("${AMANAT_SOURCES:-./datasets/demo}", "SOURCES").partition(":")
        held[source] = RO if rest.endswith(":ro") else RW
    return held


def test_the_services_are_those_that_are_known_here() -> None:
    assert set(SERVICES) == LASTING | ONCE


@pytest.mark.parametrize("name", sorted(LASTING | ONCE))
def test_every_service_stands_behind_the_same_walls(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert set(service.get("cap_add", ())) == MAY.get(name, set())
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert all("nosuid" in tmpfs and "nodev" in tmpfs and "size=" in tmpfs for tmpfs in service["tmpfs"])
    assert not {"privileged", "devices", "pid", "ipc", "userns_mode", "ports", "links"} & set(service)
    assert service["restart"] == ("unless-stopped" if name in LASTING else "no")


@pytest.mark.parametrize("name", sorted(LASTING | ONCE))
def test_every_service_holds_what_it_needs_and_nothing_else(name: str) -> None:
    assert _held(SERVICES[name]) == HOLDS[name]


def test_nobody_holds_docker() -> None:
    assert "docker.sock" not in (ROOT / "docker-compose.yml").read_text()


def test_no_secret_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            assert not any(word in variable for word in ("PASSWORD", "SECRET", "TOKEN")), name
            assert "passfile=" in value or variable != "AMANAT_RECORDS_URL", name


def test_a_network_joins_two_and_leads_nowhere() -> None:
    """`load` is the broker with the sources, for a moment: it stands where the broker stands."""
    for name, network in FILE["networks"].items():
        assert network == {"internal": True}, name
        members = {s for s, service in SERVICES.items() if name in service.get("networks", ())}
        assert len(members - {"load"}) == 2, name
        assert any(members - {server} <= clients for server, clients in SPEAKS.items() if server in members), name


def test_who_has_no_network_of_its_own_has_none_or_the_gateways() -> None:
    modes = {name: service["network_mode"] for name, service in SERVICES.items() if "network_mode" in service}
    assert modes == {"keys": "none", "query": "service:gateway"}


@pytest.mark.parametrize("name", sorted(LASTING))
def test_every_lasting_service_can_be_seen_to_be_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


def test_the_policy_service_runs_opa_as_the_supervisor_does(tmp_path: Path) -> None:
    program = tmp_path / "opa"
    program.touch(mode=0o755)
    ours = [word for word in opa_command(8181, executable=program)[2:] if word.startswith("--")]
    script = (ROOT / "deploy/bin/policy").read_text()
    assert {word for word in ours if not word.startswith("--addr")} == {
        word for word in script.split() if word.startswith("--") and not word.startswith("--addr")
    }
