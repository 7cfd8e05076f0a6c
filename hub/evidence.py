"""What is kept of a sandbox whose access was ended: home, log, what ran, settings, and the audit records about it.

The folder comes into being whole or not at all: everything is written beside it, made durable, and then renamed. Its
manifest holds the digest of every file, and the manifest's own digest goes into the audit chain with the warden's
acknowledgement; so whoever holds the chain can tell whether the evidence is what was frozen.

`python -m hub.evidence verify FOLDER` prints that digest, and every fault.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Self

from hub.archive import archive_home, copy_image
from hub.broker import Broker, BrokerRefused, BrokerUnavailable, RunningSandbox
from hub.broker import Ending as Why
from hub.engine import Absent, Engine, EngineAway
from hub.homes import HomeFailed, Homes
from hub.snapshot import OF_CONTAINER, as_json

_ARCHIVE, _IMAGE = "home.tar", "home.ext4"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Case:
    """The sandbox and why it had to end. `generation`: of the contract when the sandbox was admitted."""

    contract: str
    person: str
    sandbox: str
    generation: int
    code: str
    rule: str
    since: datetime

    @classmethod
    def of(cls, sandbox: RunningSandbox, why: Why) -> Self:
        pair = sandbox.contract, sandbox.person
        return cls(*pair, sandbox.sandbox, sandbox.generation, why.code, why.rule, why.since)

    def folder(self, evidence: Path) -> Path:
        return evidence / self.contract / f"g{self.generation}" / self.sandbox


@dataclass(frozen=True)
class Sealed:
    """Evidence that stands. `missing`: what could not be had, and why; empty when it is complete."""

    folder: Path
    digest: str
    missing: Mapping[str, str]


class EvidenceFailed(Exception):  # noqa: N818 - told in the acknowledgement as it stands
    """Nothing could be kept; the text says why."""


@dataclass(frozen=True)
class Sources:
    """Where it is taken from. `seen`: what `look_at` saw at the pause, which may not be there to see any more."""

    engine: Engine
    broker: Broker
    seen: Mapping[str, bytes]
    homes: Homes


def freeze_evidence(case: Case, evidence: Path, sources: Sources, *, insist: bool) -> Sealed:
    """Keep everything that can be had; what was kept by an earlier run stays as it is.

    With `insist`, an engine or a broker that is away for the moment raises EngineAway or BrokerUnavailable, so that the
    caller tries again. Raises EvidenceFailed when nothing can be written.
    """
    final = case.folder(evidence)
    if final.is_dir():
        return _standing(final)
    unfinished = final.with_name(final.name + ".partial")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        missing = _take_all(case, sources, unfinished, insist)
        _write_manifest(case, unfinished, missing)
        _set_in_place(unfinished, final)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise EvidenceFailed(f"The evidence could not be written: {error.strerror or error}.") from error
    return _standing(final)


def verify_evidence(folder: Path) -> list[str]:
    """What is wrong with a folder of evidence, a sentence each; empty when it is as its manifest says."""
    try:
        listed = {str(entry["name"]): entry for entry in _manifest(folder)["files"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{MANIFEST} cannot be read ({type(error).__name__})."]
    there = {path.name for path in folder.iterdir()} - {MANIFEST}
    faults = [f"{name} is missing." for name in sorted(listed.keys() - there)]
    faults += [f"{name} does not belong here." for name in sorted(there - listed.keys())]
    for name in sorted(there & listed.keys()):
        if _is_strange(folder / name) or _entry(folder / name) != listed[name]:
            faults.append(f"{name} is not what was frozen.")
    return faults


def _take_all(case: Case, sources: Sources, into: Path, insist: bool) -> dict[str, str]:
    """Every piece in a file of its own. What is not there comes back by name with the reason.

    The image of the home is taken only where the archive could not be: an executor may fill a home with what tar chokes
    on, such as a million links to one file, and must not keep it out of the evidence by that.
    """
    missing: dict[str, str] = {}
    for name, take in _pieces(case, sources).items():
        if name == _IMAGE and _ARCHIVE not in missing:
            continue
        path = into / name
        try:
            with path.open("xb") as file:
                take(file)
        except (EngineAway, BrokerUnavailable, BrokerRefused, HomeFailed, OSError, subprocess.SubprocessError) as error:
            if insist and isinstance(error, EngineAway | BrokerUnavailable) and not isinstance(error, Absent):
                raise
            path.unlink(missing_ok=True)
            if name != _IMAGE:
                missing[name] = str(error)
    return missing


def _pieces(case: Case, sources: Sources) -> dict[str, Callable[[BinaryIO], object]]:
    """In this order: what would go with the container first, the largest last."""

    def seen(name: str, file: BinaryIO) -> None:
        file.write(sources.seen[name] if name in sources.seen else OF_CONTAINER[name](sources.engine, case.sandbox))

    return {name: partial(seen, name) for name in OF_CONTAINER} | {
        "audit.jsonl": lambda file: sources.broker.extract(case.contract, file),
        _ARCHIVE: lambda file: archive_home(sources.homes, case.person, case.contract, file),
        _IMAGE: lambda file: copy_image(sources.homes, case.person, case.contract, file),
    }


def _write_manifest(case: Case, folder: Path, missing: Mapping[str, str]) -> None:
    about = {name: str(value) if isinstance(value, datetime) else value for name, value in asdict(case).items()}
    files = [_entry(_durable(path)) for path in sorted(folder.iterdir())]
    manifest = about | {
        "frozen_at": datetime.now(UTC).isoformat(),
        "files": files,
        "missing": dict(missing),
        "audit_head": _last_record(folder / "audit.jsonl"),
    }
    (folder / MANIFEST).write_bytes(as_json(manifest))
    _durable(folder / MANIFEST)


def _last_record(extract: Path) -> dict[str, Any] | None:
    """Where in the chain the extract stops: nothing about the contract after it is in here."""
    try:
        line = b""
        with extract.open("rb") as file:
            for line in file:  # noqa: B007 - the last one is wanted, and the file may be long
                pass
        last = json.loads(line)
    except (OSError, ValueError):
        return None
    return {name: last.get(name) for name in ("position", "hash")}


def _set_in_place(unfinished: Path, final: Path) -> None:
    _sync_folder(unfinished)
    unfinished.chmod(0o500)
    unfinished.rename(final)
    for folder in (final.parent, final.parent.parent, final.parent.parent.parent):
        _sync_folder(folder)


def _durable(path: Path) -> Path:
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.chmod(0o400)
    return path


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entry(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {
            "name": path.name,
            "size": path.stat().st_size,
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
        }


def _is_strange(path: Path) -> bool:
    return path.is_symlink() or not path.is_file()


def _standing(folder: Path) -> Sealed:
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    return Sealed(folder, digest, dict(_manifest(folder)["missing"]))


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / MANIFEST).read_bytes()))


def main(arguments: list[str]) -> int:
    """0 when the folder is as it was frozen, 1 with every fault otherwise."""
    if len(arguments) != 2 or arguments[0] != "verify":
        print("usage: python -m hub.evidence verify FOLDER", file=sys.stderr)
        return 2
    folder = Path(arguments[1])
    faults = verify_evidence(folder)
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print(_standing(folder).digest)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
