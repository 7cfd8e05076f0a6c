"""Evidence as one ZIP file that tells its own digests.

`manifest.json` names the SHA-256 of every other file and where in the audit chain the extract stops; its own digest
goes into the chain when somebody takes the file away. So whoever holds the chain can tell whether a file is what was
taken.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

from access_broker.domain.audit import line_faults
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.evidence import as_json, audit_lines, evidence_files
from access_broker.use_cases.ports import Records

MANIFEST, AUDIT = "manifest.json", "audit.jsonl"
_IN_MEMORY = 8 << 20  # bytes, beyond which a pack goes to disk while it is made
_PIECE = 1 << 16
_TIME = (1980, 1, 1, 0, 0, 0)  # of every member: what there is to say of time stands in the manifest


@dataclass(frozen=True)
class Pack:
    """`digest`: SHA-256 of the manifest. `position`: of the last audit record that can be in it. `size`: in bytes."""

    contract: str
    file: IO[bytes]
    digest: str
    position: int
    size: int

    @property
    def file_name(self) -> str:
        return quote(f"evidence-{self.contract}.zip", safe="")

    def pieces(self) -> Iterator[bytes]:
        """The file from its beginning; closed behind the last piece."""
        with self.file:
            self.file.seek(0)
            while piece := self.file.read(_PIECE):
                yield piece


@dataclass(frozen=True)
class Verified:
    """`faults`: what is wrong, a sentence each; none when the file is what its manifest says."""

    contract: str
    digest: str
    position: int
    records: int
    faults: tuple[str, ...]


def pack_of(records: Records, contract_id: str, by: str, now: datetime) -> Pack:
    """Everything but the audit is read in one view; the audit piece by piece, up to where the chain stood then."""
    with records.read() as reader:
        files = evidence_files(reader, contract_named(reader, contract_id))
        position, head = reader.audit_head()
    about = {
        "contract": contract_id,
        "made_at": now.astimezone(UTC).isoformat(),
        "made_by": by,
        "audit": {"position": position, "hash": head},
    }
    file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - who sends it closes it
    lines = audit_lines(records, contract_id, position)
    digest = write_pack(file, about, {name: iter((text,)) for name, text in files.items()} | {AUDIT: lines})
    return Pack(contract_id, file, digest, position, file.tell())


def write_pack(into: IO[bytes], about: Mapping[str, Any], files: Mapping[str, Iterable[bytes]]) -> str:
    """The ZIP file, its manifest last; returns the digest of the manifest."""
    with zipfile.ZipFile(into, "w") as pack:
        listed = {name: _add(pack, name, pieces) for name, pieces in files.items()}
        manifest = as_json({**about, "files": listed})
        _add(pack, MANIFEST, (manifest,))
    return hashlib.sha256(manifest).hexdigest()


def verify_pack(file: IO[bytes]) -> Verified:
    """Hold a pack against its own manifest, and every audit record in it against its own hash.

    Raises ValueError for what is no pack at all.
    """
    try:
        with zipfile.ZipFile(file) as pack:
            manifest = pack.read(MANIFEST)
            told = json.loads(manifest)
            listed, contract, position = dict(told["files"]), str(told["contract"]), int(told["audit"]["position"])
            faults = list(_file_faults(pack, listed))
            lines = pack.read(AUDIT).splitlines() if AUDIT in pack.namelist() else []
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError, NotImplementedError) as error:
        raise ValueError("this is no evidence of a contract") from error
    faults += line_faults(lines, position)
    return Verified(contract, hashlib.sha256(manifest).hexdigest(), position, len(lines), tuple(faults))


def _file_faults(pack: zipfile.ZipFile, listed: Mapping[str, Any]) -> Iterator[str]:
    names = [name for name in pack.namelist() if name != MANIFEST]
    yield from (f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1}))
    yield from (f"{name} is not in the manifest" for name in sorted(set(names) - set(listed)))
    for name, expected in sorted(listed.items()):
        if name not in names:
            yield f"{name} is missing"
        elif _digest(pack, name) != expected["sha256"]:
            yield f"{name} is not what the manifest says"


def _digest(pack: zipfile.ZipFile, name: str) -> str:
    """Empty for a member that cannot be read."""
    try:
        with pack.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except zipfile.BadZipFile:
        return ""


def _add(pack: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    member = zipfile.ZipInfo(name, _TIME)
    member.compress_type = zipfile.ZIP_DEFLATED
    with pack.open(member, "w", force_zip64=True) as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}
