"""The sweep: all of one system goes, whatever state it is in; nothing of another system is touched."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docker.errors import DockerException

from hub.settings import Ports, Sandboxes, System
from hub.sweep import sweep
from tests.support.sandboxes import World, eventually, world

ROOT = Path(__file__).parents[2]


def system(here: World) -> System:
    pool = ipaddress.IPv4Network("198.18.0.0/20")
    sandboxes = Sandboxes(here.tag, pool, here.image)
    return System(here.broker.url, here.state, Ports(24700), "http://127.0.0.1:1", sandboxes)


def test_running_and_frozen_sandboxes_go_with_their_networks_and_homes(here: World) -> None:
    running, frozen = here.sandbox(contract="c-1"), here.sandbox(contract="c-2")
    eventually(lambda: here.count("c-2") > 0)
    here.engine.freeze(frozen)
    before = here.count("c-2")
    assert sweep(system(here), "secret") == []
    assert here.left() == []
    assert here.broker.ended == {running: "system", frozen: "system"}
    assert here.count("c-2") == before, "what was frozen has run again"


def test_a_second_sweep_finds_nothing_and_a_dead_broker_is_no_fault(here: World) -> None:
    here.broker.close()
    assert sweep(system(here), "secret") == []
    assert sweep(system(here), "secret") == []


def test_another_system_is_left_alone(here: World, tmp_path: Path) -> None:
    with world(here.client, here.image, tmp_path / "other") as other:
        neighbour = other.sandbox()
        assert sweep(system(here), "secret") == []
        assert other.status(neighbour) == "running"
        assert len(other.left()) == 3


def test_what_cannot_be_removed_is_said_and_the_broker_not_told(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> None:
        raise DockerException("Connection refused")

    here.sandbox(script="")
    monkeypatch.setattr("hub.engine.docker.from_env", away)
    assert sweep(system(here), "secret") == ["Docker does not answer (DockerException)."]
    assert not here.broker.ended


def test_the_command_is_quiet_and_says_what_it_lacks(here: World) -> None:
    here.sandbox()
    known = {"AMANAT_BROKER": here.broker.url, "AMANAT_STATE": str(here.state), "AMANAT_TAG": here.tag}
    known |= {"AMANAT_POOL": "198.18.0.0/20", "AMANAT_SANDBOXES": "on", "AMANAT_SANDBOX_IMAGE": here.image}
    known |= {"AMANAT_PORT_BASE": "24700", "AMANAT_PUBLIC_URL": "http://127.0.0.1:1", "AMANAT_HUB_SECRET": "s"}
    command = [sys.executable, "-m", "hub.sweep"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | known, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert here.left() == []
    bare = subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert bare.returncode == 2
    assert "AMANAT_STATE is not set" in bare.stderr
