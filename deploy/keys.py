"""Makes the database passwords, each into the volume of the service that needs it, once. Needs no network.

A password file is libpq's own kind (`passfile` in the URL), so no password stands in an environment or a command line.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEYS = Path("/keys")
LOGINS = {"setup": "postgres", "broker": "amanat", "gateway": "gateway", "publisher": "publisher"}
"""Service → its login at the database."""


def main() -> None:
    for service, login in LOGINS.items():
        path = KEYS / service / "pgpass"
        if not path.exists():
            _write(path, f"db:5432:*:{login}:{secrets.token_hex(32)}\n", 0o600)
    # The database service is nobody's root and takes its first password from here; no other service has this volume.
    _write(KEYS / "db" / "superuser", password_of("setup"), 0o444)


def password_of(service: str) -> str:
    return (KEYS / service / "pgpass").read_text().strip().rsplit(":", 1)[1]


def _write(path: Path, text: str, mode: int) -> None:
    """Whole or not at all: half a password would lock everybody out for good."""
    draft = path.with_suffix(".new")
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)


if __name__ == "__main__":
    os.umask(0o077)
    main()
