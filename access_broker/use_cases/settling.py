"""Running a statement in a cheap form where that is certain, else in its exact form. The answer is the same.

Both forms, and the questions asked before, run on one worker, which holds one published file that never changes: what
was in doubt once stays so, and is remembered with the statement for as long as that publication's is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Refused
from access_broker.sql.guards import cheaper, heaviest_of
from access_broker.sql.statement import Cheaper, Statement
from access_broker.sql.verify import check
from access_broker.use_cases.failing import ON_A_VALUE
from access_broker.use_cases.gate_ports import Answer, ShouldStop, Worker
from access_broker.use_cases.recent import Recent

log = logging.getLogger("amanat.query")

_KEEP = 1024


class Settling:
    """Remembers of each published table how many rows its people have. Thread-safe."""

    def __init__(self) -> None:
        self._heaviest: Recent[tuple[str, str], tuple[int, ...]] = Recent(_KEEP)

    def run(
        self, worker: Worker, publication: Publication, statement: Statement, should_stop: ShouldStop | None = None
    ) -> Answer:
        """The running answer to a verified statement. A refusal or failure of any of its forms is one of it."""
        if statement.cheaper is None:
            statement.cheaper = self._cheaper(worker, publication, statement, should_stop)
        for form in statement.cheaper:
            if not form.in_doubt:
                answer = _settled(worker, form, should_stop)
                if answer is not None:
                    return answer
                form.in_doubt = True
        return worker.run(statement.sql, should_stop)

    def _cheaper(
        self, worker: Worker, publication: Publication, statement: Statement, should_stop: ShouldStop | None
    ) -> list[Cheaper]:
        """Every text of them checked on its own plan. Raises Refused NOT_VERIFIED."""
        if not statement.costly:
            return []
        heaviest = {
            table: self._heaviest_of(worker, publication, table, entity, should_stop)
            for table, entity in statement.costly.items()
        }
        forms = cheaper(statement, heaviest)
        for text in (text for form in forms for text in (form.statement, *form.suspects)):
            check(worker.plan(text.sql, should_stop), text)
        return forms

    def _heaviest_of(
        self, worker: Worker, publication: Publication, table: str, entity: str, should_stop: ShouldStop | None
    ) -> tuple[int, ...]:
        key = (publication.sha256, table)
        known = self._heaviest.get(key)
        if known is None:
            asked = heaviest_of(table, entity)
            check(worker.plan(asked.sql, should_stop), asked)
            answer = worker.run(asked.sql, should_stop)
            try:
                known = tuple(n for batch in answer.batches() for n in batch.column(0).to_pylist())
            finally:
                answer.close()
            self._heaviest.keep(key, known)
        return known


def _settled(worker: Worker, form: Cheaper, should_stop: ShouldStop | None) -> Answer | None:
    """None when anything is in doubt, or fails on a value: what is in doubt is reckoned with here, and nowhere else."""
    try:
        if any(_has_rows(worker.run(suspects.sql, should_stop)) for suspects in form.suspects):
            return None
        return _begun(worker.run(form.statement.sql, should_stop), form)
    except Refused as refused:
        if refused.reason.code != ON_A_VALUE:
            raise
        log.error("a cheap form failed on a value; the exact one is run instead")
        return None


def _has_rows(answer: Answer) -> bool:
    try:
        return any(batch.num_rows for batch in answer.batches())
    finally:
        answer.close()


def _begun(answer: Answer, form: Cheaper) -> Answer | None:
    """The answer once its first rows are there, None where they say that a group is in doubt."""
    try:
        batches = answer.batches()
        first = next((batch for batch in batches if batch.num_rows), None)
        if first is None and not form.flagged:
            return _Resumed(answer, [], batches)
        if first is not None and (not form.flagged or _says_certain(first, form)):
            return _Resumed(answer, [first], batches)
    except BaseException:
        answer.close()
        raise
    answer.close()
    return None


def _says_certain(batch: Any, form: Cheaper) -> bool:
    told: object = batch.column(len(form.statement.output_names))[0].as_py()
    return told is True


class _Resumed:
    """An answer whose first batch with rows was looked at already."""

    def __init__(self, answer: Answer, first: list[Any], rest: Iterator[Any]) -> None:
        self.schema = answer.schema
        self._answer, self._first, self._rest = answer, first, rest

    def batches(self) -> Iterator[Any]:
        yield from self._first
        yield from self._rest

    def close(self) -> None:
        self._answer.close()
