"""`amanat keys …` and `amanat withdraw`, from the command line to the records of a state folder and back."""

from __future__ import annotations

import pytest

from tests.commands.running import Run, seen, told


def test_all_keys_from_first_to_last(run: Run) -> None:
    of = ("--contract", "C1")
    before = told(run("keys", "show", *of, "--by", "chair"))
    assert before["state"] == "drafted"
    assert {key["code"] for key in before["missing"]} == {
        "SIGNATURE_MISSING",
        "APPROVAL_MISSING",
        "CONSENT_MISSING",
        "GUARANTEE_MISSING",
    }
    text = ("--seen", before["digest"])
    told(run("keys", "sign", *of, "--by", "clerk", "--party", "government", *text))
    told(run("keys", "sign", *of, "--by", "ana", "--party", "executor", *text))
    told(run("keys", "sign", *of, "--by", "deputy", "--party", "ito", *text))
    told(run("keys", "consent", *of, "--by", "keeper", "--dataset", "town", *text))
    approve = ("keys", "approve", *of)
    told(run(*approve, "--by", "chair", "--committee", "monitoring", "--decision", "MC-1", *text))
    told(run(*approve, "--by", "judge", "--committee", "qualification", *text))
    for kind in ("nda", "non_publication"):
        told(run("keys", "guarantee", *of, "--by", "judge", "--kind", kind, "--until", "today+100d"))
    after = told(run("keys", "show", *of, "--by", "chair"))
    assert after["missing"] == []
    assert [(a["committee"], a["person"], a["decision"]) for a in after["keys"]["approvals"]] == [
        ("monitoring", "chair", "approved"),
        ("qualification", "judge", "approved"),
    ]
    assert (after["keys"]["signatures"], after["keys"]["ito_approved"]) == (["government", "executor"], True)


def test_a_party_sees_the_text_and_no_keys(run: Run) -> None:
    shown = told(run("keys", "show", "--contract", "C1", "--by", "ana"))
    assert (shown["keys"], shown["missing"]) == (None, None)
    assert len(shown["digest"]) == 64


def test_somebody_of_the_owner_without_a_role_reads_the_draft_to_sign_it(run: Run) -> None:
    shown = told(run("keys", "show", "--contract", "C1", "--by", "clerk"))
    assert shown["digest"] == seen(run)
    assert shown["keys"] is None, "how it came about is for overseers"
    assert run("keys", "show", "--contract", "C1", "--by", "bob").exit_code == 1


def test_a_rejection_is_no_key(run: Run) -> None:
    words = ("keys", "approve", "--contract", "C1", "--by", "chair", "--committee", "monitoring", "--reject")
    given = told(run(*words, "--seen", seen(run)))
    assert [approval["decision"] for approval in given["approvals"]] == ["rejected"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sign", "--by", "ana", "--party", "government"), "NOT_PERMITTED"),
        (("sign", "--by", "bob", "--party", "executor"), "NOT_FOUND"),
        (("approve", "--by", "judge", "--committee", "monitoring"), "NOT_PERMITTED"),
        (("approve", "--by", "clerk", "--committee", "monitoring"), "NOT_PERMITTED"),
        (("consent", "--by", "chair", "--dataset", "town"), "NOT_PERMITTED"),
        (("approve", "--by", "chair", "--committee", "tea"), "INVALID"),
    ],
)
def test_a_key_from_another_hand_is_refused(run: Run, words: tuple[str, ...], code: str) -> None:
    result = run("keys", *words, "--contract", "C1", "--seen", seen(run))
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"[AMANAT:{code}]" in result.stderr


@pytest.mark.parametrize("text", ["0" * 64, "abc"])
def test_a_key_for_a_text_that_was_not_seen_is_refused(run: Run, text: str) -> None:
    result = run("keys", "sign", "--contract", "C1", "--by", "clerk", "--party", "government", "--seen", text)
    assert result.exit_code == 1
    assert f"[AMANAT:{'CONFLICT' if len(text) == 64 else 'INVALID'}]" in result.stderr


@pytest.mark.parametrize("until", ["tomorrow", "1405-13-01", "2026-02-30", "1405-0۸-01x", ""])
def test_a_guarantee_until_no_day_is_wrong_usage(run: Run, until: str) -> None:
    result = run("keys", "guarantee", "--contract", "C1", "--by", "judge", "--kind", "nda", "--until", until)
    assert result.exit_code == 2
    assert "is not a day" in result.stderr


@pytest.mark.parametrize(("kind", "until"), [("promise", "today+9d"), ("nda", "1400-01-01"), ("nda", "today+30000d")])
def test_a_guarantee_that_is_none_is_refused(run: Run, kind: str, until: str) -> None:
    result = run("keys", "guarantee", "--contract", "C1", "--by", "judge", "--kind", kind, "--until", until)
    assert result.exit_code == 1
    assert "[AMANAT:INVALID]" in result.stderr


class TestWithdrawal:
    """C2 is in force, and the committee has warned once."""

    def test_a_warning_is_taken_back_once_and_stays_so(self, run: Run) -> None:
        words = ("withdraw", "--contract", "C2", "--warning", "1", "--reason", "We mistook the day.")
        withdrawn = told(run(*words, "--by", "deputy"))
        assert (withdrawn["number"], withdrawn["withdrawn"]) == (1, True)
        assert withdrawn["withdrawn_why"] == "We mistook the day."
        assert told(run(*words, "--by", "chair")) == withdrawn, "the first word stands"

    @pytest.mark.parametrize(
        ("who", "number", "reason", "code"),
        [
            ("ana", "1", "A mistake.", "NOT_PERMITTED"),
            ("judge", "1", "A mistake.", "NOT_PERMITTED"),
            ("bob", "1", "A mistake.", "NOT_FOUND"),
            ("chair", "2", "A mistake.", "NOT_FOUND"),
            ("chair", "0", "A mistake.", "INVALID"),
            ("chair", "1", "", "INVALID"),
            ("chair", "1", "   ", "INVALID"),
            ("chair", "1", "turned \u202e round", "INVALID"),
        ],
    )
    def test_who_may_and_why(self, run: Run, who: str, number: str, reason: str, code: str) -> None:
        result = run("withdraw", "--contract", "C2", "--by", who, "--warning", number, "--reason", reason)
        assert (result.exit_code, result.stdout) == (1, "")
        assert f"[AMANAT:{code}]" in result.stderr
