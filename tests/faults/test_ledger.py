"""The gateway's memory around a running system: kept over a restart, and a refusal when it cannot be written."""

from __future__ import annotations

from pathlib import Path

from tests.faults.test_system import refused_with
from tests.support.judge import CORPUS
from tests.support.system import System

ALL = "SELECT count(*) FROM citizens"
BUT_TWO = "SELECT count(*) FROM citizens WHERE city <> 'Oviedo'"
OTHER = "SELECT avg(income) FROM citizens WHERE gender = 'F'"


def test_the_memory_outlives_the_process_and_nothing_is_told_without_it(tmp_path: Path) -> None:
    system = System(tmp_path / "state").start()
    try:
        system.load(CORPUS / "scenario.yaml")
        assert system.ask("P1s", ALL) == [(5032,)]
        assert system.refusal("P1s", BUT_TWO) == "BELOW_K"
        system.stop()
        system.start()
        assert system.refusal("P1s", BUT_TWO) == "BELOW_K"
        assert system.ask("P1s", ALL) == [(5032,)]
        token = system.token("analyst", "P1s")
        for part in (system.state / "gateway").glob("ledger.sqlite*"):
            part.rename(part.with_name(f"away.{part.name}"))
        assert refused_with(system, token, OTHER) == "LEDGER_UNAVAILABLE"
        assert refused_with(system, token, "SELECT count(*) FROM provinces") == ""
        assert system.refusal("P1", OTHER) == ""
        system.stop()
        system.start()  # a restart is no fresh memory either
        assert system.refusal("P1s", OTHER) == "LEDGER_UNAVAILABLE"
        assert system.refusal("P1", OTHER) == ""
        system.stop()
        for part in (system.state / "gateway").glob("away.ledger.sqlite*"):
            part.rename(part.with_name(part.name.removeprefix("away.")))
        system.start()
        assert system.refusal("P1s", BUT_TWO) == "BELOW_K"
        assert system.refusal("P1s", OTHER) == ""
    finally:
        system.stop()
