"""A home as one file, whatever its owner has put into it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import BinaryIO

from hub.homes import Homes

RESERVE = 256 << 20
"""Bytes that stay free on the disk: the records of the system are written there, and without them all access stops."""

_SECONDS = 300
_PER_ENTRY = 2048  # bytes that tar needs for a file beside what is in it


def archive_home(homes: Homes, person: str, contract: str, into: BinaryIO) -> None:
    """Write the home as a tar file. Links stay links, pipes and devices are named and never opened, holes stay holes:
    else a file of a terabyte that holds nothing would fill the disk, or keep us busy for a day.

    The home is left mounted. Raises OSError with a sentence, HomeFailed, subprocess.TimeoutExpired.
    """
    if not homes.image(person, contract).exists():
        raise FileNotFoundError("There was no home.")
    home = homes.mount(person, contract)  # the hub may have let go of it already
    size = _size(home)
    disk = os.fstatvfs(into.fileno())
    if disk.f_bavail * disk.f_frsize < size + RESERVE:
        raise OSError("The disk is too short for it.")
    _tar(home, size * 2 + 2**20, into)


def copy_image(homes: Homes, person: str, contract: str, into: BinaryIO) -> None:
    """The home as the file system it is, for a home that tar cannot take: its size is fixed, whatever stands in it.

    Raises OSError with a sentence, HomeFailed, subprocess.SubprocessError.
    """
    image = homes.image(person, contract)
    disk = os.fstatvfs(into.fileno())
    if disk.f_bavail * disk.f_frsize < image.stat().st_blocks * 512 + RESERVE:
        raise OSError("The disk is too short for it.")
    subprocess.run(["sync", "--file-system", str(homes.mount(person, contract))], timeout=_SECONDS, check=True)
    command = ["dd", f"if={image}", "bs=1M", "conv=sparse", "status=none"]
    subprocess.run(command, stdout=into, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=True)


def _size(home: Path) -> int:
    """An upper bound for the bytes of the archive: a home is a file system of its own."""
    used = os.statvfs(home)
    return (used.f_blocks - used.f_bfree) * used.f_frsize + (used.f_files - used.f_ffree) * _PER_ENTRY


def _tar(home: Path, most: int, into: BinaryIO) -> None:
    command = ["prlimit", f"--fsize={most}", "tar", "--create", "--sparse", "--format=posix", "--sort=name"]
    command += ["--numeric-owner", "--one-file-system", "--directory", str(home), "--file", "-", "."]
    try:
        subprocess.run(command, stdout=into, stderr=subprocess.PIPE, timeout=_SECONDS, check=True)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace")[-200:].strip()
        raise OSError(f"tar ended with {error.returncode}: {said}") from error
