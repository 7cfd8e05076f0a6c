"""Homes: an ext4 image per person and contract, of a fixed size, mounted while the sandbox runs. Blocking; needs root.

An image of its own is a limit that holds on every disk and kernel, and one file to freeze as evidence. Two contracts of
one person have two homes: what was made under one is not there under the other.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LEAST_FREE = 1 << 30
_SECONDS = 60
_OPTIONS = "loop,nosuid,nodev,noexec"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)
_ESCAPED = re.compile(r"\\([0-7]{3})")


class HomeFailed(Exception):  # noqa: N818 - shown to the operator as it stands
    """A home could not be made, mounted or let go of; the text says why and what to do."""


class DiskShort(HomeFailed):
    """There is too little room on the disk for one more home."""


@dataclass(frozen=True)
class Homes:
    """The homes under one folder. `size_mb`: MiB of a home that is made now; older ones keep the size they have."""

    folder: Path
    size_mb: int = 512

    def image(self, person: str, contract: str) -> Path:
        return self.folder / f"{_name(person, contract)}.ext4"

    def place(self, person: str, contract: str) -> Path:
        """Where the home is mounted when it is."""
        return self.folder / _name(person, contract)

    def mount(self, person: str, contract: str) -> Path:
        """Makes the home when there is none yet, mounts it when it is not, and says where. Raises HomeFailed."""
        image, place = self.image(person, contract), self.place(person, contract)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.mkdir(mode=0o700, exist_ok=True)
            if not is_mounted(place):
                if not image.exists():
                    self._make(image)
                _run("mount", "-t", "ext4", "-o", _OPTIONS, str(image), str(place))
                with suppress(OSError):  # root's, and of no use in a home; kept when fsck has put something there
                    (place / "lost+found").rmdir()
        except OSError as error:
            raise HomeFailed(f"The home of {person} for {contract} cannot be opened: {error}.") from error
        return place

    def unmount(self, person: str, contract: str) -> None:
        """Lets go of the home; what is in it stays. Nothing happens when it is not mounted. Raises HomeFailed."""
        unmount(self.place(person, contract))

    def _make(self, image: Path) -> None:
        """Finished under another name first: an image with its own name is a whole file system."""
        self._check_room()
        partial = image.with_suffix(".partial")
        with partial.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.truncate(self.size_mb << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "root_owner=1000:1000", str(partial))
        partial.replace(image)

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.folder).free
        wanted = max(_LEAST_FREE, 2 * (self.size_mb << 20))
        if free < wanted:
            raise DiskShort(
                f"{self.folder} has {free >> 20} MiB left, a new home asks for {wanted >> 20}; make room on that disk."
            )


def is_mounted(place: Path) -> bool:
    return str(place) in _mounted_under(place)


def unmount(place: Path) -> None:
    """As often as something is mounted there. Raises HomeFailed."""
    while is_mounted(place):
        _run("umount", str(place))


def unmount_all(folder: Path) -> None:
    """Every home under `folder`, also those nobody remembers. Raises HomeFailed after having tried them all."""
    failed = []
    for place in reversed(_mounted_under(folder)):
        try:
            _run("umount", place)
        except HomeFailed as error:
            failed.append(str(error))
    if failed:
        raise HomeFailed(" ".join(failed))


def _name(person: str, contract: str) -> str:
    """A file name that no two pairs share, and that begins with what the pair is called."""
    digest = hashlib.sha256(json.dumps([person, contract]).encode()).hexdigest()[:16]
    readable = _UNSAFE.sub("-", f"{person}.{contract}".replace(".", "--"))[:48]
    return f"{readable}-{digest}"


def _mounted_under(folder: Path) -> list[str]:
    """Mount points at or below `folder`, in the order they were made. A space is written \\040 there."""
    places = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    plain = (_ESCAPED.sub(lambda match: chr(int(match[1], 8)), place) for place in places)
    return [place for place in plain if Path(place).is_relative_to(folder)]


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
    except FileNotFoundError as error:
        raise HomeFailed(f"{command[0]} is not installed; run scripts/docker.sh as root.") from error
    except subprocess.TimeoutExpired as error:
        raise HomeFailed(f"{command[0]} has not finished within {_SECONDS} seconds.") from error
    if done.returncode:
        hint = " Homes need root and loop devices." if os.geteuid() else ""
        raise HomeFailed(f"{command[0]} failed: {' '.join(done.stderr.split())}.{hint}")
