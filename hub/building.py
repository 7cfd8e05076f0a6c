"""A sandbox made and unmade. Blocking: the spawner calls it in threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import docker

from hub.broker import Admitted
from hub.container import USER, Limits, host_config, labels
from hub.engine import Engine
from hub.homes import Homes
from hub.networks import make_network
from hub.settings import Sandboxes
from hub.walls import has_ipv6

_SECONDS = 60


@dataclass(frozen=True)
class Site:
    """Where a sandbox of this person for this contract is built, and under which limits."""

    sandboxes: Sandboxes
    homes: Homes
    person: str
    contract: str
    seccomp: str
    limits: Limits

    @property
    def engine(self) -> Engine:
        return Engine(self.sandboxes.tag)


def build(site: Site, admitted: Admitted, environment: dict[str, str], tell: Callable[[str], None]) -> None:
    """Network, home, container; `tell` hears which. Raises what the first failing step raises, and undoes nothing.

    An older sandbox of the same person and contract goes first: two may never share one home.
    """
    if not site.seccomp:
        raise OSError("There is no seccomp profile; sandboxes are not started without one.")
    name = site.engine.name(admitted.sandbox)
    marks = labels(site.sandboxes.tag, admitted.sandbox, site.person, site.contract)
    for older in site.engine.containers():
        if (older.person, older.contract) == (site.person, site.contract):
            site.engine.remove(older.sandbox)
    client = docker.from_env(timeout=_SECONDS)
    try:
        api = client.api
        tell("network")
        make_network(api, site.sandboxes.tag, name, admitted, marks)
        tell("home")
        home = site.homes.mount(site.person, site.contract)
        tell("container")
        settings = host_config(admitted, name, home, site.seccomp, site.limits, has_ipv6())
        made = api.create_container(
            image=site.sandboxes.image,
            name=name,
            hostname="sandbox",
            user=f"{USER}:{USER}",
            environment=environment,
            labels=marks,
            stop_signal="SIGKILL",
            host_config=api.create_host_config(**settings),
            networking_config=api.create_networking_config(
                {name: api.create_endpoint_config(ipv4_address=admitted.address)}
            ),
        )
        api.start(made["Id"])
    finally:
        client.close()


def take_down(site: Site, sandbox: str) -> None:
    """Container, network, mount: none need be there. Raises EngineAway, HomeFailed."""
    site.engine.remove(sandbox)
    if not any((each.person, each.contract) == (site.person, site.contract) for each in site.engine.containers()):
        site.homes.unmount(site.person, site.contract)
