"""The last chapter: warned, repeated, cut in the middle of everything; dark, acknowledged, provable."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from access_broker.walkthrough.notebook import Kernel, Visitor
from access_broker.walkthrough.sandboxed import kernel_of
from access_broker.walkthrough.system import System, code_of
from access_broker.walkthrough.telling import Differs, NotRun, eventually, one_of, same
from access_broker.walkthrough.world import CONTRACT, GROUPED, LONG

if TYPE_CHECKING:
    from access_broker.walkthrough.story import Walk

DARK_SECONDS = 2.0
"""After a cut a sandbox has to be dark within this time (S3-P6-R2; the figure is the product's own promise)."""

BUSY = "import time\nwhile True:\n    print(time.time(), flush=True)\n    time.sleep(0.02)"


def chapter(told: Walk) -> None:
    step = told.story.step
    step("a cut for repetition, without a warning", "WARNING_NEEDED", lambda: _unwarned(told))
    step("a written warning, acknowledged", "number 1", lambda: _warn(told))
    step("repetition without a recorded decision", "DECISION_NEEDED", lambda: _undecided(told))
    step("cut while a stream is being read", "the stream ends with CONTRACT_CUT", lambda: _cut(told))
    step("the kernel that was busy", f"silent within {DARK_SECONDS:g} s", lambda: _silent(told))
    step("the executor's token", "CONTRACT_CUT", lambda: _dead_token(told))
    step("a new token", "CONTRACT_CUT", lambda: _no_token(told))
    step("a new sandbox", "CONTRACT_CUT", lambda: _no_spawn(told))
    step("the published file", "gone", lambda: _unpublished(told))
    step("acknowledgements", "from every component, with its time", lambda: _acknowledged(told))
    step("the sandbox", "gone, its evidence frozen", lambda: _evidence(told))
    step("the audit", "the chain holds", lambda: _verified(told))
    step("a flipped byte in a copy of the audit", "found", lambda: _flipped(told))


def _unwarned(told: Walk) -> str:
    body = {"ground": "S3-P6-R2", "decision": "M-2"}
    reasons = told.system.refused(told.token("davood"), "POST", f"/contracts/{CONTRACT}/cuts", body)
    return one_of(reasons[0][0], "WARNING_NEEDED")


def _warn(told: Walk) -> str:
    body = {"ground": "S3-P6-R2", "text": "Notebooks were left open over night. Mend this within three days."}
    told.system.done(told.token("davood"), "POST", f"/contracts/{CONTRACT}/warnings", body)
    path = f"/contracts/{CONTRACT}/warnings/1/acknowledgement"
    notice = told.system.done(told.token("roya"), "POST", path)
    if not notice["acknowledged_at"]:
        raise Differs("not acknowledged")
    return f"number {notice['number']}"


def _undecided(told: Walk) -> str:
    reasons = told.system.refused(told.token("davood"), "POST", f"/contracts/{CONTRACT}/cuts", {"ground": "S3-P6-R2"})
    return one_of(reasons[0][0], "DECISION_NEEDED")


@dataclass
class Reading(threading.Thread):
    """Reads a long answer as fast as it comes. `last`: when a row last arrived (UTC); `end`: how it ended."""

    system: System
    token: str
    sql: str
    rows: int = 0
    last: datetime | None = None
    end: str = ""
    begun: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            with self.system.connect(self.token) as connection, connection.cursor() as cursor:
                cursor.execute(self.sql)
                for batch in cursor.fetch_record_batch():
                    self.rows, self.last = self.rows + batch.num_rows, datetime.now(UTC)
                    self.begun.set()
            self.end = "read to the end"
        except Exception as error:
            self.end = str(error)


def _cut(told: Walk) -> str:
    reading = Reading(told.system, told.data_token, LONG)
    reading.start()
    kernel = told.facts.get("kernel")
    busy = kernel.begin(BUSY) if isinstance(kernel, Kernel) else ""
    if not reading.begun.wait(30):
        raise Differs(f"the stream did not begin: {reading.end}")
    time.sleep(0.5)
    body = {"ground": "S3-P6-R2", "decision": "M-3"}
    act = told.system.done(told.token("davood"), "POST", f"/contracts/{CONTRACT}/cuts", body)
    committed = datetime.fromisoformat(act["committed_at"])
    told.facts |= {"busy": busy, "committed": committed}
    reading.join(20)
    if reading.is_alive():
        raise Differs("the stream goes on")
    code = one_of(code_of(reading.end), "CONTRACT_CUT")
    after = max(0.0, ((reading.last or committed) - committed).total_seconds() * 1000)
    told.story.took = after
    return f"{code}, last row {after:.0f} ms after the commit"


def _silent(told: Walk) -> str:
    kernel = kernel_of(told)
    last, committed = kernel.last_output(told.facts["busy"], 4), told.facts["committed"]
    after = max(0.0, ((last or committed) - committed).total_seconds() * 1000)
    told.story.took = after
    if after > DARK_SECONDS * 1000:
        raise Differs(f"the kernel was heard {after:.0f} ms after the commit")
    return f"last output {after:.0f} ms after the commit"


def _dead_token(told: Walk) -> str:
    return one_of(told.system.refusal(told.data_token, GROUPED), "CONTRACT_CUT")


def _no_token(told: Walk) -> str:
    try:
        told.system.amanat("token", "roya", "--contract", CONTRACT)
    except Differs as refused:
        return one_of(code_of(str(refused)), "CONTRACT_CUT")
    raise Differs("a token was issued")


def _no_spawn(told: Walk) -> str:
    visitor = told.facts.get("visitor")
    if not isinstance(visitor, Visitor):
        raise NotRun("nobody is signed in at the hub")
    eventually(lambda: visitor.start(CONTRACT).status_code == 403, 10, "refused")
    text = visitor.start(CONTRACT).text
    if "CONTRACT_CUT" not in text:
        raise Differs(text[:200])
    return "CONTRACT_CUT"


def _unpublished(told: Walk) -> str:
    folder = told.system.state / "published"
    eventually(lambda: not list(folder.rglob(f"*{CONTRACT}*")), 5, "gone")
    return "gone"


def _acknowledged(told: Walk) -> str:
    def all_there() -> Any:
        end = told.system.done(told.token("davood"), "GET", f"/contracts/{CONTRACT}/end")
        come = {line["component"] for line in end["acknowledgements"]}
        return end if set(end["expected"]) <= come else None

    end = eventually(all_there, 15, "all of them")
    return ", ".join(f"{a['component']} {a['step']} {a['ms']:.0f} ms" for a in end["acknowledgements"])


def _evidence(told: Walk) -> str:
    kernel_of(told)
    frozen = eventually(
        lambda: list((told.system.state / "evidence" / CONTRACT).glob("g*/*/manifest.json")), 20, "evidence"
    )
    running = subprocess.run(
        ["docker", "ps", "-aq", "--filter", f"label=amanat.contract={CONTRACT}"], text=True, capture_output=True
    )
    eventually(lambda: not _containers(), 10, f"the container {running.stdout.strip()} is gone")
    files = sorted(path.name for path in frozen[0].parent.iterdir())
    return "gone; frozen: " + ", ".join(files)


def _containers() -> str:
    command = ["docker", "ps", "-aq", "--filter", f"label=amanat.contract={CONTRACT}"]
    return subprocess.run(command, text=True, capture_output=True).stdout.strip()


def _verified(told: Walk) -> str:
    return told.system.amanat("audit", "verify")


def _flipped(told: Walk) -> str:
    """A copy of the records in which one letter of one record was changed, as whoever holds the file could do."""
    copy = told.world.folder / "copy"
    (copy / "keys").mkdir(parents=True)
    source, target = (sqlite3.connect(folder / "records.sqlite") for folder in (told.system.state, copy))
    with source, target:
        source.backup(target)
    source.close()
    shutil.copytree(told.system.state / "keys", copy / "keys", dirs_exist_ok=True)
    with target:
        for (trigger,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            target.execute(f'DROP TRIGGER "{trigger}"')
        target.execute("UPDATE audit SET actor = actor || 'x' WHERE position = 5")
    target.close()
    found = System(copy)
    try:
        found.amanat("audit", "verify")
    except Differs:
        return "found"
    raise Differs("the changed chain was taken for whole")


def stopped(system: System) -> str:
    """SIGTERM, then nothing of the system may be left on the machine."""
    same(system.stop(), 0, "exit status")
    left = [line for line in _leftovers(system.state) if line]
    if left:
        raise Differs("; ".join(left))
    return "nothing is left"


def _leftovers(state: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            continue
        if str(state) in line:
            found.append(f"process {line[:80]}")
    found += [f"mount {line}" for line in Path("/proc/mounts").read_text().splitlines() if str(state) in line]
    if shutil.which("docker"):
        found.append(_containers())
    return found
