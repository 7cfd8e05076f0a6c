"""Before the hub takes a sandbox away: must it end, and has the warden its evidence?

Otherwise whoever is cut could press "stop" and be faster than the evidence.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from hub import broker as ask
from hub.broker import AsyncBroker, Ending
from hub.evidence import Case

_EVIDENCE_SECONDS = 10.0


async def why_it_must_end(broker: AsyncBroker, evidence: Path, sandbox: str) -> Ending | None:
    """None when it may run on. Otherwise the warden has had time to freeze the evidence when this returns.

    `evidence`: the folder under which the warden keeps it. Raises BrokerRefused, BrokerUnavailable.
    """
    for known in await broker.ask(ask.sandboxes()):
        if known.sandbox == sandbox and known.must_end:
            kept = Case.of(known, known.must_end).folder(evidence)
            patience = time.monotonic() + _EVIDENCE_SECONDS
            while not kept.exists() and time.monotonic() < patience:
                await asyncio.sleep(0.05)
            return known.must_end
    return None
