"""Every exception of a request becomes one Flight error with `[AMANAT:CODE]` and no word of ours beside it.

A fault gets a reference number; its traceback goes to the log `amanat.gateway` under that number and nowhere else.
"""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from types import TracebackType

import pyarrow.flight as flight

from access_broker.domain.decisions import Refused
from access_broker.domain.reasons import REASONS
from access_broker.gateway.service import Describe
from access_broker.use_cases.ports import Unavailable

log = logging.getLogger("amanat.gateway")

# Clients drop a response with more than 8 KiB of trailers, and the text with it. It travels up to three times in them,
# once percent-encoded: five to six bytes for each of a Persian sentence.
_MAX_TEXT_BYTES = 1200

_KINDS: dict[str, type[flight.FlightError]] = {
    "BUSY": flight.FlightUnavailableError,
    "WORKER_LOST": flight.FlightUnavailableError,
    "NOT_PUBLISHED": flight.FlightUnavailableError,
    "POLICY_UNAVAILABLE": flight.FlightUnavailableError,
    "RECORDS_UNAVAILABLE": flight.FlightUnavailableError,
    "AUDIT_UNAVAILABLE": flight.FlightUnavailableError,
    "LEDGER_UNAVAILABLE": flight.FlightUnavailableError,
    "CANCELLED": flight.FlightCancelledError,
    "TOO_SLOW": flight.FlightTimedOutError,
}
_KINDS_OF_GROUP: dict[str, type[flight.FlightError]] = {
    "login": flight.FlightUnauthenticatedError,
    "contract": flight.FlightUnauthorizedError,
    "statement": flight.FlightUnauthorizedError,
    "grant": flight.FlightUnauthorizedError,
    "act": flight.FlightUnauthorizedError,
    "committee": flight.FlightUnauthorizedError,
    "running": flight.FlightServerError,
    "system": flight.FlightServerError,
}


def hide_tracebacks() -> None:
    """Keep tracebacks off the wire, in the whole process; to be called where the gateway's process begins.

    Arrow formats the traceback of an exception it does not expect into the error it sends: one raised in its own code
    before ours is reached, and whatever `get_schema` raises. This is the only switch it heeds. The handlers of the
    root logger keep theirs.
    """
    sys.tracebacklimit = 0
    for handler in logging.getLogger().handlers:
        formatter = handler.formatter or logging.Formatter()
        formatter.formatException = _whole_traceback  # type: ignore[method-assign, assignment]
        handler.setFormatter(formatter)


class Errors:
    """Turns exceptions into Flight errors. `describe` may itself fail: then the code goes out without a sentence."""

    def __init__(self, describe: Describe) -> None:
        self._describe = describe

    def to_flight(self, error: Exception, language: str) -> flight.FlightError:
        """The error to raise. ADBC shows login, contract, statement and grant codes as ProgrammingError."""
        refused = self._as_refusal(error)
        code = refused.reason.code
        group = REASONS[code].group if code in REASONS else "system"
        kind = _KINDS.get(code) or _KINDS_OF_GROUP[group]
        return kind(_clip(self.text(refused, language)))

    def text(self, refused: Refused, language: str) -> str:
        """`[AMANAT:CODE] (rule) sentence`; a reference number in the refusal is always part of it."""
        code, rule = refused.reason.code, refused.reason.rule
        mark = f"[AMANAT:{code}]"
        try:
            said = self._describe(refused, language)
        except Exception as error:
            log_fault(error, "no sentence")
            said = f"{mark} ({rule})" if rule else mark
        if mark not in said:
            said = f"{mark} ({rule}) {said}" if rule else f"{mark} {said}"
        reference = refused.detail.get("reference", "")
        return said if reference in said else f"{said} ({reference})"

    def _as_refusal(self, error: Exception) -> Refused:
        if isinstance(error, Refused):
            return error
        if isinstance(error, Unavailable):
            log.error("%s: %s", error.code, error.cause)
            return Refused(error.code)
        reference = secrets.token_hex(4).upper()
        log_fault(error, reference)
        return Refused("INTERNAL", reference=reference)


def log_fault(error: Exception, reference: str) -> None:
    """The whole fault into the log."""
    log.error("fault %s\n%s", reference, _whole_traceback((type(error), error, error.__traceback__)))


def _whole_traceback(info: tuple[type[BaseException], BaseException, TracebackType | None]) -> str:
    return "".join(traceback.format_exception(*info, limit=50)).rstrip()  # its own depth, whatever the process says


def _clip(text: str) -> str:
    raw = text.encode("utf-8", "replace")
    return text if len(raw) <= _MAX_TEXT_BYTES else raw[: _MAX_TEXT_BYTES - 3].decode("utf-8", "ignore") + "…"
