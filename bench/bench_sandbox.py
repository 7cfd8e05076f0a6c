"""Time to a ready sandbox against DockerSpawner as it comes, interleaved on the same image and machine.

Needs root and Docker. How fast a cut reaches a sandbox is told by `amanat walkthrough`.
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
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker.commands.sandboxes import image_name  # noqa: E402 - the root must be importable first
from access_broker.walkthrough.notebook import Visitor  # noqa: E402
from hub.proxy import proxy_command  # noqa: E402
from tests.support.judge import CORPUS  # noqa: E402
from tests.support.system import System, free_ports  # noqa: E402

SPAWNS = 5


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
    pairs = [(milliseconds_to_sandbox(ours, "P1"), milliseconds_to_sandbox(stock, "bench")) for _ in range(SPAWNS + 1)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs[1:], strict=True))
    return {
        "sandbox_ready_ms": round(mine),
        "stock_dockerspawner_ready_ms": round(theirs),
        "sandbox_ready_ratio": round(mine / theirs, 2),
    }


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
        hub = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=os.environ | known)
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
        finally:
            system.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
