from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from hub.broker import Admitted
from hub.container import Limits, environment, host_config, labels
from hub.settings import Ports

ADMITTED = Admitted(
    "0123456789ab",
    1,
    "198.18.16.8/29",
    "198.18.16.9",
    "198.18.16.10",
    "token-of-the-sandbox",
    datetime(2027, 1, 1, tzinfo=UTC),
    1,
    "fa",
)


@pytest.fixture
def settings() -> dict[str, Any]:
    return host_config(ADMITTED, "amanat-ab12-x", Path("/homes/x"), '{"profile": {}}', Limits(), has_ipv6=True)


def test_nothing_of_the_machine_is_in_the_container_but_the_home(settings: dict[str, Any]) -> None:
    assert settings["binds"] == {"/homes/x": {"bind": "/home/sandbox", "mode": "rw"}}
    assert settings["network_mode"] == "amanat-ab12-x"
    assert not {"privileged", "devices", "pid_mode", "cap_add", "volumes_from", "port_bindings", "links"} & set(
        settings
    )


def test_every_wall_is_there(settings: dict[str, Any]) -> None:
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges", 'seccomp={"profile": {}}']
    assert settings["read_only"]
    assert not settings["init"]
    assert settings["sysctls"] == {"net.ipv6.conf.all.disable_ipv6": "1"}
    assert all("noexec" in options and "size=" in options for options in settings["tmpfs"].values())


def test_every_limit_is_there(settings: dict[str, Any]) -> None:
    assert settings["mem_limit"] == settings["memswap_limit"] == 1 << 30
    assert settings["cpu_quota"] == settings["cpu_period"]
    assert settings["pids_limit"] == 256
    assert {limit["Name"] for limit in settings["ulimits"]} == {"nofile", "core", "fsize"}


def test_names_lead_to_the_sandbox_s_own_gateway(settings: dict[str, Any]) -> None:
    assert settings["dns"] == ["198.18.16.9"]
    assert settings["extra_hosts"] == {"gateway": "198.18.16.9", "hub": "198.18.16.9"}


def test_the_engine_s_client_takes_it(settings: dict[str, Any]) -> None:
    made = APIClient(version="1.41").create_host_config(**settings)
    assert made["SecurityOpt"] == settings["security_opt"]
    assert made["Ulimits"][0] == {"Name": "nofile", "Soft": 4096, "Hard": 4096}


def test_a_kernel_that_speaks_no_ipv6_is_not_told_to_stop_it() -> None:
    assert host_config(ADMITTED, "n", Path("/h"), "{}", Limits(), has_ipv6=False)["sysctls"] == {}


def test_the_environment_leads_to_the_data_and_home() -> None:
    known = environment({"JUPYTERHUB_USER": "sara", "HOME": "/root"}, ADMITTED, "c-1", Ports(24700))
    assert known == {
        "JUPYTERHUB_USER": "sara",
        "HOME": "/home/sandbox",
        "AMANAT_FLIGHT_SQL": "grpc://gateway:24700",
        "AMANAT_TOKEN": "token-of-the-sandbox",
        "AMANAT_CONTRACT": "c-1",
        "AMANAT_LANGUAGE": "fa",
    }


def test_labels_name_system_sandbox_person_and_contract() -> None:
    assert set(labels("ab12", "x", "sara", "c-1").values()) == {"ab12", "x", "sara", "c-1"}
