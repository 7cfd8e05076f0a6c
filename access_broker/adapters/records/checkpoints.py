"""Signed checkpoints of the audit chain, and the anchor: the newest of them in a small file beside the database.

A chain of hashes alone cannot show that its tail was cut off or that all of it was computed anew. A checkpoint says
"record n had hash h", signed with a key that the database does not hold. The anchor shows the same when checkpoints
were cut off along with the records. Whoever can put back database *and* anchor together still goes unseen: copy the
anchor to another place now and then (its few lines can be printed in a committee's minutes).

A process that finds the database behind the anchor does not write (see `chain.Chain`), so a backup has to hold key,
anchor and database together; of a running system, copy the anchor before the database.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from access_broker.adapters.records.chain import Head
from access_broker.adapters.records.engine import sqlite_path
from access_broker.adapters.records.failures import AUDIT
from access_broker.use_cases.ports import Unavailable

KEY_FILE = "audit.key"
_FOR_POSTGRES = "audit.anchor.json"


def anchor_path(url: str, state: Path | None) -> Path | None:
    """Beside the SQLite file; for PostgreSQL in the state directory, if there is one."""
    database = sqlite_path(url)
    if database:
        return database.with_name(database.name + ".anchor.json")
    return state / _FOR_POSTGRES if state else None


def _statement(head: Head) -> bytes:
    return f"amanat audit checkpoint\n{head.position}\n{head.hash}\n".encode()


@dataclass(frozen=True)
class Anchor:
    """The newest checkpoint this database ever had, with the public key of all its checkpoints (both in hex)."""

    public_key: str
    head: Head
    signature: str

    @classmethod
    def read(cls, path: Path) -> Anchor | None:
        """None when there is no file; Unavailable(AUDIT_UNAVAILABLE) when it is not one that its key has signed."""
        try:
            document = json.loads(path.read_bytes())
            anchor = cls(document["public_key"], Head(document["position"], document["hash"]), document["signature"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(AUDIT, f"the anchor {path} cannot be read: {error}") from error
        if not anchor.vouches_for(anchor.head, anchor.signature):
            raise Unavailable(AUDIT, f"the anchor {path} is not signed by its key")
        return anchor

    def vouches_for(self, head: Head, signature: str) -> bool:
        """True when `signature` (hex) is this anchor's key's signature of `head`."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(signature), _statement(head))
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def write(self, path: Path) -> None:
        document = {"public_key": self.public_key, "signature": self.signature, **vars(self.head)}
        _write_durably(path, json.dumps(document, indent=1) + "\n", 0o644)


class Signer:
    """Holds the key. Several processes may share it: the anchor only ever moves forward."""

    def __init__(self, state: Path, anchor: Path) -> None:
        """Unavailable(AUDIT_UNAVAILABLE) when key and anchor do not belong together or the key lies open."""
        self._state = state
        self._anchor_file = anchor
        with self._locked():
            self._key = _load_key(state / KEY_FILE) or self._create()
            known = Anchor.read(anchor)
        if known is None or known.public_key != _public(self._key):
            raise Unavailable(AUDIT, f"the anchor {anchor} is gone or belongs to another key than {KEY_FILE}")

    def sign(self, head: Head) -> str:
        """The signature in hex."""
        return self._key.sign(_statement(head)).hex()

    def publish(self, head: Head, signature: str) -> None:
        """Moves the anchor to `head` unless another process has moved it further."""
        with self._locked():
            known = Anchor.read(self._anchor_file)
            if known is None or known.head.position < head.position:
                Anchor(_public(self._key), head, signature).write(self._anchor_file)

    def _create(self) -> Ed25519PrivateKey:
        """A new key. Its first anchor comes before it, so that a key without an anchor always means a lost anchor."""
        known = Anchor.read(self._anchor_file)
        if known and known.head.position > 0:
            raise Unavailable(AUDIT, f"{KEY_FILE} is gone, but {self._anchor_file} was signed with it")
        key = Ed25519PrivateKey.generate()
        Anchor(_public(key), Head(), key.sign(_statement(Head())).hex()).write(self._anchor_file)
        _write_durably(self._state / KEY_FILE, key.private_bytes_raw().hex(), 0o600)
        self._sync_directory()
        return key

    def _sync_directory(self) -> None:
        """Before anything is signed: an anchor whose key did not survive a power failure would be of no use."""
        directory = os.open(self._state, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            directory = os.open(self._state, os.O_RDONLY)
        except OSError as error:
            raise Unavailable(AUDIT, f"the state directory {self._state} cannot be read") from error
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)


def public_key(state: Path) -> str | None:
    """In hex; None when this state directory has no key."""
    key = _load_key(state / KEY_FILE)
    return _public(key) if key else None


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _load_key(path: Path) -> Ed25519PrivateKey | None:
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise Unavailable(AUDIT, f"{path} may be read by others: chmod 600")
            return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read().decode("ascii")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Unavailable(AUDIT, f"{path} cannot be read") from error


def _write_durably(path: Path, text: str, mode: int) -> None:
    """The old content or the new, never half of it, even when the power fails: a torn anchor stops everything."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
