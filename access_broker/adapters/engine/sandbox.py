"""The walls round a query worker, raised in the worker itself before DuckDB opens anything.

Order matters: namespaces and identity need privileges, Landlock and the call filter need no_new_privs and bind only
threads that start later, and the last one takes away the means to raise any other.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from access_broker.adapters.engine import kernel, landlock, seccomp
from access_broker.adapters.engine.limits import Limits

NETWORK, IDENTITY, CAPABILITIES, PRIVILEGES = "network", "identity", "capabilities", "no_new_privileges"
LANDLOCK, LIMITS, INSPECTION, SYSCALLS = "landlock", "limits", "not_inspectable", "system_calls"
WALLS = (NETWORK, IDENTITY, CAPABILITIES, PRIVILEGES, LANDLOCK, LIMITS, INSPECTION, SYSCALLS)

_MAX_FILES = 32
_MAX_TASKS = 512  # counted over all workers of one uid; forks are refused by the call filter anyway


class WallMissing(Exception):  # noqa: N818 - a state of the machine
    """An essential wall does not stand; `walls` names what is missing."""

    def __init__(self, walls: tuple[str, ...]) -> None:
        super().__init__("essential walls missing: " + ", ".join(walls))
        self.walls = walls


@dataclass(frozen=True)
class WallPlan:
    """`published`: descriptor of the one readable file (O_PATH will do). `uid`: identity to take on, root only."""

    published: int
    uid: int | None
    limits: Limits


def isolate_network() -> bool:
    """An empty network namespace, without even a loopback that is up. Call it while the process has one thread."""
    flags = kernel.CLONE_NEWNET if os.geteuid() == 0 else kernel.CLONE_NEWNET | kernel.CLONE_NEWUSER
    try:
        kernel.unshare(flags)
    except OSError:
        return False
    return True


def raise_walls(plan: WallPlan, network: bool, allow_missing: bool = False) -> tuple[str, ...]:
    """Raise every wall this kernel has; returns those that stand. `network`: what `isolate_network` said.

    Raises WallMissing when an essential one does not stand and that is not allowed, and OSError when a wall the
    kernel has cannot be raised.
    """
    if len(os.listdir("/proc/self/task")) != 1:
        raise RuntimeError("walls bind the calling thread only, and another one is running")
    standing = [NETWORK] if network else []
    kernel.drop_bounding_set()
    if plan.uid is not None:
        _become(plan.uid)
        standing.append(IDENTITY)
    kernel.drop_capabilities()
    kernel.forbid_new_privileges()
    standing += [CAPABILITIES, PRIVILEGES]
    if landlock.abi() > 0:
        landlock.restrict_to_file(plan.published)
        standing.append(LANDLOCK)
    _limit(plan)
    kernel.forbid_inspection()
    kernel.die_with_parent()
    standing += [LIMITS, INSPECTION]
    if seccomp.supported():
        seccomp.restrict_syscalls()
        standing.append(SYSCALLS)
    missing = missing_walls(standing)
    if missing and not allow_missing:
        raise WallMissing(missing)
    return tuple(standing)


def missing_walls(standing: list[str]) -> tuple[str, ...]:
    """The essential walls that are not there: Landlock, and one of the two that keep the network out."""
    missing = [] if LANDLOCK in standing else [LANDLOCK]
    if NETWORK not in standing and SYSCALLS not in standing:
        missing.append(NETWORK)
    return tuple(missing)


def _become(uid: int) -> None:
    """Lay down root for good: no supplementary groups, and real, effective and saved ids all the same."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _limit(plan: WallPlan) -> None:
    """Limits of the process. CPU is soft here because it is set anew for each statement of a reused worker."""
    limits = {
        resource.RLIMIT_AS: plan.limits.address_space,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _MAX_FILES,
        resource.RLIMIT_MEMLOCK: 0,
    }
    if plan.uid is not None:
        limits[resource.RLIMIT_NPROC] = _MAX_TASKS
    for which, value in limits.items():
        resource.setrlimit(which, (value, value))


def allow_cpu(seconds: int) -> None:
    """CPU time for one more statement; past it the kernel ends the process (SIGXCPU)."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + seconds, hard))


def walls_available() -> Mapping[str, bool]:
    """Which walls a worker started by this process would have, found out by raising them in a short-lived child."""
    child = subprocess.run([sys.executable, "-m", __name__], capture_output=True, check=False, timeout=30)
    standing = json.loads(child.stdout) if child.returncode == 0 else []
    return {wall: wall in standing for wall in WALLS}


def _try_walls() -> list[str]:
    """The child of `walls_available`. Uid 65534 stands for any other than root."""
    network = isolate_network()
    published = os.open(__file__, os.O_PATH)
    plan = WallPlan(published, 65534 if os.geteuid() == 0 else None, Limits())
    return list(raise_walls(plan, network, allow_missing=True))


if __name__ == "__main__":
    print(json.dumps(_try_walls()))
