"""A network for one sandbox: a /29 of its own, closed to the outside, under the bridge name the firewall knows."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from docker import APIClient
from docker.errors import NotFound
from docker.types import IPAMConfig, IPAMPool

from hub.broker import Admitted


def bridge_name(tag: str, slot: int) -> str:
    """At most 10 characters; Linux allows 15. The rules of `hub.walls` match its beginning."""
    return f"amt{tag}{slot:x}"


def make_network(api: APIClient, tag: str, name: str, admitted: Admitted, labels: dict[str, str]) -> None:
    """Makes the network `name`. What an earlier sandbox has left of that name or in that slot goes first.

    Raises docker.errors.APIError. IPv6 is off: the engine then switches it off inside the container as well.
    """
    bridge = bridge_name(tag, admitted.slot)
    for leftover in _leftovers(api, tag, name, bridge):
        _take_down(api, leftover)
    pool = IPAMPool(subnet=admitted.subnet, gateway=admitted.gateway)
    api.create_network(
        name,
        driver="bridge",
        internal=True,
        enable_ipv6=False,
        check_duplicate=True,
        labels=labels,
        ipam=IPAMConfig(pool_configs=[pool]),
        options={
            "com.docker.network.bridge.name": bridge,
            "com.docker.network.bridge.enable_icc": "false",
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        },
    )


def _leftovers(api: APIClient, tag: str, name: str, bridge: str) -> list[dict[str, Any]]:
    networks = api.networks(filters={"label": f"amanat.system={tag}"})
    return [n for n in networks if n["Name"] == name or n["Options"].get("com.docker.network.bridge.name") == bridge]


def _take_down(api: APIClient, network: dict[str, Any]) -> None:
    """The slot was given to us, so whatever still stands in it belongs to a sandbox that has ended."""
    with suppress(NotFound):
        for container in api.inspect_network(network["Id"]).get("Containers") or {}:
            with suppress(NotFound):
                api.remove_container(container, force=True, v=True)
        api.remove_network(network["Id"])
