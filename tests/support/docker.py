"""Tests that need a Docker engine, or the sandbox image, say so here.

Without one they are skipped with a reason that starts "not run:"; with AMANAT_DEMAND_DOCKER=1 its absence is a failure,
so that a run which was meant to cover the sandboxes cannot pass without them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Never

import docker
import pytest
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException

SANDBOX_IMAGE = "amanat-sandbox:latest"
_PATIENCE = 120  # seconds: a busy machine may be slow to remove a container


def require_docker() -> None:
    """Returns when a Docker engine answers."""
    fault = _engine_fault()
    if fault:
        _not_run(f"no Docker engine answers ({fault}); scripts/docker.sh sees to one")


def require_sandbox_image() -> str:
    """The name of the sandbox image, which is there."""
    require_docker()
    with docker_client() as client:
        try:
            client.images.get(SANDBOX_IMAGE)
        except ImageNotFound:
            _not_run(f"there is no image {SANDBOX_IMAGE}; scripts/sandbox-image.sh builds it")
    return SANDBOX_IMAGE


@contextmanager
def docker_client() -> Iterator[docker.DockerClient]:
    client = docker.from_env(timeout=_PATIENCE)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    """A client of the engine; what a test makes with it, it removes."""
    require_docker()
    with docker_client() as client:
        yield client


@cache
def _engine_fault() -> str:
    """Empty when the engine answers. Asked once a run: without an engine every test would wait for the same silence."""
    try:
        with docker_client() as client:
            client.ping()
    except (DockerException, RequestException, OSError) as error:
        return str(error)
    return ""


def _not_run(reason: str) -> Never:
    if os.environ.get("AMANAT_DEMAND_DOCKER") == "1":
        pytest.fail(f"AMANAT_DEMAND_DOCKER=1, but {reason}", pytrace=False)
    pytest.skip(f"not run: {reason}")
