"""Between verifying and running, for contracts that ask for it: what the answer would tell, beside all told before.

A group or cell that too few people dominate, or that with earlier answers would tell of too few, is withheld; an
answer without groups is refused. What remains is in the ledger, durably, before anything of it runs.

A refusal says that there was something to hide, and is therefore an answer of its own kind (docs/disclosure.md).
"""

from __future__ import annotations

import logging
from collections import OrderedDict, defaultdict
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np
from sqlglot import exp

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Differencing
from access_broker.domain.decisions import Obligations, Refused
from access_broker.sql.audit import AuditedCell, Figure, audit_queries
from access_broker.sql.statement import MARK_SELECT, Statement, Withheld
from access_broker.sql.verify import check
from access_broker.use_cases.audited import Audited, read
from access_broker.use_cases.figures import Flags, Vector, total
from access_broker.use_cases.ledger import Kind, MemoryFull, Rule, Told
from access_broker.use_cases.ports import Ledger, ShouldStop, Unavailable, Worker

log = logging.getLogger("amanat.query")

MAX_PAIRS = 10_000_000
"""Pairs of a group and a person that one statement may be audited over."""

_ROUNDS = 8
_KEEP = 256
_NESTED = 200  # the latest answers, which are looked through for figures in each other after a restart

_Memory = dict[tuple[str, str], Kind]


def asks_for_it(obligations: Obligations, statement: Statement) -> bool:
    remembers = obligations.differencing != Differencing.OFF
    return statement.guarded and (remembers or obligations.dominance is not None)


class Admission:
    """Thread-safe; statements of one contract wait for each other here, so that no two slip past one another."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._memories: dict[str, _Memory] = {}
        self._admitted: OrderedDict[Any, Statement] = OrderedDict()

    def admit(
        self,
        key: Any,
        publication: Publication,
        obligations: Obligations,
        statement: Statement,
        worker: Worker,
        should_stop: ShouldStop,
    ) -> Statement:
        """The statement to run instead: all of it, or without what is withheld. `key`: what it follows from.

        Raises Refused DIFFERENCING, DOMINATED, BELOW_K, NOT_SUPPORTED or RESOURCE_LIMIT, and
        Unavailable("LEDGER_UNAVAILABLE").
        """
        with self._lock:
            lock = self._locks[publication.contract]
            known = self._admitted.get(key)
        if known is not None:  # told before: it tells nothing new now
            return known
        if any(select.correlated for select in statement.audits):
            raise Refused("NOT_SUPPORTED", name="SUBQUERY")
        with lock:
            memory = self._memory(publication.contract) if obligations.differencing != Differencing.OFF else None
            one = _One(publication, obligations, worker, should_stop, memory)
            admitted = one.admitted(statement)
            self._keep(publication, one)
        with self._lock:
            self._admitted[key] = admitted
            while len(self._admitted) > _KEEP:
                self._admitted.popitem(last=False)
        return admitted

    def _memory(self, contract: str) -> _Memory:
        """Read once, then kept: this process alone writes it."""
        found = self._memories.get(contract)
        if found is None:
            found, told = {}, self._ledger.told(contract)
            try:
                for place, (domain, kind, one) in enumerate(told):
                    found.setdefault((domain, kind), Kind()).restore(one, nest=place >= len(told) - _NESTED)
            except (MemoryFull, IndexError, ValueError) as error:  # not what was written there
                raise Unavailable("LEDGER_UNAVAILABLE", f"cannot be read again: {error!r}") from error
            self._memories[contract] = found
        return found

    def _keep(self, publication: Publication, one: _One) -> None:
        if not one.told:
            return
        try:
            self._ledger.keep(publication.contract, publication.version, one.told)
        except BaseException:
            one.forget()
            raise


class _One:
    """One statement on its way through."""

    def __init__(
        self,
        publication: Publication,
        obligations: Obligations,
        worker: Worker,
        should_stop: ShouldStop,
        memory: _Memory | None,
    ) -> None:
        self._publication, self._worker, self._should_stop = publication, worker, should_stop
        self._dominance, self._memory = obligations.dominance, memory
        self._marks: dict[tuple[str, str], tuple[int, int, int]] = {}
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
        raise Refused("DIFFERENCING", "S3-P5")

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
                found.append(read(query, answer.batches(), MAX_PAIRS))
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
            raise Unavailable("LEDGER_UNAVAILABLE", "full") from None
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
            rule = Rule(one.query.k, self._dominance)
            for cell in one.query.cells:
                released = _released(one, cell, audited, withheld | found)
                for figure in cell.figures:
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
        left_out = _left_out(kind, groups, rule)
        rest = [vector for group, vector in groups.items() if group not in left_out]
        told = kind.add(rest) if rest else None
        if told is not None:
            self.told.append((*key, told))
        return left_out


def _left_out(kind: Kind, groups: dict[int, Vector], rule: Rule) -> list[int]:
    """As few groups as will do, the smallest of those that are new."""
    fresh = {group for group, vector in groups.items() if not kind.knows(vector)}
    out = [group for group in sorted(fresh) if kind.tells_too_much(groups[group], rule)]
    left = {group: vector for group, vector in groups.items() if group not in out}
    out += _too_alike(left, rule)
    while fresh := fresh - set(out):
        left = {group: vector for group, vector in groups.items() if group not in out}
        conflicts = kind.told_by(left, fresh, rule)
        if not conflicts and len(left) > 1 and kind.tells_too_much(total(list(left.values())), rule):
            conflicts = [set(left)]
        if not conflicts:
            break
        for together in conflicts:
            if not together & set(out):
                out.append(min(together & fresh, key=lambda group: (len(groups[group].people), group)))
    return out


def _too_alike(groups: dict[int, Vector], rule: Rule) -> list[int]:
    """Groups of one answer share no row, but may share people, and differ in few of them."""
    names = list(groups)
    if sum(len(v.people) for v in groups.values()) == len(total(list(groups.values())).people if names else ()):
        return []
    sums, out = np.array([groups[name].sums for name in names]), []
    for place, name in enumerate(names[1:], 1):
        if rule.tells(sums[:place] - sums[place], None).any():
            out.append(name)
    return out


def _released(one: Audited, cell: AuditedCell, audited: list[Audited], withheld: set[Withheld]) -> Flags:
    """In which groups the cell reaches the answer: k people of every source in the group and in each region."""
    number = one.query.select.number
    shown = one.shown(cell)
    for other in audited:
        if other.query.select.number == number and other is not one:
            enough = {key for key, flag in zip(other.keys, other.enough(), strict=True) if flag}
            shown = shown & np.array([key in enough for key in one.keys], dtype=bool)
    gone = {w.keys for w in withheld if w.select == number and w.cell in (None, cell.number)}
    released: Flags = shown & np.array([key not in gone for key in one.keys], dtype=bool)
    return released


def _withheld(one: Audited, cell: AuditedCell, group: int, code: str) -> Withheld:
    if not one.query.select.grouped:
        raise Refused(code, "S3-P5")
    return Withheld(one.query.select.number, one.keys[group], cell.number if cell.partial else None)
