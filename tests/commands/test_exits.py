"""`amanat accept`, `award`, `exit …`, from the command line to the records of a state folder and back."""

from __future__ import annotations

from tests.commands.running import Run, told

OF = ("--contract", "C2")


def test_the_contract_of_the_other_executor_waits_until_the_market_month_is_over(run: Run) -> None:
    at_work = told(run("exclusivity", "--problem", "roads", "--by", "chair"))
    assert [(h["executor"], h["phase"]) for h in at_work["holders"]] == [("lab", "development")]
    accepted = told(run("accept", *OF, "--by", "chair", "--decision", "mc-7"))
    after = told(run("exclusivity", "--problem", "roads", "--by", "chair"))
    assert after["opens_at"] == accepted["market_until"]
    assert [h["phase"] for h in after["holders"]] == ["market"]


def test_choosing_and_sharing_rest_on_decisions(run: Run) -> None:
    award = ("award", "--problem", "parks", "--executor", "lab", "--by", "chair")
    refused = run(*award)
    assert (refused.exit_code, "[AMANAT:DECISION_NEEDED] (S3-P9)" in refused.stderr) == (1, True)
    assert told(run(*award, "--decision", "mc-1"))["executor"] == "lab"
    at_work = run("award", "--problem", "roads", "--executor", "lab", "--by", "chair", "--decision", "mc-1")
    assert (at_work.exit_code, "[AMANAT:EXCLUSIVE] (S3-P9-R1)" in at_work.stderr) == (1, True)
    shared = told(run("share", "--problem", "roads", "--dataset", "town", "--by", "chair", "--decision", "mc-2"))
    assert (shared["problem"], shared["dataset"]) == ("roads", "town")


def test_leaving_step_by_step(run: Run) -> None:
    asked = told(run("exit", "ask", *OF, "--by", "ana", "--kind", "failure", "--text", "It cannot be done."))
    assert asked["state"] == "asked"
    given = told(run("exit", "approve", *OF, "--by", "judge", "--committee", "qualification", "--decision", "qc-1"))
    assert given["state"] == "one_approval"
    given = told(run("exit", "approve", *OF, "--by", "chair", "--committee", "monitoring", "--decision", "mc-1"))
    assert given["state"] == "closing"
    report = told(run("exit", "report", *OF, "--by", "chair", "--text", "The streets have changed."))
    assert report["by"] == "chair"
    refused = run("exit", "close", *OF, "--by", "chair", "--decision", "mc-2")
    assert (refused.exit_code, "[AMANAT:END_NOT_COMPLETE] (D-2)" in refused.stderr) == (1, True)
    (shown,) = told(run("exit", "show", *OF, "--by", "ana"))
    assert shown["state"] == "closing"
    assert run("exit", "certificate", *OF, "--by", "ana").exit_code == 1


def test_a_refusal_is_on_record_with_its_reason(run: Run) -> None:
    told(run("exit", "ask", *OF, "--by", "ana", "--kind", "voluntary", "--text", "Enough."))
    text = ("--committee", "monitoring", "--text", "The reports are owed.")
    assert told(run("exit", "refuse", *OF, "--by", "chair", *text))["state"] == "refused"
