"""The kernel's own way to stop a container: its control group.

Docker's own pause is not used. It gives up, and lets everything run on, when the processes have not come to rest within
a quarter of a second; on a busy machine that is every second time, and whoever starts many busy processes can bring it
about. A group that the kernel was told to freeze stays told: what gets the processor next comes to rest before its own
code runs.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
log = logging.getLogger("amanat.warden")


@dataclass(frozen=True)
class Group:
    """Of one container; root may change it. The files of the two versions of control groups differ, not their use."""

    folder: Path
    control: str
    freeze_word: str
    thaw_word: str

    def freeze(self, patience: float) -> bool:
        """Whether everything has come to rest within `patience` seconds. Nothing runs its own code in either case."""
        deadline = time.monotonic() + patience
        try:
            self._write(self.freeze_word)
            while not self._rests():
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.002)
        except FileNotFoundError:  # it has ended meanwhile
            return True
        return True

    def is_frozen(self) -> bool:
        """False also when there is no such container any more."""
        try:
            return self._rests()
        except OSError:
            return False

    def thaw(self) -> None:
        with suppress(OSError):
            self._write(self.thaw_word)

    def kill(self, first: int) -> int:
        """SIGKILL to every process, `first` last: its end would let go of the others' numbers. How many there were."""
        try:
            known = [int(pid) for pid in (self.folder / "cgroup.procs").read_text().split()]
        except OSError:  # it has ended meanwhile
            return 0
        for pid in sorted(known, key=lambda pid: pid == first):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(known)

    def _rests(self) -> bool:
        if self.control == "freezer.state":
            return (self.folder / self.control).read_text().strip() == self.freeze_word
        return "frozen 1" in (self.folder / "cgroup.events").read_text()

    def _write(self, word: str) -> None:
        (self.folder / self.control).write_text(word)


def group_of(container: str, first: int) -> Group | None:
    """The group of the container with this full id and first process; None, and a line in the log, if it has none.

    The id must stand in the group's name: the process may have ended and its number be another's by now.
    """
    try:
        lines = Path(f"/proc/{first}/cgroup").read_text().splitlines()
    except OSError:
        return None
    known = {kinds: path.lstrip("/") for _, kinds, path in (line.split(":", 2) for line in lines)}
    if container in known.get("freezer", ""):
        return Group(_CGROUPS / "freezer" / known["freezer"], "freezer.state", "FROZEN", "THAWED")
    if container in known.get("", ""):
        return Group(_CGROUPS / known[""], "cgroup.freeze", "1", "0")
    log.error("container %s has no control group that could be frozen; Docker's pause has to do", container[:12])
    return None
