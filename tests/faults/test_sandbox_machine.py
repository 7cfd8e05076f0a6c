"""Faults of the machine that is to carry sandboxes: killed and started again, without room, without rights, without
programs. What cannot be carried is told with its remedy and refused; everything else runs."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.test_sandboxes import ALL_CARS, SCENARIO, refused
from tests.support.docker import require_sandbox_image
from tests.support.web import Browser, WebSystem, browser, until

_OFF = "sandboxes are off: a spawn is refused with SPAWN_NOT_AVAILABLE, everything else runs"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[WebSystem]:
    """Not started yet; whatever a test leaves of it is a fault of its own."""
    made = WebSystem(tmp_path / "state")
    yield made
    made.stop()
    assert made.left() == []


def test_a_system_that_was_killed_leaves_nothing_that_answers_and_its_next_start_clears_up(
    system: WebSystem,
) -> None:
    require_sandbox_image()
    system.start()
    system.load(SCENARIO)
    system.set_password("sara")
    for sara in browser(system, "sara"):
        sara.ready("lasting")
        token = system.token("sara", "lasting")
    before = system.made("lasting")
    assert len(before) == 2
    system.kill()
    until(lambda: not system.processes())
    assert answering(system) == []
    assert system.made("lasting") == before

    system.environment["AMANAT_HOME_MB"] = "1000000"
    system.start()
    assert system.made() == []
    assert not [line for line in system.left() if line.startswith("mount")]
    assert system.amanat("audit", "verify").returncode == 0
    with system.connect(token) as connection, connection.cursor() as cursor:
        cursor.execute(ALL_CARS)
        assert cursor.fetchall() == [(1020,)]
    for sara in browser(system, "sara"):
        sara.ready("lasting")
        assert_no_room_for_another_home(system, sara)


def assert_no_room_for_another_home(system: WebSystem, sara: Browser) -> None:
    """A home is asked for that no disk has; whoever has one already, works in it."""
    said = refused(sara, "second")
    assert "[AMANAT:SPAWN_NOT_AVAILABLE]" in said
    assert "no room on the disk" in said
    until(lambda: not system.of("sara", "second"))
    assert not list((system.state / "homes").glob("sara--second*.*"))


def test_without_rights_for_the_firewall_everything_else_runs(system: WebSystem) -> None:
    require_sandbox_image()
    system.wrapper = ("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")
    system.start()
    assert "not here: the firewall of the sandboxes. " in system.said
    assert "Run where firewall rules may be set" in system.said
    assert _OFF in system.said
    assert_all_but_sandboxes(system)


def test_without_programs_and_docker_each_missing_wall_is_told_with_its_remedy(
    system: WebSystem, tmp_path: Path
) -> None:
    missing = {"docker": "", "iptables": "iptables", "mkfs.ext4": "e2fsprogs"}
    system.environment["PATH"] = path_without(tmp_path / "bin", *missing)
    system.start()
    assert "not here: Docker engine that answers (for sandboxes). Run scripts/docker.sh as root." in system.said
    for program, package in missing.items():
        if package:
            assert f"not here: {program} (for sandboxes). Install it: apt-get install {package}." in system.said
    assert _OFF in system.said
    assert_all_but_sandboxes(system)


def assert_all_but_sandboxes(system: WebSystem) -> None:
    system.load(SCENARIO)
    system.set_password("sara")
    assert system.ask("lasting", ALL_CARS, "sara") == [(1020,)]
    for sara in browser(system, "sara"):
        assert "lasting" in sara.get("/hub/home").text
        assert "[AMANAT:SPAWN_NOT_AVAILABLE]" in refused(sara, "lasting")
        assert sara.get("/services/console/").url.path.startswith("/services/console/")
    assert system.made() == []


def answering(system: WebSystem) -> list[int]:
    """The ports of the system behind which someone listens."""
    found = []
    for port in range(system.port_base, system.port_base + 8):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def path_without(folder: Path, *programs: str) -> str:
    """A PATH of one folder with everything this machine has, but these."""
    folder.mkdir()
    for place in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            if program.name not in programs:
                (folder / program.name).unlink(missing_ok=True)
                (folder / program.name).symlink_to(program)
    assert not any(shutil.which(program, path=str(folder)) for program in programs)
    return str(folder)
