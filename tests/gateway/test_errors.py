from __future__ import annotations

import io
import logging
import re
import traceback

import pyarrow.flight as flight
import pytest

from access_broker.domain.decisions import Refused
from access_broker.domain.reasons import REASONS
from access_broker.gateway.errors import Errors, hide_tracebacks
from access_broker.use_cases.ports import Unavailable

from .conftest import assert_clean
from .fake_service import SECRET, describe

errors = Errors(describe)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_code_reaches_the_client(code: str) -> None:
    error = errors.to_flight(Refused(code, "S3-P5"), "en")
    assert str(error) == f"[AMANAT:{code}] (S3-P5) Ask your data steward for it."


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NO_TOKEN", flight.FlightUnauthenticatedError),
        ("WRONG_DOOR", flight.FlightUnauthenticatedError),
        ("CONTRACT_CUT", flight.FlightUnauthorizedError),
        ("NOT_GRANTED", flight.FlightUnauthorizedError),
        ("SYNTAX", flight.FlightUnauthorizedError),
        ("BUSY", flight.FlightUnavailableError),
        ("WORKER_LOST", flight.FlightUnavailableError),
        ("TOO_SLOW", flight.FlightTimedOutError),
        ("CANCELLED", flight.FlightCancelledError),
        ("VALUE_ERROR", flight.FlightServerError),
        ("POLICY_UNAVAILABLE", flight.FlightUnavailableError),
        ("INTERNAL", flight.FlightServerError),
        ("A_CODE_NOBODY_KNOWS", flight.FlightServerError),
    ],
)
def test_the_kind_of_error_follows_the_code(code: str, kind: type[Exception]) -> None:
    assert type(errors.to_flight(Refused(code), "en")) is kind


def test_the_language_chooses_the_sentence() -> None:
    assert "امین" in str(errors.to_flight(Refused("NOT_GRANTED"), "fa"))


def test_the_outside_being_away_is_a_refusal_with_its_code(caplog: pytest.LogCaptureFixture) -> None:
    text = str(errors.to_flight(Unavailable("RECORDS_UNAVAILABLE", SECRET), "en"))
    assert text.startswith("[AMANAT:RECORDS_UNAVAILABLE]")
    assert_clean(text)
    assert SECRET in caplog.text


def test_a_fault_is_a_number_outside_and_a_traceback_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise RuntimeError(SECRET)
    except RuntimeError as fault:
        text = str(errors.to_flight(fault, "en"))
    assert_clean(text)
    reference = re.search(r"\(([0-9A-F]{8})\)", text)
    assert reference is not None
    assert f"fault {reference[1]}" in caplog.text
    assert "test_a_fault_is_a_number" in caplog.text
    assert SECRET in caplog.text
    assert {r.name for r in caplog.records if r.levelno >= logging.ERROR} == {"amanat.gateway"}


def test_a_catalogue_without_the_sentence_still_gives_code_and_rule(caplog: pytest.LogCaptureFixture) -> None:
    def broken(refused: Refused, language: str) -> str:
        raise KeyError(SECRET)

    assert str(Errors(broken).to_flight(Refused("NOT_GRANTED", "S3-P5"), "en")) == "[AMANAT:NOT_GRANTED] (S3-P5)"
    bare = Errors(lambda refused, language: "Ask for it.")
    assert str(bare.to_flight(Refused("NOT_GRANTED", "S3-P5"), "en")) == "[AMANAT:NOT_GRANTED] (S3-P5) Ask for it."


@pytest.mark.parametrize("letter", ["a", "ش", "🙂"])
def test_a_long_text_is_cut_so_that_it_arrives_at_all(letter: str) -> None:
    text = str(Errors(lambda refused, language: "[AMANAT:BUSY] " + letter * 9000).to_flight(Refused("BUSY"), "fa"))
    assert len(text.encode()) <= 1200
    assert text.startswith("[AMANAT:BUSY] " + letter)
    assert text.endswith("…")


def test_hidden_tracebacks_stay_in_the_log() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    try:
        hide_tracebacks()
        raise_and_log()
    finally:
        logging.getLogger().removeHandler(handler)
    assert "in raise_and_log" in stream.getvalue()
    assert traceback.format_exception(RuntimeError("x")) == ["RuntimeError: x\n"]


def raise_and_log() -> None:
    try:
        raise RuntimeError(SECRET)
    except RuntimeError:
        logging.getLogger("amanat.gateway").exception("it failed")
