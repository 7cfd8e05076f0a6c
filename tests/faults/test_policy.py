"""The OPA server silent, or gone: every question is a denial until it answers again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.faults.test_system import refused_with
from tests.support.judge import CORPUS
from tests.support.system import System


def opa_pid(system: System) -> int:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            line = (entry / "cmdline").read_bytes() if (entry / "cmdline").exists() else b""
            if b"opa\0run\0--server" in line and f":{system.port_base + 2}".encode() in line:
                return int(entry.name)
    raise AssertionError("no OPA server")


def test_a_silent_policy_denies_and_a_dead_one_comes_back(tmp_path: Path) -> None:
    system = System(tmp_path / "state", policy="opa").start()
    try:
        system.load(CORPUS / "scenario.yaml")
        token = system.token("analyst", "P1")
        assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
        silent = opa_pid(system)
        os.kill(silent, signal.SIGSTOP)
        time.sleep(1.1)  # a decision holds for the second it was made in
        asked = time.monotonic()
        assert refused_with(system, token, "SELECT count(*) FROM citizens") == "POLICY_UNAVAILABLE"
        assert time.monotonic() - asked < 10
        cut = system.amanat("cut", "--contract", "P1", "--by", "chair", "--ground", "F-13", check=False)
        assert cut.returncode == 1
        assert "[AMANAT:POLICY_UNAVAILABLE]" in cut.stderr
        os.kill(silent, signal.SIGCONT)
        assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
        os.kill(silent, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while refused_with(system, token, "SELECT count(*) FROM citizens"):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        system.stop()
