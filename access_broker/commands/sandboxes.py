"""What a machine needs before it may carry sandboxes, and what a system sets up and takes down for them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from access_broker.adapters.records import SqlRecords
from access_broker.adapters.state_dir import StateDir
from access_broker.commands.finding import Finding
from access_broker.commands.output import note, stop
from access_broker.commands.parts import DEFAULT_PORT_BASE, ROOT, web_environment
from access_broker.use_cases.sandboxes import end_all_sandboxes
from hub.settings import Ports, Sandboxes
from hub.walls import WallsMissing, choose_pool

IMAGE = "amanat-sandbox:latest"
_RIGHTS = "Run where firewall rules may be set (root with CAP_NET_ADMIN)."
_PROGRAMS = {"iptables": "iptables", "ip": "iproute2", "losetup": "util-linux", "mkfs.ext4": "e2fsprogs"}


def findings() -> Iterator[Finding]:
    """Everything without which no sandbox is started; each with its remedy in one sentence."""
    yield Finding(
        "root, for firewall rules and for homes of limited size",
        os.geteuid() == 0,
        False,
        "Run as root (or with sudo); without it there are no sandboxes, everything else runs.",
    )
    for program, package in _PROGRAMS.items():
        remedy = f"Install it: apt-get install {package}."
        yield Finding(f"{program} (for sandboxes)", bool(shutil.which(program)), False, remedy)
    answers = _engine_answers()
    yield Finding("Docker engine that answers (for sandboxes)", answers, False, "Run scripts/docker.sh as root.")
    built = answers and _is_built(image_name())
    yield Finding(f"image of the sandboxes ({image_name()})", built, False, "Build it: scripts/sandbox-image.sh.")


def image_name() -> str:
    """The image that sandboxes are made of; AMANAT_SANDBOX_IMAGE names another one."""
    return os.environ.get("AMANAT_SANDBOX_IMAGE") or IMAGE


def prepare(folder: StateDir, ports: Ports) -> Sandboxes | None:
    """Clears what a crash left, takes an address range, puts the firewall up. None, with the reason told, otherwise."""
    try:
        sandboxes = Sandboxes(_tag(folder), choose_pool(), image_name())
    except WallsMissing as error:
        note(f"not here: {error}")
        return None
    clear(folder, ports, sandboxes)
    stands = False
    try:
        done = _hub_tool("hub.walls", "install", folder, ports, sandboxes)
        stands = done.returncode == 0
    finally:  # also when we are told to stop in the middle of it
        if not stands:
            clear(folder, ports, sandboxes)
    if not stands:
        note(f"not here: the firewall of the sandboxes. {done.stderr.strip()} {_RIGHTS}")
    return sandboxes if stands else None


def end_on_record(folder: StateDir) -> int:
    """Puts on record that no sandbox is left: for whoever has just swept the machine and starts no part before that.

    Returns how many a crash had left on record.
    """
    records = SqlRecords(folder.records_url, "broker", state=folder.audit_keys)
    try:
        with records.read() as reader:
            if not reader.sandboxes():
                return 0
        with records.write() as writer:
            return end_all_sandboxes(writer, datetime.now(UTC))
    finally:
        records.close()


def clear_leftovers(state: Path) -> None:
    """`amanat clear`: what a system that was killed has left on the machine. Its state folder stays as it is."""
    folder = StateDir.at(state)
    if folder.is_running():
        stop(f"a system runs on {folder.root}; stop it, it then removes everything by itself")
    if os.geteuid() == 0 and shutil.which("docker"):
        clear(folder, Ports(DEFAULT_PORT_BASE), Sandboxes(_tag(folder), choose_pool(), image_name()))


def clear(folder: StateDir, ports: Ports, sandboxes: Sandboxes) -> None:
    """Removes every container, network, mount and firewall rule of this system. Says what would not go."""
    for tool, verb in (("hub.sweep", ""), ("hub.walls", "remove")):
        done = _hub_tool(tool, verb, folder, ports, sandboxes)
        if done.returncode:
            note(f"not everything of the sandboxes could be removed: {done.stderr.strip()}")


def _tag(folder: StateDir) -> str:
    """The same for the same folder, so that the next start finds what a crash of the last one left."""
    return hashlib.sha256(str(folder.root).encode()).hexdigest()[:4]


def _hub_tool(
    module: str, verb: str, folder: StateDir, ports: Ports, sandboxes: Sandboxes
) -> subprocess.CompletedProcess[str]:
    known = web_environment(folder, ports, sandboxes) | {"AMANAT_HUB_SECRET": folder.secret("hub")}
    command = [sys.executable, "-m", module, *([verb] if verb else [])]
    return subprocess.run(command, cwd=ROOT, env=os.environ | known, text=True, capture_output=True, timeout=120)


def _engine_answers() -> bool:
    return _docker("version", "--format", "{{.Server.Version}}")


def _is_built(image: str) -> bool:
    return _docker("image", "inspect", image)


def _docker(*arguments: str) -> bool:
    try:
        done = subprocess.run(["docker", *arguments], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
