"""Delivering an answer batch by batch: nothing goes out that the contract, at that very moment, does not allow."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.sql.rewrite import Statement
from access_broker.use_cases.even_time import EvenTime
from access_broker.use_cases.failing import Failing
from access_broker.use_cases.gate_ports import Answer
from access_broker.use_cases.ports import Unavailable

log = logging.getLogger("amanat.query")

_MAYBE_CUT = frozenset({"WORKER_LOST", "CANCELLED", "INTERNAL", "NOT_PUBLISHED"})

Standing = Callable[[], tuple[str, str] | None]
"""Returns (code, rule) once the login has ended, None while it stands."""


class Delivery:
    """An answer on its way out. `schema` has the asker's column names and no column of ours.

    Closes its record exactly once: complete, cut (the contract ended under it) or failed.
    """

    def __init__(
        self,
        standing: Standing,
        close_record: Callable[[dict[str, Any]], None],
        max_rows: int,
        spend_rows: Callable[[int], None],
        even_time: EvenTime,
        failing: Failing,
        resources: ExitStack,
    ) -> None:
        self._standing, self._close_record = standing, close_record
        self._max_rows, self._spend_rows, self._even_time = max_rows, spend_rows, even_time
        self._failing, self._resources = failing, resources
        self._started, self._rows, self._bytes = time.monotonic(), 0, 0
        self._outcome = "closed early"
        self._closed = False
        self.guarded = False
        """It reads people's rows: then how it fails may be true of one of them (see `Failing`)."""
        self._answer: Answer | None = None
        self._first: Any = None
        self.schema: Any = None

    def start(self, answer: Answer, statement: Statement) -> None:
        """Take over a running answer. With a `held` column the one row is looked at before anything is shown."""
        self._answer, self._statement = answer, statement
        self._resources.callback(answer.close)
        self.schema = _shown(answer.schema.empty_table(), statement).schema
        self._batches = answer.batches()
        if statement.held:
            self._first = next(self._batches, None)
            # no row at all (HAVING said no) must look like too few people, or it would tell what the figure was
            if self._first is None or not self._held(self._first):
                raise Refused("BELOW_K", "S3-P5")
        if self.guarded and self._even_time.asked_for:  # the last row takes as long as the first
            self._batches, self._first = iter(list(self._remaining())), None
            self._even_time.wait()

    @staticmethod
    def _held(batch: Any) -> bool:
        flags = batch.column(batch.num_columns - 1).to_pylist()
        return bool(flags) and all(flags)

    @staticmethod
    def schema_of(answer: Answer, statement: Statement) -> Any:
        try:
            return _shown(answer.schema.empty_table(), statement).schema
        finally:
            answer.close()

    def batches(self) -> Iterator[Any]:
        """(8) The standing is read again before every batch, the first one included."""
        try:
            for batch in self._remaining():
                self._check_standing()
                shown = _shown(batch, self._statement)
                self._rows += shown.num_rows
                self._bytes += shown.nbytes
                if self._rows > self._max_rows:
                    raise Refused("RESOURCE_LIMIT")
                self._spend_rows(shown.num_rows)
                yield shown
            self._check_standing()
            self._outcome = "complete"
        except GeneratorExit:
            raise
        except BaseException as error:
            raise self.failed(error) from error
        finally:
            self.close()

    def _remaining(self) -> Iterator[Any]:
        if self._first is not None:
            yield self._first
        yield from self._batches

    def _check_standing(self) -> None:
        ended = self._standing()
        if ended:
            raise Refused(*ended)

    def failed(self, error: BaseException) -> BaseException:
        """Close as failed or cut and give back what the asker may be told.

        A worker that was killed because the contract was cut must say "cut", not "lost".
        """
        self._outcome = "failed"
        if isinstance(error, Refused) and error.reason.code in _MAYBE_CUT:
            with suppress(Unavailable):
                ended = self._standing()
                if ended:
                    error = Refused(*ended)
        if self.guarded:
            error = self._failing.told(error)
            self._even_time.wait()
        if isinstance(error, Refused):
            code = error.why or error.reason.code
            self._outcome = "cut" if code.startswith("CONTRACT_") else f"refused {code}"
        self.close()
        return error

    def close(self) -> None:
        """(9) Free the worker and close the record, without waiting for the disk: the decision is durable already,

        and one whose closing was lost stands there unclosed, which an auditor sees.
        """
        if self._closed:
            return
        self._closed = True
        self._resources.close()
        milliseconds = round((time.monotonic() - self._started) * 1000)
        body = {"outcome": self._outcome, "rows": self._rows, "bytes": self._bytes, "ms": milliseconds}
        try:
            self._close_record(body)
        except Unavailable as error:
            log.error("record not closed: %s", error.code)


def _shown(data: Any, statement: Statement) -> Any:
    """A table or batch without our own last column and with the names the asker chose."""
    wanted = data.select(list(range(len(statement.output_names))))
    return wanted.rename_columns(statement.output_names)
