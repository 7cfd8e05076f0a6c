"""From a committed cut to a sandbox's kernel that is no longer heard, and to the last moment at which it computed.

The baseline, in turn with the rounds on the same image: JupyterHub with DockerSpawner as it comes, and a person who
presses "stop": a signal to the server, with no records to read and nothing to freeze for evidence. Computing is seen
from outside, in the processor time of the kernel's process; its grain is 10 ms.

Needs root and Docker.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker.walkthrough.notebook import Kernel, Visitor  # noqa: E402 - the root must be importable first
from bench.bench_cut import cut, scenario, spread  # noqa: E402
from bench.bench_sandbox import stock_hub  # noqa: E402
from tests.support.system import System  # noqa: E402

ROUNDS = 5
SECONDS_BEFORE = 1.0  # a kernel has been busy for so long
PATIENCE = 15.0
BUSY = """
import time
while True:
    print(time.time(), flush=True)
    until = time.time() + 0.02
    while time.time() < until:
        pass
"""
PASSWORD = "said-to-nobody-else"  # noqa: S105 - of a system that lives for a minute


class Heard(threading.Thread):
    """Listens to a kernel that prints without an end. `last`: when it was last heard, None before."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__()
        self.kernel, self.id = kernel, kernel.begin(BUSY)
        self.last: datetime | None = None

    def run(self) -> None:
        self.last = self.kernel.last_output(self.id, 3)

    def until(self, moment: float) -> float:
        self.join()
        assert self.last is not None, "the kernel never said a word"
        return max(0.0, (self.last.timestamp() - moment) * 1000)


class Computed(threading.Thread):
    """Watches the processor time of a process. `last`: when it last grew."""

    def __init__(self, process: int) -> None:
        super().__init__()
        self.process, self.last, self.done = process, 0.0, threading.Event()

    def run(self) -> None:
        seen = ""
        while not self.done.wait(0.002):
            try:
                stat = Path(f"/proc/{self.process}/stat").read_text()
            except OSError:
                return
            used = stat.rpartition(")")[2].split()[11]  # its own code's: dying costs system time only
            if used != seen:
                seen, self.last = used, time.time()

    def until(self, moment: float) -> float:
        self.join(PATIENCE)
        self.done.set()
        self.join()
        return max(0.0, (self.last - moment) * 1000)


def kernel_of(visitor: Visitor, server: str) -> Kernel:
    """One that has answered once: a kernel takes seconds to come up."""
    visitor.start(server)
    visitor.await_sandbox(server)
    kernel = visitor.kernel(server)
    kernel.run("print('here')")
    return kernel


def process_of_kernel(label: str) -> int:
    """This machine's number of the one kernel in the one container that the filter finds."""
    command = ["docker", "ps", "-q", "--filter", label]
    container = subprocess.run(command, text=True, capture_output=True, check=True).stdout.split()
    command = ["docker", "top", *container, "-eo", "pid,args"]
    lines = subprocess.run(command, text=True, capture_output=True, check=True).stdout.splitlines()
    (process,) = (int(line.split()[0]) for line in lines if "ipykernel" in line)
    return process


def watched(visitor: Visitor, server: str, label: str) -> tuple[Heard, Computed]:
    """A kernel that has been busy for SECONDS_BEFORE, in a sandbox of its own."""
    heard = Heard(kernel_of(visitor, server))
    computed = Computed(process_of_kernel(label))
    heard.start()
    computed.start()
    time.sleep(SECONDS_BEFORE)
    return heard, computed


def rounds(system: System, stock: str, names: list[str]) -> dict[str, float]:
    ours, theirs = Visitor(system.addresses["hub"]), Visitor(stock)
    ours.sign_in("analyst", PASSWORD)
    theirs.sign_in("bench", "bench")
    after_cut, after_stop = [], []
    for name in names:
        heard, computed = watched(ours, name, f"label=amanat.contract={name}")
        moment = cut(system, name)
        after_cut.append((heard.until(moment), computed.until(moment)))
        heard, computed = watched(theirs, "bench", "name=stock-bench-")
        moment = time.time()
        theirs.stop("bench")
        after_stop.append((heard.until(moment), computed.until(moment)))
    figures: dict[str, float] = {}
    for part, what in enumerate(("heard", "computing")):
        cuts, stops = [pair[part] for pair in after_cut], [pair[part] for pair in after_stop]
        figures |= spread(f"cut_to_kernel_last_{what}", cuts) | spread(f"stock_stop_to_kernel_last_{what}", stops)
        figures[f"last_{what}_ratio"] = round(statistics.median(cuts) / max(1.0, statistics.median(stops)), 2)
    return figures


def main() -> None:
    names = [f"silent-{n}" for n in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        world, stock = scenario(Path(folder), names), Path(folder) / "stock"
        stock.mkdir()
        system = System(Path(folder) / "state", options=()).start()
        try:
            system.load(world)
            command = [sys.executable, "-m", "access_broker", "passwd", "analyst", "--state", str(system.state)]
            subprocess.run(command, input=PASSWORD, text=True, check=True, capture_output=True)
            with stock_hub(stock) as address:
                figures = rounds(system, address, names)
        finally:
            system.stop()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
