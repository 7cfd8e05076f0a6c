from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from hub.broker import AsyncBroker
from hub.leaving import why_it_must_end
from tests.hub.fake_broker import SECRET, FakeBroker, fake_broker

MUST_END = {"code": "CONTRACT_CUT", "rule": "F-13", "since": "2026-11-22T08:00:00Z", "generation": 2}


def admitted(broker: FakeBroker, must_end: object = None) -> str:
    _, row = broker.answer("POST", "/hub/spawns", {"person": "sara", "contract": "P1"}, {"X-Amanat-Hub": SECRET})
    broker.sandboxes[row["sandbox"]]["must_end"] = must_end
    return str(row["sandbox"])


def test_one_that_may_run_on_is_left_at_once(tmp_path: Path) -> None:
    with fake_broker() as broker:
        sandbox = admitted(broker)
        assert asyncio.run(why_it_must_end(AsyncBroker(broker.url, SECRET), tmp_path, sandbox)) is None
        assert asyncio.run(why_it_must_end(AsyncBroker(broker.url, SECRET), tmp_path, "another")) is None


def test_one_that_must_end_is_left_once_its_evidence_is_there(tmp_path: Path) -> None:
    with fake_broker() as broker:
        sandbox = admitted(broker, MUST_END)
        kept = tmp_path / "P1" / "g1" / sandbox
        threading.Timer(0.5, kept.mkdir, kwargs={"parents": True}).start()
        why = asyncio.run(why_it_must_end(AsyncBroker(broker.url, SECRET), tmp_path, sandbox))
        assert kept.exists()
        assert why is not None
        assert (why.code, why.rule) == ("CONTRACT_CUT", "F-13")
