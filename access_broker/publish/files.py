"""Published files on the disk: how they are called, sealed, retired and removed.

A name says contract and version, so a cut can delete everything of a contract without asking anybody. While it is
being built a file lies in a closed directory beside the finished ones: no worker can look in, and what a killed build
leaves behind is never mistaken for a publication.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from access_broker.domain.catalogue import Publication
from access_broker.publish.refusals import invalid

_CONTRACT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)
_BUILDING = ".building"
_NAME = re.compile(
    r"(?P<contract>[A-Za-z0-9][A-Za-z0-9_-]{0,62})-(?P<version>[0-9]+)\.duckdb(\.wal)?",
    re.ASCII,
)


@dataclass(frozen=True)
class PublishedFile:
    path: Path
    contract: str
    version: int
    finished: bool


def checked_contract_id(contract: str) -> str:
    """Refuses INVALID for an id that cannot safely be part of a file name."""
    if not _CONTRACT.fullmatch(contract):
        raise invalid("contract", "unsafe_id")
    return contract


def path_of(directory: Path, contract: str, version: int) -> Path:
    return directory / f"{checked_contract_id(contract)}-{version}.duckdb"


def building_path(target: Path) -> Path:
    """Where `target` is put together: on the same file system, so that giving it its name is one step."""
    closed = target.parent / _BUILDING
    closed.mkdir(mode=0o700, exist_ok=True)
    return closed / target.name


def published_files(directory: Path) -> Iterator[PublishedFile]:
    """Everything in `directory` that a publisher made, finished or not; foreign files are nobody's business here."""
    for place in (directory, directory / _BUILDING):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if match := _NAME.fullmatch(path.name):
                finished = place == directory and path.suffix == ".duckdb"
                yield PublishedFile(path, match["contract"], int(match["version"]), finished)


def seal(built: Path, target: Path, uid: int | None) -> None:
    """Make `built` durable and read-only for `uid`, then give it its name in one step."""
    with open(built, "rb") as file:
        os.fsync(file.fileno())
    built.chmod(0o400)
    if uid is not None and os.geteuid() == 0:
        os.chown(built, uid, -1)
    built.replace(target)
    _sync_directory(target.parent)


def remove(contract: str, directory: Path) -> int:
    """Delete every file of a contract, finished or not, at a cut or an end; returns how many there were."""
    return delete(f.path for f in published_files(directory) if f.contract == contract)


def retire(publication: Publication) -> None:
    """Delete the file of a publication that another has replaced. Workers that have it open keep reading it."""
    delete_with_wal(Path(publication.path))


def delete_with_wal(path: Path) -> None:
    delete((path, path.with_name(path.name + ".wal")))


def delete(paths: Iterator[Path] | tuple[Path, ...]) -> int:
    """Delete what is there; returns how many files there were. The deletion survives a power cut."""
    gone = 0
    parents = set()
    for path in paths:
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        parents.add(path.parent)
        gone += 1
    for parent in parents:
        _sync_directory(parent)
    return gone


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
