"""What it costs to ask what fails while it runs.

That a statement over people failed may be true of one of them alone. What is known to fail on a value is rewritten or
refused beforehand; this bounds what is not known: whoever finds more of it reads a few bits a day by it, and an
operator is told. Rule S3-P5.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from access_broker.domain.decisions import Refused
from access_broker.use_cases.alarm import alarm_of
from access_broker.use_cases.asked import Asked
from access_broker.use_cases.gate_ports import Budget
from access_broker.use_cases.ports import AuditLog, Unavailable

log = logging.getLogger("amanat.query")

ON_A_VALUE = "VALUE_ERROR"
_PER_DAY = {ON_A_VALUE: 5, "TOO_SLOW": 50, "RESOURCE_LIMIT": 50, "WORKER_LOST": 50}
"""How many such failures are a day's statements. No honest statement is known to fail on a value; long ones are."""


@dataclass(frozen=True)
class Failing:
    """Of one statement over people, that is asked on `day` (see `left_today.day_of`)."""

    budget: Budget
    audit: AuditLog
    asked: Asked
    day: str

    def told(self, error: BaseException) -> BaseException:
        """What the asker is told of it: that it failed on a value looks like too few people. Counted before.

        A store that is gone does not stop the refusal: the next statement cannot be counted then either.
        """
        code = error.reason.code if isinstance(error, Refused) else ""
        if code not in _PER_DAY:
            return error
        try:
            self._count(code)
        except Unavailable as lost:
            log.error("a failure was not counted: %s", lost.code)
        return Refused("BELOW_K", "S3-P5") if code == ON_A_VALUE else error

    def _count(self, code: str) -> None:
        contract = self.asked.contract
        limit = contract.terms.daily_queries
        self.budget.fine(contract.id, self.day, -(-limit // _PER_DAY[code]), limit)
        if code == ON_A_VALUE:
            log.error("a guarded statement failed on a value: the rewriter let something through that can fail")
            self.audit.record(
                alarm_of(self.asked.login.person, contract.id, self.asked.question.text, "failed on a value")
            )
