"""One worker process as the pool holds it: started clean, spoken to in frames, and ended whatever it is doing."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

import access_broker
from access_broker.adapters.engine.channel import Channel, Hangup, Kind, socket_pair
from access_broker.adapters.engine.limits import LARGEST_FRAME
from access_broker.adapters.kept_memory import KEPT_BYTES, LARGEST_BYTES
from access_broker.domain.decisions import Refused
from access_broker.use_cases.gate_ports import ShouldStop

LOG = logging.getLogger("amanat.engine")

_SEND_SECONDS = 5.0
_MODULE = "access_broker.adapters.engine.worker_main"
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "TZ": "UTC0",
    "PYTHONPATH": str(Path(access_broker.__file__).parent.parent),
    "MALLOC_ARENA_MAX": "2",  # each arena reserves address space, which is limited
    "MALLOC_MMAP_THRESHOLD_": str(LARGEST_BYTES),  # buffers of answers are used again,
    "MALLOC_TRIM_THRESHOLD_": str(KEPT_BYTES),  # not given back and taken anew page by page
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # mimalloc would reserve 1 GB of it at once
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a thread from before the walls is not bound by them
}
"""All a worker sees of the environment, besides where the interpreter's own libraries are."""


class WorkerProcess:
    """One thread talks to it at a time; `kill` alone may come from any other."""

    def __init__(self) -> None:
        """Start it cold. The calling thread must outlive it: the kernel kills a worker when that thread ends."""
        ours, theirs = socket_pair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-m", _MODULE, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_ENVIRONMENT | {k: os.environ[k] for k in ("LD_LIBRARY_PATH",) if k in os.environ},
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C in the operator's terminal is for the pool to hear
            )
        self._channel = Channel(ours, LARGEST_FRAME, _SEND_SECONDS)
        self._cause = ""
        self.label = "none yet"
        """What the operator's log calls it: its contract."""
        self.healthy = True
        """False once it is unfit for another statement."""

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def alive(self) -> bool:
        """True when it can take another request."""
        return self.healthy and self.running() and self._channel.quiet()

    def kill(self, cause: str = "WORKER_LOST") -> None:
        """End it now; whoever waits for it hears `cause`, the first one given. Returns when it is gone."""
        self._cause = self._cause or cause
        self.healthy = False
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)

    def close(self) -> None:
        """Kill it and let go of the socket. For the thread that talks to it, or when none does."""
        self.kill()
        self._channel.close()

    def send(self, kind: Kind, text: str = "") -> None:
        """Raises Refused when it is gone."""
        try:
            self._channel.send(kind, text.encode())
        except Hangup:
            raise self._gone() from None

    def receive(self, should_stop: ShouldStop | None, seconds: float) -> tuple[Kind, pa.Buffer]:
        """The next frame. Silence for `seconds` and a True from `should_stop` kill it.

        Raises Refused: what an ERROR frame says, TOO_SLOW, CANCELLED or WORKER_LOST.
        """
        deadline = time.monotonic() + seconds

        def look_up() -> None:
            if should_stop is not None and should_stop():
                self.kill("CANCELLED")
            elif time.monotonic() > deadline:
                self.kill("TOO_SLOW")

        try:
            kind, payload = self._channel.receive(look_up)
        except Hangup:
            raise self._gone() from None
        if kind is Kind.ERROR:
            raise self._refusal(payload)
        return kind, payload

    def broken(self, what: object) -> Refused:
        """It said something that a worker does not say: it may be in other hands, so it dies."""
        self.kill("INTERNAL")
        return self._internal(f"protocol: {what}")

    def _gone(self) -> Refused:
        """Why nothing comes any more: what it was killed for, or what the kernel says of its end."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self.kill("TOO_SLOW" if self._process.returncode == -signal.SIGXCPU else "WORKER_LOST")
        LOG.warning("worker %s (%s) ended, %s: %s", self.pid, self.label, self._process.returncode, self._cause)
        return Refused(self._cause)

    def _refusal(self, payload: pa.Buffer) -> Refused:
        try:
            document = json.loads(payload.to_pybytes())
            fault, text = str(document["fault"]), str(document["text"])
        except (ValueError, TypeError, KeyError) as error:
            return self.broken(error)
        if fault == "value_error":
            LOG.debug("%s: %s: %r", self.label, fault, text)  # may quote a value: not for an ordinary log
            return Refused("VALUE_ERROR")
        if fault == "interrupted":
            return Refused("CANCELLED")
        self.healthy = False  # an engine that ran out of memory, or met a bug, is not trusted to be whole
        if fault in ("resource_limit", "not_published"):
            LOG.warning("%s: %s: %r", self.label, fault, text)
            return Refused(fault.upper())
        return self._internal(text)

    def _internal(self, text: str) -> Refused:
        reference = uuid.uuid4().hex[:12]
        LOG.error("reference %s: %s: %r", reference, self.label, text)
        return Refused("INTERNAL", reference=reference)
