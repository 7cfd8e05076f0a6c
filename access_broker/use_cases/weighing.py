"""One statement before it runs: who is in each of its figures, and which of them may not be told.

A group or cell is withheld; an answer without groups is refused. What remains stands in the memory afterwards.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

import numpy as np
from sqlglot import exp

from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Obligations, Refused
from access_broker.sql.audit import audit_queries
from access_broker.sql.figures import AuditedCell, Figure
from access_broker.sql.statement import MARK_SELECT, Statement, Withheld
from access_broker.sql.verify import check
from access_broker.use_cases import ledger
from access_broker.use_cases.audited import Audited, read, refused_whole
from access_broker.use_cases.figures import Flags, Vector
from access_broker.use_cases.gate_ports import ShouldStop, Worker
from access_broker.use_cases.in_time import each_in_time, in_time
from access_broker.use_cases.leaving_out import left_out
from access_broker.use_cases.ledger import Kind, Mark, MemoryFull, Told
from access_broker.use_cases.rule import Rule

log = logging.getLogger("amanat.query")

MAX_PAIRS = 10_000_000
"""Pairs of a group and a person that one statement may be audited over."""

NEARLY_FULL = 0.8
"""Share of the figures of a kind that can be remembered, at which the operator is told."""

_ROUNDS = 8

Memory = dict[tuple[str, str], Kind]
"""What one contract was told: (entity domain, kind of figures) → figures."""


class Weighing:
    """One statement on its way through."""

    def __init__(
        self,
        publication: Publication,
        obligations: Obligations,
        worker: Worker,
        should_stop: ShouldStop,
        memory: Memory | None,
    ) -> None:
        self._publication, self._worker, self._should_stop = publication, worker, should_stop
        self._dominance, self._memory = obligations.dominance, memory
        self._marks: dict[tuple[str, str], Mark] = {}
        self.told: list[tuple[str, str, Told]] = []

    def admitted(self, statement: Statement) -> Statement:
        withheld: set[Withheld] = set()
        narrowed, audited = statement, self._audited(statement)
        for _ in range(_ROUNDS):
            more = self._judged(audited, withheld)
            if not more:
                return narrowed
            self.forget()
            withheld |= more
            narrowed = self._without(statement, withheld)
            if len(statement.audits) > 1:  # what is left out of one may be what another counts
                audited = self._audited(narrowed)
        raise refused_whole("DIFFERENCING")

    def filled(self) -> list[tuple[str, int]]:
        """(kind, figures) of those kinds that have come near to their end with this statement."""
        kinds = [(key, mark.vectors, len((self._memory or {})[key])) for key, mark in self._marks.items()]
        near = NEARLY_FULL * ledger.MAX_VECTORS
        return [(key[1], now) for key, before, now in kinds if before < near <= now]

    def forget(self) -> None:
        """As if it had never been looked at."""
        for key, mark in self._marks.items():
            (self._memory or {})[key].back_to(mark)
        self._marks.clear()
        self.told.clear()

    def _without(self, statement: Statement, withheld: set[Withheld]) -> Statement:
        narrowed = statement.withholding(withheld)
        check(self._worker.plan(narrowed.sql, self._should_stop), narrowed)
        assert narrowed.tree is not None
        nodes = {n.meta[MARK_SELECT]: n for n in narrowed.tree.find_all(exp.Select) if MARK_SELECT in n.meta}
        narrowed.audits = [replace(select, node=nodes[select.number]) for select in statement.audits]
        return narrowed

    def _audited(self, statement: Statement) -> list[Audited]:
        found = []
        for query in audit_queries(statement, self._publication.catalogue, MAX_PAIRS):
            check(self._worker.plan(query.statement.sql, self._should_stop), query.statement)
            answer = self._worker.run(query.statement.sql, self._should_stop)
            try:
                found.append(read(query, each_in_time(self._worker, answer.batches()), MAX_PAIRS))
            finally:
                answer.close()
        return found

    # --- judging ------------------------------------------------------------------------------------------------

    def _judged(self, audited: list[Audited], withheld: set[Withheld]) -> set[Withheld]:
        """What must be withheld beyond `withheld`; nothing when all the rest may be told, and is remembered now."""
        try:
            return self._dominated(audited, withheld) or self._differing(audited, withheld)
        except MemoryFull:
            self.forget()
            log.error("the ledger of contract %s is full", self._publication.contract)
            raise Refused("LEDGER_FULL", "S3-P5") from None
        except BaseException:
            self.forget()
            raise

    def _dominated(self, audited: list[Audited], withheld: set[Withheld]) -> set[Withheld]:
        rule = self._dominance
        found: set[Withheld] = set()
        if rule is None:
            return found
        for one in audited:
            for cell in one.query.cells:
                released = _released(one, cell, audited, withheld)
                in_time(self._worker)
                flags = [one.dominated(figure, rule) for figure in cell.figures]
                for group in np.flatnonzero(np.logical_or.reduce(flags or [np.zeros(len(one.keys), bool)])):
                    if released[group]:
                        found.add(_withheld(one, cell, int(group), "DOMINATED"))
        return found

    def _differing(self, audited: list[Audited], withheld: set[Withheld]) -> set[Withheld]:
        found: set[Withheld] = set()
        if self._memory is None:
            return found
        for one in audited:
            for cell in one.query.cells:
                released = _released(one, cell, audited, withheld | found)
                for figure in cell.figures:
                    in_time(self._worker)
                    rule = Rule(one.query.k, self._dominance, figure.counts_rows)
                    every = one.vectors(figure, self._dominance is not None)
                    groups = {g: v for g, v in enumerate(every) if v is not None and released[g]}
                    for group in self._told(one, figure, groups, rule):
                        found.add(_withheld(one, cell, group, "DIFFERENCING"))
        return found

    def _told(self, one: Audited, figure: Figure, groups: dict[int, Vector], rule: Rule) -> list[int]:
        """The groups that may not be told; the others are remembered."""
        key = (one.query.domain, figure.kind)
        assert self._memory is not None
        kind = self._memory.setdefault(key, Kind())
        self._marks.setdefault(key, kind.mark())
        gone = left_out(kind, groups, rule, partial(in_time, self._worker))
        rest = [vector for group, vector in groups.items() if group not in gone]
        told = kind.add(rest) if rest else None
        if told is not None:
            self.told.append((*key, told))
        return gone


def _released(one: Audited, cell: AuditedCell, audited: list[Audited], withheld: set[Withheld]) -> Flags:
    """In which groups the cell reaches the answer: k people of every source in the group and in each region.

    Of equal keys with several texts, another audit may have taken another text for the name. What has no name there is
    looked at as if it were told: nothing is told that nobody has looked at.
    """
    number = one.query.select.number
    shown = one.shown(cell)
    for other in audited:
        if other.query.select.number == number and other is not one:
            few = {key for key, flag in zip(other.keys, other.enough(), strict=True) if not flag}
            shown = shown & np.array([key not in few for key in one.keys], dtype=bool)
    gone = {w.keys for w in withheld if w.select == number and w.cell in (None, cell.number)}
    released: Flags = shown & np.array([key not in gone for key in one.keys], dtype=bool)
    return released


def _withheld(one: Audited, cell: AuditedCell, group: int, why: str) -> Withheld:
    """What must go. A SELECT without groups inside a statement yields no row, as it does for fewer than k people."""
    if one.query.select.top and not one.query.select.grouped:
        raise refused_whole(why)
    return Withheld(one.query.select.number, one.keys[group], cell.number if cell.partial else None)
