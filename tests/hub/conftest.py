"""Fixtures of the hub's tests."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.docker import engine
from tests.support.sandboxes import World, small_image, world

__all__ = ["engine"]


@pytest.fixture(scope="module")
def image(engine: docker.DockerClient) -> Iterator[str]:
    """The smallest image in which a script can run."""
    name = f"amanat-test-small:{secrets.token_hex(4)}"
    small_image(engine, name)
    yield name
    engine.images.remove(name, force=True)


@pytest.fixture
def here(engine: docker.DockerClient, image: str, tmp_path: Path) -> Iterator[World]:
    """A world of real sandboxes made of that image."""
    if os.geteuid():
        pytest.skip("not run: homes and frozen processes need root")
    state = tmp_path / "here"
    state.mkdir()
    with world(engine, image, state) as made:
        yield made
