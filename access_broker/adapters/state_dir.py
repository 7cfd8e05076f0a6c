"""The folder a system keeps its state in. Everything under it is its owner's alone."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PLAIN_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class StateDir:
    """Paths under one state folder, made on demand with mode 0700."""

    root: Path

    @classmethod
    def at(cls, path: str | Path) -> StateDir:
        root = Path(path).resolve()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(root)

    def folder(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    @property
    def records_url(self) -> str:
        """AMANAT_RECORDS_URL for PostgreSQL, else a SQLite file here."""
        return os.environ.get("AMANAT_RECORDS_URL") or f"sqlite:///{self.root / 'records.sqlite'}"

    @property
    def published(self) -> Path:
        return self.folder("published")

    @property
    def publisher_private(self) -> Path:
        return self.folder("publisher")

    @property
    def budget(self) -> Path:
        return self.folder("gateway") / "budget.sqlite"

    @property
    def ledger(self) -> Path:
        """What each contract was told. Its witness stands beside it, so that a loss is noticed."""
        return self.folder("gateway") / "ledger.sqlite"

    @property
    def noise_book(self) -> Path:
        """What each contract spent of its epsilon; lost, it would be spent again."""
        return self.folder("gateway") / "noise.sqlite"

    @property
    def sources(self) -> Path:
        """Where stewards' sources lie, a folder for each organisation: AMANAT_SOURCES, else one here."""
        elsewhere = os.environ.get("AMANAT_SOURCES")
        return Path(elsewhere) if elsewhere else self.folder("sources")

    def sources_of(self, organisation: str) -> Path:
        """The folder that holds one organisation's sources and nobody else's; the operator makes it.

        `organisation`: its id. Raises ValueError for one that is no plain name, which could lead into another's folder.
        """
        if _PLAIN_NAME.fullmatch(organisation) is None:
            raise ValueError("an organisation's id is no name for a folder")
        return self.sources / organisation

    @property
    def logs(self) -> Path:
        return self.folder("logs")

    @property
    def keys(self) -> Path:
        return self.folder("keys")

    @property
    def audit_keys(self) -> Path:
        """Where the key that signs audit checkpoints is: AMANAT_AUDIT_KEYS for parts that share that folder only."""
        elsewhere = os.environ.get("AMANAT_AUDIT_KEYS")
        return Path(elsewhere) if elsewhere else self.keys

    # --- secrets ------------------------------------------------------------------------------------------------

    def operator_secret(self) -> str:
        """What proves to the broker that a command comes from someone who can read this folder."""
        return self.secret("operator")

    def secret(self, name: str) -> str:
        """64 hexadecimal characters by which parts know each other: `hub`, `guard`, `console`, `warden`, `proxy`, …

        Made at the first asking, the same one ever after; whoever starts a part hands it over, to that part only.
        """
        return self._secret(f"{name}.secret")

    def publisher_key(self) -> bytes:
        """The key from which every contract's pseudonyms are derived. Losing it changes all pseudonyms."""
        return bytes.fromhex(self._secret("publisher.key"))

    def _secret(self, name: str) -> str:
        """Two parts may ask at once: the file appears whole or not at all, so both read the same secret."""
        path = self.keys / name
        if not path.exists():
            draft = self.keys / f".{name}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()

    # --- the running system -------------------------------------------------------------------------------------

    def lock(self) -> int | None:
        """A descriptor that holds this folder for one running system, or None when another one has it."""
        descriptor = os.open(self.root / "system.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        return descriptor

    def is_running(self) -> bool:
        descriptor = self.lock()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    @property
    def _system_file(self) -> Path:
        return self.root / "system.json"

    def announce(self, addresses: dict[str, Any]) -> None:
        write_atomically(self._system_file, json.dumps(addresses))

    def withdraw(self) -> None:
        self._system_file.unlink(missing_ok=True)

    def running_system(self) -> dict[str, Any] | None:
        """The addresses of the system that runs on this folder, None when none does (or none is ready)."""
        if not self.is_running():
            return None
        try:
            addresses = json.loads(self._system_file.read_text())
        except (OSError, ValueError):
            return None
        return addresses if isinstance(addresses, dict) else None


def write_atomically(path: Path, text: str) -> None:
    """Readers see the old content or the new, never half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)
