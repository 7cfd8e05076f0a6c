"""Answer mode `dp` around a running system: budget and answers outlive the process; without the book none is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.faults.test_system import refused_with
from tests.support.judge import CORPUS
from tests.support.system import System

WORDS = (
    "SELECT count(*) FROM citizens WHERE city = 'City1' AND disease = 'HIV'",
    "SELECT sum(1) FROM citizens WHERE disease = 'HIV' AND city IN ('City1')",
    "SELECT count(national_id) FROM citizens c WHERE NOT (city <> 'City1' OR disease <> 'HIV')",
    "WITH sick AS (SELECT * FROM citizens WHERE disease = 'HIV') SELECT count(*) FROM sick WHERE city LIKE 'City1'",
)
GROUPED = "SELECT gender, count(*) AS n, avg(income) AS m FROM citizens GROUP BY gender ORDER BY gender"


def left(system: System) -> Any:
    """As the command line tells it."""
    told = system.amanat("explain", WORDS[0], "--as", "analyst", "--contract", "P1n", "--json").stdout
    found = [o["left"] for o in json.loads(told)["obligations"] if o["kind"] == "epsilon"]
    return found[0]


def test_what_was_spent_stays_spent_and_what_was_told_is_told_again(tmp_path: Path) -> None:
    system = System(tmp_path / "state").start()
    try:
        system.load(CORPUS / "scenario.yaml")
        assert left(system) == 1.0
        answers = {system.ask("P1n", words)[0][0] for words in WORDS}
        grouped = system.ask("P1n", GROUPED)
        assert len(answers) == 1
        assert [gender for gender, *_ in grouped] == ["F", "M"]
        assert grouped != system.ask("P1", GROUPED), "noise that is none"
        assert left(system) == 0.8
        system.stop()
        system.start()
        assert left(system) == 0.8
        assert {system.ask("P1n", words)[0][0] for words in WORDS} == answers
        assert system.ask("P1n", GROUPED) == grouped
        token = system.token("analyst", "P1n")
        for part in (system.state / "gateway").glob("noise.sqlite*"):
            part.rename(part.with_name(f"away.{part.name}"))
        assert refused_with(system, token, "SELECT avg(income) FROM citizens") == "LEDGER_UNAVAILABLE"
        assert refused_with(system, token, "SELECT count(*) FROM provinces") == ""
        for part in (system.state / "gateway").glob("noise.sqlite*"):
            part.unlink()
        for part in (system.state / "gateway").glob("away.noise.sqlite*"):
            part.rename(part.with_name(part.name.removeprefix("away.")))
        for number in range(8):
            assert system.refusal("P1n", f"SELECT count(*) FROM citizens WHERE city = 'City{number + 2}'") == ""
        assert left(system) == 0.0
        assert system.refusal("P1n", "SELECT count(*) FROM citizens WHERE city = 'City10'") == "EPSILON_SPENT"
        assert {system.ask("P1n", words)[0][0] for words in WORDS} == answers
    finally:
        system.stop()
