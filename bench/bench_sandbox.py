"""Time to a ready sandbox against DockerSpawner as it comes, interleaved on the same image and machine; and how fast a

suspension reaches a sandbox: commit → the container is frozen, commit → last output of a busy kernel, last row of a
stream. Needs root and Docker.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker.commands.sandboxes import image_name  # noqa: E402 - the root must be importable first
from access_broker.walkthrough.cutting import BUSY, Reading  # noqa: E402
from access_broker.walkthrough.notebook import Visitor  # noqa: E402
from hub.proxy import proxy_command  # noqa: E402
from tests.support.judge import CORPUS  # noqa: E402
from tests.support.system import System, free_ports  # noqa: E402

SPAWNS = 6
CUTS = 5
LONG = "SELECT a.population + b.population FROM provinces a, provinces b, provinces c, provinces d, provinces e"


def milliseconds_to_sandbox(visitor: Visitor, server: str) -> float:
    """From the click to a page that serves; the sandbox is stopped again."""
    began = time.perf_counter()
    answer = visitor.start(server)
    assert answer.status_code in (201, 202), answer.text
    visitor.await_sandbox(server)
    took = (time.perf_counter() - began) * 1000
    visitor.stop(server)
    return took


def spawns(ours: Visitor, stock: Visitor) -> dict[str, float]:
    """The first of each pays for caches and is not counted."""
    pairs = [(milliseconds_to_sandbox(ours, "P1"), milliseconds_to_sandbox(stock, "P1")) for _ in range(SPAWNS + 1)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs[1:], strict=True))
    return {
        "sandbox_ready_ms": round(mine),
        "stock_dockerspawner_ready_ms": round(theirs),
        "sandbox_ready_ratio": round(mine / theirs, 2),
    }


def cuts(system: System, visitor: Visitor) -> dict[str, float]:
    """Suspensions, which end everything like a cut and can be lifted for the next round."""
    frozen, output, rows = [], [], []
    for _ in range(CUTS):
        visitor.start("P1")
        visitor.await_sandbox("P1")
        kernel = visitor.kernel("P1")
        busy = kernel.begin(BUSY)
        reading = Reading(system, system.amanat("token", "analyst", "--contract", "P1").stdout.strip(), LONG)
        reading.start()
        assert reading.begun.wait(30), reading.end
        time.sleep(0.5)
        said = system.amanat("suspend", "--contract", "P1", "--by", "chair", "--ground", "F-13").stdout
        committed = datetime.fromisoformat(json.loads(said)["committed_at"])
        heard = kernel.last_output(busy, 4)
        reading.join(20)
        output.append(_since(committed, heard))
        rows.append(_since(committed, reading.last))
        frozen.append(_paused(system))
        system.amanat("lift", "--contract", "P1", "--by", "chair", "--ground", "F-13")
        _await_published(system)
    return {
        "cut_to_container_frozen_ms": round(statistics.median(frozen)),
        "cut_to_container_frozen_max_ms": round(max(frozen)),
        "cut_to_last_output_ms": round(max(output)),
        "cut_to_last_row_ms": round(max(rows)),
    }


def _since(committed: datetime, last: datetime | None) -> float:
    return max(0.0, (last - committed).total_seconds() * 1000) if last else 0.0


def _paused(system: System) -> float:
    """Milliseconds from the commit to the frozen container, as the warden has acknowledged them."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        end = system.rest(system.token("chair"), "/contracts/P1/end")
        for line in end["acknowledgements"]:
            if (line["component"], line["step"]) == ("warden", "paused"):
                return float(line["ms"])
        time.sleep(0.1)
    raise AssertionError("no acknowledgement of the pause")


def _await_published(system: System) -> None:
    deadline = time.monotonic() + 30
    while system.refusal_of_token("P1", "SELECT count(*) FROM provinces") and time.monotonic() < deadline:
        time.sleep(0.2)


@contextmanager
def stock_hub(folder: Path) -> Iterator[str]:
    """The address of a hub with DockerSpawner's defaults."""
    base = free_ports()
    proxy = proxy_command(base)
    assert proxy is not None, "no proxy; run scripts/node.sh"
    known = {
        "STOCK_PORT_BASE": str(base),
        "STOCK_FOLDER": str(folder),
        "STOCK_IMAGE": image_name(),
        "STOCK_PROXY": "\n".join(proxy[:2]),
    }
    command = [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "bench" / "stock_hub.py")]
    with (folder / "log").open("wb") as log:
        hub = subprocess.Popen(command, cwd=folder, stderr=log, env=os.environ | known)
    try:
        time.sleep(8)
        yield f"http://127.0.0.1:{base}"
    finally:
        hub.terminate()
        hub.wait(30)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        state, stock = Path(folder) / "state", Path(folder) / "stock"
        stock.mkdir()
        system = System(state, options=()).start()
        try:
            system.load(CORPUS / "scenario.yaml")
            password = secrets.token_urlsafe(12)
            subprocess.run(
                [sys.executable, "-m", "access_broker", "passwd", "analyst", "--state", str(state)],
                input=password,
                text=True,
                check=True,
                capture_output=True,
            )
            ours = Visitor(system.addresses["hub"])
            ours.sign_in("analyst", password)
            figures: dict[str, Any] = {}
            with stock_hub(stock) as address:
                theirs = Visitor(address)
                theirs.sign_in("bench", "bench")
                figures |= spawns(ours, theirs)
            figures |= cuts(system, ours)
        finally:
            system.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
