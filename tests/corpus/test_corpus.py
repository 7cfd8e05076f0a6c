"""Both sample corpora through the real door, one id a case, decided by the embedded evaluator and by the OPA server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
import pytest

from tests.support.judge import CORPUS, Outcome, cases, fault, plain, raw_rows, same_rows
from tests.support.system import System, code_of

ATTACKS = cases("attacks")
LEGIT = [case for name in ("legit", "calendars", "probes", "tools") for case in cases(name)]
NOISY = "P1n"


@pytest.fixture(scope="module", params=["embedded", "opa"])
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    started = System(tmp_path_factory.mktemp("corpus") / "state", policy=request.param).start()
    started.load(CORPUS / "scenario.yaml")
    yield started
    started.stop()


def ask(system: System, contract: str, sql: str) -> Outcome:
    if contract == "P4":  # cut: no token can be had, which is a refusal too
        return _with(system, "", sql)
    return _with(system, system.token("analyst", contract), sql)


def _with(system: System, token: str, sql: str) -> Outcome:
    try:
        with system.connect(token) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return Outcome(sql, [plain(row) for row in cursor.fetchmany(200_000)])
    except flight_sql.Error as error:
        return Outcome(sql, None, code_of(error), str(error))


def statements(case: dict[str, Any]) -> list[str]:
    return [case["sql"]] if isinstance(case["sql"], str) else case["sql"]


@pytest.mark.parametrize("case", ATTACKS, ids=[c["id"] for c in ATTACKS])
def test_attack_is_held(system: System, case: dict[str, Any], tmp_path: Path) -> None:
    outcomes = [ask(system, case["policy_context"], sql) for sql in statements(case)]
    if case["policy_context"] == NOISY and fault(case, outcomes).endswith("exact"):
        outcomes = asked_anew(case, tmp_path)
    assert fault(case, outcomes) == "", [(o.code, o.rows and o.rows[:3]) for o in outcomes]


def asked_anew(case: dict[str, Any], folder: Path) -> list[Outcome]:
    """By a system of its own, twice if need be: of twenty noises one is 0, and stays so for whoever asks again.

    Noise that is never 0 would be none: it would tell what the figure is not.
    """
    outcomes: list[Outcome] = []
    for attempt in range(2):
        system = System(folder / str(attempt)).start()
        try:
            system.load(CORPUS / "scenario.yaml")
            outcomes = [ask(system, case["policy_context"], sql) for sql in statements(case)]
        finally:
            system.stop()
        if not fault(case, outcomes):
            break
    return outcomes


@pytest.mark.parametrize("case", LEGIT, ids=[c["id"] for c in LEGIT])
def test_honest_question_is_answered_to_the_digit(system: System, case: dict[str, Any]) -> None:
    outcome = [ask(system, case["policy_context"], sql) for sql in statements(case)][-1]
    if case.get("optional") and outcome.rows is None:
        assert outcome.code in (
            "NOT_SUPPORTED",
            "FUNCTION_NOT_ALLOWED",
            "AGGREGATE_ONLY",
            "VALUES_NOT_COUNTED",
        )  # said plainly
        return
    assert outcome.rows is not None, outcome.text
    expected = [plain(row) for row in case["expected_rows"]]
    shown = outcome.rows[: len(expected)] if case.get("expected_rows_truncated") else outcome.rows
    assert len(outcome.rows) == case["expected_rowcount"]
    assert same_rows(shown, expected, bool(case.get("row_order_matters")))


@pytest.mark.parametrize("case", [*cases("calendars"), *cases("tools")], ids=lambda case: case["id"])
def test_our_own_expectations_are_what_a_perfect_gate_gives(case: dict[str, Any]) -> None:
    told = raw_rows(case.get("reference_sql", case["sql"]))
    assert same_rows(told, case["expected_rows"], ordered=case["row_order_matters"])


def test_every_contract_is_still_well(system: System) -> None:
    """A contract that had fallen into a general refusal would have made every later attack look held."""
    for contract in ("P1", "P1s", "P1r", "P1n", "P2", "P3", "P5"):
        assert system.ask(contract, "SELECT count(*) FROM provinces") == [(8,)]
    assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
