"""The evidence of a contract as a file: taken from the broker, and checked wherever it is."""

from __future__ import annotations

import json
import os
from pathlib import Path

from access_broker.commands.broker import Broker
from access_broker.commands.output import out, stop
from access_broker.commands.requests import contract_path

_OWN = 0o600


def save(contract: str, by: str, to: Path, state: Path) -> None:
    """Prints the digest of the manifest, which the audit holds too."""
    from access_broker.adapters.evidence_pack import verify_pack

    content = Broker(state).download(by, f"{contract_path(contract)}/evidence")
    try:
        with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWN), "wb") as file:
            file.write(content)
    except OSError as error:
        stop(f"{to}: {error.strerror}")
    with to.open("rb") as file:
        found = verify_pack(file)
    out(json.dumps({"contract": contract, "file": str(to), "manifest_sha256": found.digest, "records": found.records}))


def verify(file: Path) -> None:
    from access_broker.adapters.evidence_pack import verify_pack

    try:
        with file.open("rb") as opened:
            found = verify_pack(opened)
    except (OSError, ValueError) as error:
        stop(f"{file}: {error}")
    out(
        json.dumps(
            {
                "ok": not found.faults,
                "contract": found.contract,
                "manifest_sha256": found.digest,
                "position": found.position,
                "records": found.records,
                "faults": list(found.faults),
            }
        )
    )
    if found.faults:
        raise SystemExit(1)
