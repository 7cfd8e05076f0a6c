"""The scripts that set the machine up for sandboxes: instant when all is there, and plain when it is not."""

from __future__ import annotations

import os
import re
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
