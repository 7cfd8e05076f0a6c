"""Answer mode `dp`: noise in place of figures, charged to the contract's epsilon before anything is computed.

What was drawn once is kept for good: the same question, in whatever words, gets the same number and costs nothing.
Charges never lapse. They belong to the contract: its people, logins, days and publications share them.
"""

from __future__ import annotations

import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from sqlglot import exp

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import MICRO, AnswerMode, Epsilon, Terms, micro
from access_broker.domain.decisions import Obligations, Refused
from access_broker.sql.auditing import AuditSelect
from access_broker.sql.canonical import digest
from access_broker.sql.noised import NoisedSelect, Recipe, noised_select
from access_broker.sql.noisy_values import Cell, put_values, sql_type, with_values, without_people
from access_broker.sql.quantities import Quantity, Share
from access_broker.sql.statement import MARK_SELECT, Statement
from access_broker.sql.verify import check
from access_broker.use_cases.gate_ports import Drawn, Noise, NoiseBook, ShouldStop, Worker
from access_broker.use_cases.in_time import each_in_time, turn

MAX_GROUPS = 200_000
"""Groups of one SELECT, before noise decides which of them show: some five seconds of ours. So many that hardly anybody

gets near it: that there are too many is told without noise. How many may show is `noisy_values.MAX_BYTES`.
"""
MAX_COLUMNS = 64
"""Keys and figures of one SELECT: what a group costs grows with them, and each has a share of the epsilon."""

_KEEP, _KEEP_LETTERS = 256, 1 << 25


def asks_for_noise(obligations: Obligations, statement: Statement) -> bool:
    return statement.guarded and obligations.answer_mode == AnswerMode.DP


class Noising:
    """Thread-safe; statements of one contract wait for each other here, so that nothing is charged or drawn twice."""

    def __init__(self, noise: Noise, book: NoiseBook) -> None:
        self._noise, self._book = noise, book
        self._lock = Lock()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._answered: OrderedDict[Any, Statement] = OrderedDict()

    def noised(
        self,
        key: Any,
        publication: Publication,
        obligations: Obligations,
        terms: Terms,
        statement: Statement,
        worker: Worker,
        should_stop: ShouldStop,
    ) -> Statement:
        """The statement to run instead, verified: it reads noisy values, and no people. `key`: what it follows from.

        Raises Refused EPSILON_SPENT, NO_BOUNDS, AGGREGATE_NOT_ALLOWED, NOT_SUPPORTED, RESOURCE_LIMIT or TOO_SLOW,
        and Unavailable("LEDGER_UNAVAILABLE").
        """
        with self._lock:
            lock = self._locks[publication.contract]
            known = self._answered.get(key)
        if known is not None:
            return known
        if obligations.epsilon is None:
            raise Refused("EPSILON_SPENT", "S3-P5")
        self.check(publication, obligations, terms, statement)  # nothing is charged for what is refused further out
        with turn(lock, worker):
            one = _One(self._noise, self._book, publication, obligations, terms, worker, should_stop)
            found = one.noised(statement)
        self._keep(key, found)
        return found

    def check(self, publication: Publication, obligations: Obligations, terms: Terms, statement: Statement) -> None:
        """Raises what `noised` would raise over the statement itself, and costs nothing."""
        if asks_for_noise(obligations, statement):
            for select in statement.audits:
                _part(statement, select, publication, terms)

    def _keep(self, key: Any, found: Statement) -> None:
        with self._lock:
            kept = self._answered
            kept[key] = found
            while len(kept) > _KEEP or sum(len(one.sql) for one in kept.values()) > _KEEP_LETTERS:
                kept.popitem(last=False)

    def left(self, contract: str, obligations: Obligations) -> float:
        """What of the contract's epsilon nobody has spent yet; nothing where there is none."""
        return obligations.epsilon.left(self._book.spent(contract)) if obligations.epsilon else 0.0


class _One:
    """One statement on its way through."""

    def __init__(
        self,
        noise: Noise,
        book: NoiseBook,
        publication: Publication,
        obligations: Obligations,
        terms: Terms,
        worker: Worker,
        should_stop: ShouldStop,
    ) -> None:
        self._noise, self._book, self._publication = noise, book, publication
        self._worker, self._should_stop = worker, should_stop
        assert obligations.epsilon is not None
        self._epsilon: Epsilon = obligations.epsilon
        self._terms = terms
        self._k = max((k for _, k in obligations.min_entities), default=1)

    def noised(self, statement: Statement) -> Statement:
        assert statement.tree is not None
        tree, hidden = statement.tree.copy(), self._hidden()
        texts: list[str] = []
        for place, select in enumerate(statement.audits):  # innermost first: outer ones see noisy values of inner ones
            node = next(n for n in tree.find_all(exp.Select) if n.meta.get(MARK_SELECT) == select.number)
            current = replace(select, node=node)
            part = _part(statement, current, self._publication, self._terms)
            types = self._types(part)  # before anything is charged: a key may be of a type that no answer has
            drawn = self._drawn(part, len(statement.audits), place)
            texts += put_values(tree, select.number, types, list(_rows(part, drawn, types)), current.keys)
            statement = with_values(statement, texts)
        found = without_people(statement, tree, hidden)
        check(self._worker.plan(found.sql, self._should_stop), found)
        return found

    def _hidden(self) -> dict[str, str]:
        tables = self._publication.catalogue.tables
        return {table.physical: table.entity_physical for table in tables if table.entity_physical}

    # --- drawing ------------------------------------------------------------------------------------------------

    def _drawn(self, part: NoisedSelect, selects: int, place: int) -> list[Drawn]:
        """Every quantity's noisy totals, by group; those not drawn before are charged, drawn and kept first."""
        names = [digest(q.digest, self._publication.sha256) for q in part.quantities]
        known = self._book.drawn(self._publication.contract, names)
        missing = {name: q for name, q in zip(names, part.quantities, strict=True) if name not in known}
        if missing:
            share = _shares(micro(self._epsilon.per_statement), selects)
            rest = sum(share[place + 1 :])  # what the SELECTs around it may still need: all of it or nothing
            wanted = dict(zip(missing, _shares(share[place], len(missing)), strict=True))
            charged = self._book.charge(self._publication.contract, wanted, micro(self._epsilon.total) - rest)
            known |= self._draw(part, missing, charged, known, names)
        return [known[name] for name in names]

    def _draw(
        self,
        part: NoisedSelect,
        missing: dict[str, Quantity],
        charged: dict[str, int],
        known: dict[str, Drawn],
        names: list[str],
    ) -> dict[str, Drawn]:
        totals = self._totals(part)
        new: dict[str, Drawn] = {}
        groups: list[str] = ["[]"]
        for place, name in enumerate(names):
            is_key = bool(part.keys) and place == 0  # who is in the groups, and so which groups there are
            if name in missing:
                epsilon = charged[name] / MICRO
                column = {key: values[place] for key, values in totals.items()}
                if is_key:
                    new[name] = self._noise.groups(column, part.groups, epsilon, self._k)
                else:
                    exact = [column.get(key, 0) for key in groups]
                    most = missing[name].most * part.groups
                    new[name] = dict(zip(groups, self._noise.values(exact, most, epsilon), strict=True))
            if is_key:
                groups = sorted(new[name] if name in new else known[name])
        self._book.keep(self._publication.contract, new)
        return new

    def _totals(self, part: NoisedSelect) -> dict[str, list[int]]:
        check(self._worker.plan(part.totals.sql, self._should_stop), part.totals)
        answer = self._worker.run(part.totals.sql, self._should_stop)
        found: dict[str, list[int]] = {}
        try:
            for batch in each_in_time(self._worker, answer.batches()):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    found[json.dumps(row[: part.keys], ensure_ascii=False)] = [int(n or 0) for n in row[part.keys :]]
                if len(found) > MAX_GROUPS:
                    raise Refused("RESOURCE_LIMIT")
        finally:
            answer.close()
        return found

    def _types(self, part: NoisedSelect) -> list[str]:
        check(self._worker.plan(part.probe.sql, self._should_stop), part.probe)
        answer = self._worker.run(part.probe.sql, self._should_stop)
        try:
            kinds = [sql_type(field.type) for field in answer.schema]
        finally:
            answer.close()
        return kinds[: part.keys + len(part.recipes)]


def _part(statement: Statement, select: AuditSelect, publication: Publication, terms: Terms) -> NoisedSelect:
    if select.correlated:
        raise Refused("NOT_SUPPORTED", name="SUBQUERY")
    clip = {name: (low, high) for name, low, high in terms.clip}
    share = Share(terms.epsilon.rows_per_person, terms.epsilon.groups_per_person) if terms.epsilon else Share()
    part = noised_select(statement, select, publication.catalogue, clip, share)
    if part.keys + len(part.recipes) > MAX_COLUMNS:
        raise Refused("TOO_COMPLEX", limit=MAX_COLUMNS)
    return part


def _shares(whole: int, parts: int) -> list[int]:
    """Whole numbers, as equal as can be, that add up to `whole`."""
    return [whole * (place + 1) // parts - whole * place // parts for place in range(parts)]


def _rows(part: NoisedSelect, drawn: Sequence[Drawn], types: Sequence[str]) -> Iterator[list[Cell]]:
    totals = dict(zip((q.digest for q in part.quantities), drawn, strict=True))
    groups = sorted(drawn[0]) if part.keys else ["[]"]
    for group in groups:
        cells = [_value(recipe, totals, group) for recipe in part.recipes]
        told = [_text(value, kind) for value, kind in zip(cells, types[part.keys :], strict=True)]
        yield [*json.loads(group), *told]


def _value(recipe: Recipe, totals: dict[str, Drawn], group: str) -> float | None:
    """Nobody is less than nobody, and a mean lies where its values may."""
    total = totals[recipe.total.digest][group] * recipe.total.unit
    if recipe.total.is_count:
        return max(0.0, total) * recipe.factor
    if recipe.by is None:
        return total * recipe.factor
    people = totals[recipe.by.digest][group]
    if people < 1 or recipe.within is None:
        return None
    return min(max(total / people, recipe.within[0]), recipe.within[1])


def _text(value: float | None, kind: str) -> Cell:
    if value is None:
        return None
    if kind in ("DOUBLE", "FLOAT"):
        return repr(float(value))
    digits = int(kind.rstrip(")").split(",")[1]) if kind.startswith("DECIMAL") else 0
    return f"{value:.{digits}f}"
