"""The scripts that set the machine up for sandboxes: instant when all is there, and plain when it is not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from docker import DockerClient

from tests.sandbox_images.box import ROOT


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / script], cwd=ROOT, capture_output=True, text=True, env=os.environ | environment
    )


def test_the_image_under_test_is_that_of_these_sources_and_asking_again_takes_no_time(
    client: DockerClient, image: str
) -> None:
    first = run("sandbox-image.sh")
    assert re.fullmatch(r"amanat-sandbox:[0-9a-f]{12}\n", first.stdout), first.stderr
    before = client.images.get(image).id
    began = time.monotonic()
    again = run("sandbox-image.sh")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    assert time.monotonic() - began < 10  # half a second on a quiet machine
    assert client.images.get(first.stdout.strip()).id == client.images.get(image).id == before


def test_a_working_engine_is_left_alone(client: DockerClient) -> None:
    done = run("docker.sh")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("script", ["docker.sh", "sandbox-image.sh"])
def test_an_engine_that_does_not_answer_is_said_with_its_remedy(script: str, tmp_path: Path) -> None:
    done = run(script, DOCKER_HOST=f"unix://{tmp_path}/nowhere.sock")
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert re.search(r"no Docker engine answers|does not answer", sentence)
    assert re.search(r"run '|start it", sentence)


WITH_SYSTEMD = Path("/run/systemd/system").exists()
starts_it_itself = pytest.mark.skipif(WITH_SYSTEMD, reason="not run: systemd starts the engine here, not the script")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the script, and programs that stand for a machine whose engine is installed but does not run."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/docker.sh", tmp_path / "scripts")
    (tmp_path / "bin").mkdir()
    says = {"id": "echo 0", "pgrep": "exit 1", "docker": f"test -e {tmp_path}/answers"}
    for name in "docker id ip iptables iptables-save losetup mkfs.ext4 mount pgrep".split():
        write(tmp_path / "bin" / name, says.get(name, ":"))
    return tmp_path


def write(program: Path, line: str) -> None:
    program.write_text(f"#!/bin/sh\n{line}\n")
    program.chmod(0o755)


def start(machine: Path) -> subprocess.CompletedProcess[str]:
    command = f"exec 9>{machine}/lock; {machine}/scripts/docker.sh"
    environment = {"PATH": f"{machine}/bin:/usr/bin:/bin"}
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment)


@starts_it_itself
def test_an_engine_without_a_service_manager_is_started_and_holds_no_lock_of_ours(machine: Path) -> None:
    write(machine / "bin/dockerd", f"ls /proc/self/fd | wc -l >{machine}/open; touch {machine}/answers; sleep 1")
    done = start(machine)
    assert (done.returncode, done.stderr) == (0, "setup: starting the Docker engine\n")
    assert int((machine / "open").read_text()) == 4  # three streams, and the folder that ls reads


@starts_it_itself
def test_an_engine_that_dies_at_once_is_not_waited_for(machine: Path) -> None:
    write(machine / "bin/dockerd", "echo no such kernel module; exit 1")
    began = time.monotonic()
    done = start(machine)
    assert done.returncode == 1
    assert time.monotonic() - began < 15
    assert "no such kernel module" in done.stderr
    assert "--no-sandboxes" in done.stderr.splitlines()[-1]
