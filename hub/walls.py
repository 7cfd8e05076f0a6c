"""The firewall around sandboxes, and the inner address behind it. `python -m hub.walls install|check|remove`, as root.

Docker's "internal" network keeps a sandbox from the outside but leaves every port of this machine open to it. These
rules close them: a sandbox reaches two ports of its own gateway address, carried to the inner address, and that is all.
They stand before the first sandbox starts, match the names of bridges that do not exist yet, and go with the system.
"""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from hub.rules import Chain, installing, is_reached, parse, removing
from hub.settings import Reader, SettingsFaulty, System

_RANGE = IPv4Network("198.18.0.0/15")  # set aside for benchmarks of network devices (RFC 2544): no network uses it
_POOL_PREFIX = 20
_BRIDGED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
_SECONDS = 20


class WallsMissing(Exception):  # noqa: N818 - shown to the operator as it stands
    """The firewall could not be put up, looked at or taken down; the text says why and what to do."""


@dataclass(frozen=True)
class Walls:
    """The rules of one system. All names carry its tag, so that several systems on one machine stay apart."""

    tag: str
    pool: IPv4Network
    base: int

    @classmethod
    def of(cls, system: System) -> Walls:
        """Raises SettingsFaulty for a system without sandboxes."""
        if system.sandboxes is None:
            raise SettingsFaulty("This system runs without sandboxes; set AMANAT_SANDBOXES to on.")
        return cls(system.sandboxes.tag, system.sandboxes.pool, system.ports.base)

    @property
    def inner(self) -> str:
        return str(self.pool[1])

    @property
    def chains(self) -> tuple[Chain, ...]:
        """Every chain of ours: where it hangs and what stands in it, in the words `iptables-save` prints."""
        bridges, own = f"amt{self.tag}+", f"{self.inner}/32"
        ports = (self.base, self.base + 7)
        carried = tuple(
            f"-d {self.pool} -i {bridges} -p tcp -m tcp --dport {port} -j DNAT --to-destination {self.inner}:{port}"
            for port in ports
        )
        entering = (
            f"-i {bridges} -m conntrack --ctstate ESTABLISHED -j ACCEPT",
            f"-d {own} -i {bridges} -p tcp -m multiport --dports {ports[0]},{ports[1]}"
            " -m conntrack --ctstate DNAT -j ACCEPT",
            f"-i {bridges} -j REJECT --reject-with icmp-admin-prohibited",
            f"-d {own} ! -i lo -j DROP",
        )
        through = (f"-i {bridges} -j DROP", f"-o {bridges} -j DROP")
        version4 = (
            Chain("iptables", "nat", "PREROUTING", f"AMANAT-{self.tag}-NAT", carried),
            Chain("iptables", "filter", "INPUT", f"AMANAT-{self.tag}-IN", entering),
            Chain("iptables", "filter", "DOCKER-USER", f"AMANAT-{self.tag}-FWD", through),
        )
        if not has_ipv6():
            return version4
        return (
            *version4,
            Chain("ip6tables", "filter", "INPUT", f"AMANAT-{self.tag}-IN", through[:1]),
            Chain("ip6tables", "filter", "FORWARD", f"AMANAT-{self.tag}-FWD", through),
        )

    def install(self) -> None:
        """Puts everything up, each rule once however often this is called. Raises WallsMissing."""
        _filter_bridged()
        self._take_inner()
        for program in self._programs():
            saved = _saved(program)
            if program == "iptables" and ("filter", "DOCKER-USER") not in parse(saved):
                raise WallsMissing("There is no chain DOCKER-USER, so no Docker engine runs; start it first.")
            _restore(program, installing(saved, self._chains_of(program)))
        missing = self.missing()
        if missing:
            raise WallsMissing("The firewall does not stand as it should: " + "; ".join(missing))

    def missing(self) -> list[str]:
        """What of it does not stand, or stands where something else decides first. Empty when all is well."""
        found = [] if _is_filtered() else ["bridged packets do not pass the firewall (bridge-nf-call-iptables is off)"]
        if self.inner not in _addresses(f"lo:amt{self.tag}"):
            found.append(f"the inner address {self.inner} is not on lo")
        for program in self._programs():
            saved = parse(_saved(program))
            for chain in self._chains_of(program):
                if saved.get((chain.table, chain.name)) != chain.rules:
                    found.append(f"{program}: chain {chain.name} is missing or was changed")
                if not is_reached(saved.get((chain.table, chain.hook), ()), chain.name):
                    found.append(f"{program}: {chain.name} does not come first in {chain.hook}")
                if chain.hook == "DOCKER-USER" and not is_reached(saved.get(("filter", "FORWARD"), ()), chain.hook):
                    found.append(f"{program}: DOCKER-USER does not come first in FORWARD")
        return found

    def _programs(self) -> list[str]:
        return list(dict.fromkeys(chain.program for chain in self.chains))

    def _chains_of(self, program: str) -> list[Chain]:
        return [chain for chain in self.chains if chain.program == program]

    def _take_inner(self) -> None:
        label = f"lo:amt{self.tag}"
        for address in _addresses(label):
            if address != self.inner:
                _run(["ip", "address", "del", f"{address}/32", "dev", "lo"])
        if self.inner not in _addresses(label):
            _run(["ip", "address", "add", f"{self.inner}/32", "dev", "lo", "label", label])


def remove(tag: str) -> None:
    """Takes down everything that carries this tag, whatever pool and ports it stood for. Raises WallsMissing."""
    for program in ("iptables", "ip6tables") if has_ipv6() else ("iptables",):
        _restore(program, removing(_saved(program), f"AMANAT-{tag}-"))
    for address in _addresses(f"lo:amt{tag}"):
        _run(["ip", "address", "del", f"{address}/32", "dev", "lo"])


def has_ipv6() -> bool:
    """Does this kernel speak IPv6 at all? Sandboxes do not, but where it can be spoken it must be forbidden."""
    return Path("/proc/net/if_inet6").exists()


def choose_pool() -> IPv4Network:
    """The first free /20 of 198.18.0.0/15, or the one that AMANAT_POOL names. Raises WallsMissing, SettingsFaulty."""
    if os.environ.get("AMANAT_POOL"):
        read = Reader(os.environ)
        pool = read.pool()
        read.check()
        return pool
    taken = list(_networks_in_use())
    for pool in _RANGE.subnets(new_prefix=_POOL_PREFIX):
        if not any(pool.overlaps(network) for network in taken):
            return pool
    raise WallsMissing(f"Every /{_POOL_PREFIX} of {_RANGE} is in use here; name a free network in AMANAT_POOL.")


def _networks_in_use() -> Iterator[IPv4Network]:
    """Addresses of this machine and what its routes lead to, the default route left out."""
    words = [line.split() for line in _run(["ip", "-4", "-o", "address", "show"]).splitlines()]
    shown = [line[line.index("inet") + 1] for line in words if "inet" in line]
    for line in _run(["ip", "-4", "route", "show", "table", "all"]).splitlines():
        shown += [word for word in line.split()[:2] if word[0].isdigit()][:1]
    for text in shown:
        yield ipaddress.IPv4Interface(text).network


def _filter_bridged() -> None:
    """Without this, what two ports of one bridge say to each other passes no firewall; `enable_icc=false` needs it."""
    if not _BRIDGED.exists():
        _run(["modprobe", "br_netfilter"])
    if not _is_filtered():
        try:
            _BRIDGED.write_text("1")
        except OSError as error:
            raise WallsMissing(f"bridge-nf-call-iptables cannot be switched on ({error}); run as root.") from error


def _is_filtered() -> bool:
    return _BRIDGED.exists() and _BRIDGED.read_text().strip() == "1"


def _addresses(label: str) -> list[str]:
    lines = _run(["ip", "-4", "-o", "address", "show", "dev", "lo", "label", label]).splitlines()
    return [line.split()[3].split("/")[0] for line in lines]


def _restore(program: str, lines: Iterable[str]) -> None:
    given = "".join(lines)
    if given:
        _run([f"{program}-restore", "--noflush", "--wait", "5"], given)


def _saved(program: str) -> str:
    return _run([f"{program}-save"])


def _run(command: list[str], given: str | None = None) -> str:
    """Standard output. Raises WallsMissing with what the program said."""
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_SECONDS)
    except FileNotFoundError as error:
        raise WallsMissing(f"{command[0]} is not installed; run scripts/docker.sh as root.") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WallsMissing(f"{command[0]} did not run: {error}") from error
    if done.returncode:
        said = " ".join(done.stderr.split())
        hint = " Firewall rules need root." if os.geteuid() else ""
        raise WallsMissing(f"{' '.join(command)} failed: {said}.{hint}")
    return done.stdout


def main(verb: str) -> int:
    """Exit status 0 when it was done and everything stands as asked."""
    try:
        read = Reader(os.environ)
        system = read.system()
        read.check()
        walls = Walls.of(system)
        if verb == "install":
            walls.install()
        elif verb == "remove":
            remove(walls.tag)
        elif verb == "check":
            missing = walls.missing()
            print("\n".join(missing), end="\n" if missing else "")
            return 1 if missing else 0
        else:
            print("usage: python -m hub.walls install|check|remove", file=sys.stderr)
            return 2
    except (SettingsFaulty, WallsMissing) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
