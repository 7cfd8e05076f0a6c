"""What a sandbox's container is made of: one pure function, so that every wall of it can be read in one place.

Tried together on Docker 20.10: Lab starts, kernels run and plot; processes, memory, files and disk end at their limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.broker import Admitted
from hub.settings import Ports

USER = 1000
HOME = "/home/sandbox"
_MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """`memory` in bytes, swap included. `files` is the size of one file. Scratch space counts against the memory."""

    memory: int = 1024 * _MB
    cpus: float = 1.0
    processes: int = 256
    files: int = 256 * _MB
    scratch: int = 64 * _MB


def host_config(
    admitted: Admitted, network: str, home: Path, seccomp: str, limits: Limits, has_ipv6: bool
) -> dict[str, Any]:
    """Keywords for docker's `create_host_config`. `seccomp` is the profile's text: the engine takes no path."""
    own = f"uid={USER},gid={USER},mode=0700"
    return {
        "network_mode": network,
        "auto_remove": False,  # one that dies by itself keeps its log until the hub has read it and takes it away
        "binds": {str(home): {"bind": HOME, "mode": "rw"}},
        "cap_drop": ["ALL"],
        "read_only": True,
        "init": False,  # the server is process 1 itself and cannot be traced; an init would be a way to its memory
        "ipc_mode": "private",
        "security_opt": ["no-new-privileges", f"seccomp={seccomp}"],
        "tmpfs": {"/tmp": f"rw,nosuid,nodev,noexec,size={limits.scratch},{own}"},  # noqa: S108 - inside the container
        "shm_size": limits.scratch,
        "pids_limit": limits.processes,
        "mem_limit": limits.memory,
        "memswap_limit": limits.memory,
        "cpu_period": 100_000,
        "cpu_quota": int(limits.cpus * 100_000),
        "sysctls": {"net.ipv6.conf.all.disable_ipv6": "1"} if has_ipv6 else {},
        "ulimits": [_limit("nofile", 4096), _limit("core", 0), _limit("fsize", limits.files)],
        "dns": [admitted.gateway],  # nothing answers there; without it the engine would ask for us, outside our walls
        "dns_opt": ["timeout:1", "attempts:1"],
        "extra_hosts": {"gateway": admitted.gateway, "hub": admitted.gateway},
        "log_config": {"Type": "json-file", "Config": {"max-size": "5m", "max-file": "1"}},
    }


def environment(hub_environment: Mapping[str, str], admitted: Admitted, contract: str, ports: Ports) -> dict[str, str]:
    """What the server and its kernels know: the hub's variables, the way to the data, and nothing of this machine."""
    return {
        **hub_environment,
        "HOME": HOME,
        "AMANAT_FLIGHT_SQL": f"grpc://gateway:{ports.gateway}",
        "AMANAT_TOKEN": admitted.token,
        "AMANAT_CONTRACT": contract,
        "AMANAT_LANGUAGE": admitted.language,
    }


def labels(tag: str, sandbox: str, person: str, contract: str) -> dict[str, str]:
    """By these the warden and the sweep find what belongs to which sandbox."""
    return {
        "amanat.system": tag,
        "amanat.sandbox": sandbox,
        "amanat.person": person,
        "amanat.contract": contract,
    }


def _limit(name: str, value: int) -> dict[str, Any]:
    return {"Name": name, "Soft": value, "Hard": value}
