"""A process starts clean; and when the wire is in hostile hands, it reaches nothing by what it says."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from access_broker.adapters.engine.channel import Channel, Kind, socket_pair
from access_broker.adapters.engine.limits import PLAN_BYTES, PoolSettings
from access_broker.adapters.engine.process import WorkerProcess
from access_broker.adapters.engine.worker import EngineWorker
from access_broker.adapters.kept_memory import KEPT_BYTES, LARGEST_BYTES
from access_broker.domain.decisions import Refused


def test_a_worker_sees_a_clean_environment_and_few_descriptors(publication, monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    fresh = WorkerProcess()
    try:
        worker = EngineWorker(fresh, publication, PoolSettings())
        worker.bind(None)  # answered: before that the kernel may still be replacing the process and show no environment
        seen = Path(f"/proc/{worker.pid}/environ").read_bytes()
        assert b"secret" not in seen
        for kept in (f"MALLOC_TRIM_THRESHOLD_={KEPT_BYTES}", f"MALLOC_MMAP_THRESHOLD_={LARGEST_BYTES}"):
            assert kept.encode() in seen.split(b"\0")
        # standard streams on /dev/null, the socket, the path descriptor, the database
        assert len(os.listdir(f"/proc/{worker.pid}/fd")) <= 6
    finally:
        fresh.close()


class Forged(WorkerProcess):
    """A process whose end of the wire is in other hands: the test's."""

    def forge(self, *frames: tuple[Kind, bytes]) -> None:
        ours, theirs = socket_pair()
        self._channel.close()
        self._channel = Channel(ours, 1 << 22, 1.0)
        forger = Channel(theirs, 1 << 22)
        for kind, payload in frames:
            forger.send(kind, payload)
        self.keep = theirs

    def close(self) -> None:
        super().close()
        self.keep.close()


def hostile_batch() -> bytes:
    """A batch whose text offsets point beyond their buffer."""
    offsets = pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in (0, 1 << 30, 3)))
    array = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"abc"))
    return pa.record_batch([array], names=["a"]).serialize().to_pybytes()


SCHEMA = (Kind.SCHEMA, pa.schema([("a", pa.string())]).serialize().to_pybytes())


@pytest.mark.parametrize(
    "frames",
    [
        [(Kind.END, b"")],
        [(Kind.SCHEMA, b"nonsense")],
        [SCHEMA, (Kind.BATCH, b"nonsense")],
        [SCHEMA, (Kind.BATCH, hostile_batch())],
        [SCHEMA, (Kind.BOUND, b"[]")],
        [(Kind.ERROR, b"{}")],
        [(Kind.ERROR, b"\xff")],
    ],
)
def test_a_worker_that_says_what_workers_do_not_say_dies(publication, frames):
    process = Forged()
    worker = EngineWorker(process, publication, PoolSettings())
    process.forge(*frames)
    try:
        with pytest.raises(Refused) as caught:
            list(worker.run("SELECT 1").batches())
        assert caught.value.reason.code == "INTERNAL"
        assert not process.running()
    finally:
        process.close()


_PACKED = zlib.compress(b"{}" + b" " * PLAN_BYTES)


@pytest.mark.parametrize(
    "plan",
    [b"", b"nonsense", b"{}", zlib.compress(b"nonsense"), zlib.compress(b"[]"), _PACKED, zlib.compress(b"{}")[:-2]],
)
def test_a_plan_that_is_none_is_the_end_of_its_worker(publication, plan):
    process = Forged()
    process.forge((Kind.PLANNED, plan))
    try:
        with pytest.raises(Refused) as caught:
            EngineWorker(process, publication, PoolSettings()).plan("SELECT 1")
        assert caught.value.reason.code == "INTERNAL"
        assert not process.running()
    finally:
        process.close()
