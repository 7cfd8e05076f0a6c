"""The sandbox image in one container for the whole folder, and the package `amanat` that stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from docker import DockerClient

from tests.sandbox_images.box import ROOT, Box, running_box
from tests.support.docker import docker_client, require_sandbox_image


@pytest.fixture(scope="package")
def image() -> str:
    return require_sandbox_image()


@pytest.fixture(scope="package")
def client(image: str) -> Iterator[DockerClient]:
    with docker_client() as found:
        yield found


@pytest.fixture(scope="package")
def box(client: DockerClient, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with running_box(client, image, tmp_path_factory.mktemp("box") / "home") as running:
        yield running


@pytest.fixture
def amanat_package(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts the image's package on this process's path."""
    folder = ROOT / "sandbox-images/python"
    monkeypatch.syspath_prepend(str(folder))
    return folder
