"""Analysis of a statement against one publication, kept for the next time the same text comes.

Safe to keep: parsing and analysing are pure functions of (catalogue, text, parameters, day), rewriting also of the
obligations. What may change between two askings, the decision, is never kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Obligations
from access_broker.domain.footprint import Footprint
from access_broker.sql.analyse import Analysis, analyse
from access_broker.sql.names import UnknownNames, resolve
from access_broker.sql.parse import parse
from access_broker.sql.rewrite import Statement, rewrite
from access_broker.use_cases.recent import Recent

_KEEP = 512
_KEEP_TREES = 64


@dataclass(frozen=True)
class Question:
    """What is asked of what. `today`: the day (UTC) that `current_date` means; tomorrow it is another question, or
    what was admitted of one day's people would be told of another day's.
    """

    text: str
    parameters: tuple[Any, ...] | None
    publication: Publication
    today: date

    @property
    def key(self) -> Any:
        """What a footprint follows from. With types: 1, True and 1.0 are equal in Python and three literals in SQL."""
        values = tuple((type(p).__name__, repr(p)) for p in self.parameters or ())
        of = self.publication
        return of.contract, of.version, of.sha256, self.text, values, self.today


def footprint_of(question: Question) -> tuple[Footprint, Analysis | None]:
    """(what it touches, its analysis); without an analysis when it names what was not granted. Raises Refused."""
    try:
        parsed = parse(question.text, question.parameters, question.today)
        analysis = analyse(resolve(parsed, question.publication.catalogue))
    except UnknownNames as names:
        return Footprint((), (), unknown=tuple(names.unknown)), None
    return analysis.footprint, None if analysis.footprint.unknown else analysis


class Compiler:
    """A bounded memory of footprints and verified statements; thread-safe.

    The analysis behind a new footprint is kept until the statement is rewritten, which uses it up: what is asked for
    the first time is analysed once.
    """

    def __init__(self) -> None:
        self._footprints: Recent[Any, Footprint] = Recent(_KEEP)
        self._statements: Recent[Any, Statement] = Recent(_KEEP)
        self._analyses: Recent[Any, Analysis] = Recent(_KEEP_TREES)

    def footprint(self, question: Question) -> Footprint:
        key = question.key
        known = self._footprints.get(key)
        if known is None:
            known, analysis = footprint_of(question)
            self._footprints.keep(key, known)
            if analysis is not None:
                self._analyses.keep(key, analysis)
        return known

    def statement(self, question: Question, obligations: Obligations) -> tuple[Statement, bool]:
        """(the narrowed statement, whether it was verified before). Call `verified` once its plan was checked."""
        key = question.key
        known = self._statements.get((key, obligations))
        if known is not None:
            return known, True
        analysis = self._analyses.take(key) or footprint_of(question)[1]
        if analysis is None:
            raise ValueError("a statement with unknown names was allowed")
        return rewrite(analysis, obligations), False

    def schema(self, question: Question, obligations: Obligations) -> Any:
        """The answer's schema if a verified statement has told it before, else None."""
        known = self._statements.get((question.key, obligations))
        return known.schema if known is not None else None

    def verified(self, question: Question, obligations: Obligations, statement: Statement) -> None:
        self._statements.keep((question.key, obligations), statement)
