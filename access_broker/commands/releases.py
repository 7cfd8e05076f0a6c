"""Asking from the command line whether a file may leave. It is read here for its digest, and stays here."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path

from access_broker.commands.requests import contract_path, post


def ask(contract: str, by: str, file: Path, kind: str, state: Path) -> None:
    with file.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
        size = content.tell()
    post(f"{contract_path(contract)}/releases", by, {"digest": digest, "kind": kind, "size": size}, state)
