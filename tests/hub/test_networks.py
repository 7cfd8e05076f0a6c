"""Networks of sandboxes in the real engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import docker
import pytest
from docker.errors import NotFound

from hub.broker import Admitted
from hub.networks import bridge_name, make_network
from hub.walls import choose_pool
from tests.support.docker import require_docker

TAG = f"{os.getpid() & 0xFFF | 0xD000:04x}"
LABELS = {"amanat.system": TAG}
NAME = f"amanat-{TAG}-000000000001"


@pytest.fixture
def admitted() -> Admitted:
    require_docker()
    (subnet, *_) = list(choose_pool().subnets(new_prefix=29))[5:]
    place = str(subnet), str(subnet[1]), str(subnet[2])
    return Admitted("000000000001", 5, *place, "token", datetime(2027, 1, 1, tzinfo=UTC), 1, "fa")


@pytest.fixture
def api(engine: docker.DockerClient) -> Iterator[Any]:
    yield engine.api
    for network in engine.api.networks(filters={"label": f"amanat.system={TAG}"}):
        with suppress(NotFound):
            engine.api.remove_network(network["Id"])


def test_a_network_is_closed_small_and_named_for_the_firewall(api: Any, admitted: Admitted) -> None:
    make_network(api, TAG, NAME, admitted, LABELS)
    (made,) = api.networks(names=[NAME])
    assert made["Internal"]
    assert not made["EnableIPv6"]
    assert made["IPAM"]["Config"] == [{"Subnet": admitted.subnet, "Gateway": admitted.gateway}]
    assert made["Options"]["com.docker.network.bridge.enable_icc"] == "false"
    assert made["Options"]["com.docker.network.bridge.name"] == bridge_name(TAG, 5) == f"amt{TAG}5"


def test_what_was_left_of_the_name_or_in_the_slot_goes_first(api: Any, admitted: Admitted) -> None:
    make_network(api, TAG, NAME, admitted, LABELS)
    make_network(api, TAG, NAME, admitted, LABELS)
    make_network(api, TAG, f"amanat-{TAG}-000000000002", admitted, LABELS)
    (left,) = api.networks(filters={"label": f"amanat.system={TAG}"})
    assert left["Name"] == f"amanat-{TAG}-000000000002"


def test_the_last_slot_s_bridge_name_is_not_too_long() -> None:
    assert len(bridge_name("ffff", 511)) <= 15
