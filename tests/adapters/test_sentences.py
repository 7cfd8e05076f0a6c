"""What a refused person reads: right in both languages, whole without details, and never a way to smuggle text in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from access_broker.adapters.sentences import (
    LANGUAGES,
    LONGEST_DETAIL,
    catalogue,
    day,
    day_of,
    language_of,
    moment,
    next_step,
    number,
    plain,
    sentence,
    translate,
    what,
)
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from access_broker.domain.people import Committee
from access_broker.domain.reasons import REASONS
from access_broker.domain.text import has_invisible
from scripts.check_translations import expected_msgids, faults, template_faults

WIRE_LIMIT = 800  # bytes: the gateway cuts a text at 1000, and details need room too


def test_the_catalogues_are_complete_and_clean() -> None:
    assert faults() == []


def test_every_code_and_every_name_of_the_domain_is_expected() -> None:
    expected = expected_msgids()

    assert {f"reason.{code}.{part}" for code in REASONS for part in ("what", "next")} <= expected
    assert {"Committee.monitoring", "ContractState.cut", "Use.project"} <= expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", REASONS)
def test_a_sentence_reads_whole_without_any_detail(code: str, language: str) -> None:
    told = sentence(Reason(code), {}, language)

    assert f"[AMANAT:{code}]" in told
    assert not set("{}…") & set(told.replace("`JOIN … ON`", "").replace("Bearer …", "").replace("(DISTINCT …)", ""))
    assert told.count("[") == 1
    assert told.endswith(".")
    assert len(told.encode("utf-8")) <= WIRE_LIMIT


def test_code_and_rule_stand_first() -> None:
    told = sentence(Reason("NOT_GRANTED", "S3-P5"), {"name": "salry"}, "en")

    assert told.startswith("[AMANAT:NOT_GRANTED] (S3-P5) ")
    assert "salry" in told
    assert told.endswith(next_step("NOT_GRANTED", {}, "en"))


def test_persian_isolates_the_code_so_that_the_line_still_runs_right_to_left() -> None:
    told = sentence(Reason("NOT_GRANTED", "S3-P5"), {"name": "salry"}, "fa")

    assert told.startswith("\u2068[AMANAT:NOT_GRANTED] (S3-P5)\u2069 ")
    assert "\u2068salry\u2069" in told
    assert told.count("\u2068") == told.count("\u2069")


def test_english_carries_no_invisible_character() -> None:
    assert not any(has_invisible(sentence(Reason(code), {}, "en")) for code in REASONS)


def test_an_unknown_code_is_an_internal_fault_and_does_not_echo() -> None:
    assert sentence(Reason("TOP_SECRET", "X-1"), {}, "en") == sentence(Reason("INTERNAL"), {}, "en")


def test_the_reference_number_is_told_as_it_is() -> None:
    for language in LANGUAGES:
        assert "9F3A0012" in sentence(Reason("INTERNAL"), {"reference": "9F3A0012"}, language)


def test_a_detail_that_no_sentence_names_is_not_told() -> None:
    assert sentence(Reason("BUSY"), {"path": "/var/lib/amanat/secret"}, "en") == sentence(Reason("BUSY"), {}, "en")


@pytest.mark.parametrize("absent", ["", None, (), frozenset()])
def test_an_empty_detail_is_no_detail(absent: object) -> None:
    assert what("NOT_GRANTED", {"name": absent}, "en") == what("NOT_GRANTED", {}, "en")


def test_zero_is_a_detail() -> None:
    assert "takes 0, 2 came" in what("BAD_PARAMETERS", {"expected": 0, "given": 2}, "en")


def test_typed_text_is_one_visible_clipped_line() -> None:
    shown = plain("user\u202egpj.exe\n\x00\u200b" + "x" * 500)

    assert shown.startswith("usergpj.exe xx")
    assert len(shown) == LONGEST_DETAIL
    assert shown.endswith("…")
    assert not has_invisible(shown)


def test_the_half_space_stays_between_persian_letters_only() -> None:
    assert plain("می\u200cرود") == "می\u200cرود"
    assert plain("se\u200clect\u200c") == "select"
    assert plain("\u200cنام\u200c") == "نام"


def test_typed_markup_is_only_text() -> None:
    told = what("NOT_GRANTED", {"name": "{k} [x] `y`"}, "fa")

    assert "\u2068{k} [x] `y`\u2069" in told


def test_numbers_and_times_follow_the_language() -> None:
    ends = {"ends_at": datetime(2026, 11, 21, 20, 30, tzinfo=UTC)}

    assert "2026-11-21 20:30 UTC" in what("CONTRACT_EXPIRED", ends, "en")
    assert "۱۴۰۵/۰۹/۰۱ ۰۰:۰۰" in what("CONTRACT_EXPIRED", ends, "fa")
    assert what("CONTRACT_EXPIRED", {"ends_at": datetime(2026, 11, 21, 20, 30)}, "en") == what(
        "CONTRACT_EXPIRED", ends, "en"
    )
    assert "۱۰ نفر" in what("BELOW_K", {"k": 10}, "fa")
    assert "at least 10" in what("BELOW_K", {"k": 10}, "en")


def test_values_of_our_enumerations_are_named() -> None:
    assert "suspended" in what("STATE_FORBIDS", {"state": ContractState.SUSPENDED}, "en")
    assert "تعلیق‌شده" in what("STATE_FORBIDS", {"state": ContractState.SUSPENDED}, "fa")
    assert "Monitoring Committee, Qualification Committee" in what(
        "APPROVAL_MISSING", {"missing": set(Committee)}, "en"
    )
    assert "کمیته رصد و پایش، کمیته بررسی صلاحیت" in what("APPROVAL_MISSING", {"missing": tuple(Committee)}, "fa")


@pytest.mark.parametrize(
    ("tag", "language"), [("fa", "fa"), ("fa-IR", "fa"), ("FA_ir", "fa"), ("en-GB", "en"), ("de", "en"), ("", "en")]
)
def test_language_tags(tag: str, language: str) -> None:
    assert language_of(tag) == language


def test_a_missing_message_comes_out_as_its_id() -> None:
    assert translate("cli.no_such_message", "fa") == "cli.no_such_message"


def test_the_languages_differ() -> None:
    same = [msgid for msgid, text in catalogue("en").items() if catalogue("fa")[msgid] == text]

    assert same == []


@pytest.mark.parametrize(
    ("language", "template", "fault"),
    [
        ("fa", "كمیته.", "Arabic letter"),
        ("fa", "می رود.", "half-space"),
        ("fa", "ستون های تازه.", "half-space"),
        ("fa", "پیمانکار آمد.", "مجری"),
        ("fa", "با SELECT بنویسید.", "Latin text"),
        ("fa", "این ستون وجود ندارد.", "exists"),
        ("en", "That column does not exist.", "exists"),
        ("en", "No {name} here.", "outside [brackets]"),
        ("en", "Here[ now].", "without a detail"),
        ("en", "Here [{name}", "do not pair"),
        ("en", "Not a sentence", "full stop"),
    ],
)
def test_a_bad_translation_is_found(language: str, template: str, fault: str) -> None:
    assert any(fault in found for found in template_faults("reason.X.what", language, template))


def test_every_catalogue_of_a_language_is_read() -> None:
    assert {"reason.INVALID.what", "console.brand"} <= catalogue("fa").keys()


def test_days_moments_and_numbers_stand_alone_too() -> None:
    at = datetime(2026, 11, 21, 20, 30, 5, tzinfo=UTC)

    assert (day(at, "en"), day(at, "fa")) == ("2026-11-21", "۱۴۰۵/۰۹/۰۱")
    assert moment(at, "en", seconds=True) == "2026-11-21 20:30:05 UTC"
    assert (number(1405, "en"), number(1405, "fa")) == ("1405", "۱۴۰۵")
    assert day_of(1405, 9, 1) == datetime(2026, 11, 21, 20, 30, tzinfo=UTC)
    with pytest.raises(ValueError, match="day"):
        day_of(1405, 12, 30)
