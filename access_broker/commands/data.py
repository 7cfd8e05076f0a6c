"""What is decided about classes of data, and visits of ITO to workspaces."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from access_broker.commands.broker import Broker
from access_broker.commands.output import out, stop
from access_broker.commands.requests import contract_path
from hub.homes import Homes
from hub.visits import VisitFailed, copy_home


def demand(data_class: str, kinds: list[str], decision: str, by: str, state: Path) -> None:
    """Prints what the class asks for then."""
    body = {"kinds": kinds, "decision": decision}
    out(json.dumps(Broker(state).person(by, "PUT", f"/guarantees/{quote(data_class, safe='')}", body)))


def visit(contract: str, person: str, by: str, reason: str, to: Path, state: Path) -> None:
    """The visit goes on record first; without that nothing is opened. Prints it, with the size of the copy."""
    if not to.parent.is_dir() or to.exists():
        stop(f"{to} cannot be written: name a new file in a folder that is there", 2)
    broker = Broker(state)
    told = broker.person(by, "POST", f"{contract_path(contract)}/visits", {"person": person, "reason": reason})
    try:
        size = copy_home(Homes(broker.state.root / "homes"), person, contract, to)
    except VisitFailed as failed:
        stop(f"the visit is on record, but the home cannot be opened: {failed}")
    out(json.dumps(told | {"file": str(to), "bytes": size}))
