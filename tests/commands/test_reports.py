"""`amanat report`, `signal` and `days`, from the command line to the records of a state folder and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from access_broker.adapters.records import SqlRecords
from access_broker.adapters.state_dir import StateDir
from access_broker.cli import app
from access_broker.domain.audit import AuditEvent
from access_broker.domain.signals import Signal, SignalKind
from access_broker.use_cases.calendar import month_number, today
from tests.commands.running import Run, told

OF = ("--contract", "C2")
TODAY = today(datetime.now(UTC))


def test_a_report_from_the_list_to_the_committee(run: Run) -> None:
    owed = told(run("report", "list", *OF, "--by", "ana"))
    assert {(one["kind"], one["state"]) for one in owed} == {("periodic", "due"), ("narrative", "due")}
    which = ("--kind", "periodic", "--number", "1")
    filed = told(run("report", "file", *OF, "--by", "ana", *which, "--text", "پیش رفت"))
    assert filed["state"] == "filed"
    seen = told(run("report", "seen", *OF, "--by", "chair", *which, "--seen", filed["digest"]))
    assert (seen["state"], seen["seen_by"]) == ("seen", "chair")
    assert "[AMANAT:NOT_NAMED]" in run("report", "file", *OF, "--by", "chair", *which, "--text", "x").stderr


def test_a_report_may_come_from_stdin(run: Run, state: Path) -> None:
    which = ("--kind", "periodic", "--number", "1", "--state", str(state))
    filed = CliRunner().invoke(app, ["report", "file", *OF, "--by", "ana", *which], input="از پرونده\n")
    assert told(filed)["state"] == "filed"


def test_activity_and_statement(run: Run) -> None:
    (week,) = told(run("report", "activity", *OF, "--by", "chair"))
    assert (week["number"], week["whole"], week["total"]["warnings"]) == (1, False, 1)
    month = told(run("report", "statement", *OF, "--by", "ana", "--month", str(month_number(TODAY))))
    assert month["total"] == week["total"]
    assert "[AMANAT:NOT_FOUND]" in run("report", "activity", *OF, "--by", "chair", "--recount", "1").stderr


@pytest.mark.parametrize(
    ("verb", "word", "after"), [("discount", "reason", "discounted"), ("pursue", "text", "pursued")]
)
def test_signals(run: Run, state: Path, verb: str, word: str, after: str) -> None:
    records = SqlRecords(StateDir.at(state).records_url, "broker", state=StateDir.at(state).audit_keys)
    with records.write() as writer:
        signal = Signal("C2", SignalKind.BUDGET, TODAY, "", 1, 1, "S3-P5", datetime.now(UTC))
        writer.file(signal, AuditEvent("signal.raised", "clerk", "C2", "S3-P5"))
    records.close()
    (told_of,) = told(run("signal", "list", *OF, "--by", "chair"))
    assert (told_of["kind"], told_of["state"]) == ("budget", "raised")
    decided = told(run("signal", verb, *OF, "--by", "chair", "--kind", "budget", "--day", "today", f"--{word}", "چرا"))
    assert decided["state"] == after


def test_days(run: Run) -> None:
    assert told(run("days", "close", "--day", "today+1d", "--name", "سرما"))["organisation"] is None
    week = told(run("days", "week", "--organisation", "lab", "--off", "3", "--off", "4", "--from", "today"))
    assert (week["days_off"], week["valid_to"]) == ([3, 4], None)
    days = told(run("days", "show", "--organisation", "lab", "--by", "ana", "--count", "9"))
    assert len(days) == 9
    assert days[1]["why"] == "سرما"
    wrong = run("days", "close", "--day", "someday", "--name", "x")
    assert (wrong.exit_code, "someday is not a day" in wrong.stderr) == (2, True)
