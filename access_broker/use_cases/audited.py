"""What an audit query has found: the groups of one SELECT, who is in them, and what everyone adds to every figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from access_broker.domain.contracts import Dominance
from access_broker.domain.decisions import Refused
from access_broker.sql.figures import AuditedCell, AuditQuery, Figure
from access_broker.use_cases.figures import Flags, Floats, Rows, Vector, Whole
from access_broker.use_cases.span import MULTIPLES

Key = tuple[str | None, ...]
DENSE = 1 << 22  # codes of groups up to which they are counted instead of sorted


class Audited:
    """`keys`: of the groups. `rows`: who is in which. `columns`: what the figures' places point to, row by row."""

    def __init__(self, query: AuditQuery, keys: list[Key], groups: Whole, people: Whole, columns: list[Floats]) -> None:
        self.query, self.keys = query, keys
        self._rows = Rows(groups, people, len(keys))
        self._columns = [self._rows.sorted(column) for column in columns]

    def enough(self) -> Flags:
        """Which groups have k people."""
        return self._at_least_k(np.ones(len(self._rows.people), dtype=bool))

    def shown(self, cell: AuditedCell) -> Flags:
        """In which groups each of the cell's regions has k people; elsewhere it is NULL."""
        flags = [self._at_least_k(self._columns[region] > 0) for region in cell.regions]
        shown: Flags = np.logical_and.reduce([self.enough(), *flags])
        return shown

    def dominated(self, figure: Figure, rule: Dominance) -> Flags:
        """In which groups too few people hold too much of what the figure rests on."""
        found = np.full(len(self.keys), figure.unread)
        for size in (*self._sizes(figure), *self._rests_on(figure)):
            found |= self._rows.dominated(size, rule.n, rule.share)
            if rule.p is not None:
                found |= self._rows.estimated(size, rule.p)
        return found

    def vectors(self, figure: Figure, sized: bool) -> list[Vector | None]:
        """One for each group. `sized`: with what everyone holds, for dominance of differences.

        Raises Refused BELOW_K for numbers too large to be compared.
        """
        count = self._columns[figure.count]
        adds = (count > 0).astype(np.float64) if figure.distinct else count
        if figure.weight is not None:
            adds = np.where(count > 0, self._columns[figure.weight], 0.0)
        if figure.single:
            adds = self._as_people(count, adds)
        if not self._rows.are_exact(adds):
            raise refused_whole("DIFFERENCING")
        sizes = self._sizes(figure)
        return self._rows.vectors(adds, sizes[0] if sized and len(sizes) == 1 else None)

    def _as_people(self, count: Floats, adds: Floats) -> Floats:
        """`adds` where nearly everybody in the group has one row. Where they have two each, or up to MULTIPLES, half of

        the rows are the people: everybody adds one, and the few with another number what nobody adds to a count.
        """
        groups = self._rows.groups
        found = np.where(self._at_least_k(count > 1)[groups], 0.0, adds)
        everybody = self._rows.counts(count > 0)
        for times in range(2, MULTIPLES + 1):
            others = self._rows.counts((count > 0) & (count != times))
            so = ((others < self.query.k) & (2 * others < everybody) & self._at_least_k(count > 1))[groups]
            found = np.where(so & (count > 0), np.where(count == times, 1.0, 1.0 + count), found)
        return found

    def _sizes(self, figure: Figure) -> list[Floats]:
        if figure.counts_rows:
            return [self._columns[figure.count if figure.weight is None else figure.weight]]
        there = self._columns[figure.count] > 0
        return [np.where(there, self._columns[size], 0.0) for size in figure.sizes]

    def _rests_on(self, figure: Figure) -> Iterator[Floats]:
        """Products, and how far people lie from the mean of their group, times how far they do in the other thing."""
        for place in figure.products:
            yield self._columns[place]
        for one, other, count in figure.spreads:
            yield np.abs(self._from_the_mean(one, count) * self._from_the_mean(other, count))

    def _from_the_mean(self, place: int, count: int) -> Floats:
        groups, rows = self._rows.groups, self._columns[count]
        own = np.where(rows > 0, self._columns[place], 0.0)
        totals = [np.bincount(groups, weights=column, minlength=len(self.keys)) for column in (own, rows)]
        far: Floats = own - rows * (totals[0] / np.maximum(totals[1], 1.0))[groups]
        return far

    def _at_least_k(self, there: Flags) -> Flags:
        return self._rows.counts(there) >= self.query.k


def refused_whole(why: str) -> Refused:
    """An answer withheld as a whole. Whoever knows how many people it is about would learn from the code which of

    the reasons it was, so the asker hears one code for all; `why` is for the record.
    """
    refused = Refused("BELOW_K", "S3-P5")
    refused.why = why
    return refused


def read(query: AuditQuery, batches: Iterable[Any], max_pairs: int) -> Audited:
    """Raises Refused RESOURCE_LIMIT beyond `max_pairs` rows."""
    columns: list[list[Any]] = []
    coders = [_Coder() for _ in range(query.keys)]
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        if rows > max_pairs:
            raise Refused("RESOURCE_LIMIT")
        found: list[Any] = [coder.codes(batch.column(place)) for place, coder in enumerate(coders)]
        found += [_numbers(batch.column(place)) for place in range(query.keys, batch.num_columns)]
        columns.append(found)
    if not columns:
        nobody = np.zeros(0, np.int64)
        added = len(query.statement.output_names) - query.keys - 1
        return Audited(query, [], nobody, nobody, [np.zeros(0) for _ in range(added)])
    whole = [np.concatenate(parts) for parts in zip(*columns, strict=True)]
    there = ~np.isnan(whole[query.keys])  # an outer join pads with nobody
    if not there.all():
        whole = [column[there] for column in whole]
    people = whole[query.keys].astype(np.int64)
    keys, groups = _grouped(whole[: query.keys], coders, len(people))
    return Audited(query, keys, groups, people, [np.nan_to_num(c) for c in whole[query.keys + 1 :]])


class _Coder:
    """Texts as small numbers, the same in every batch."""

    def __init__(self) -> None:
        self.texts: list[str | None] = []
        self._code: dict[str | None, int] = {}

    def codes(self, column: Any) -> Whole:
        encoded = column.dictionary_encode()
        mine = [self._of(text) for text in encoded.dictionary.to_pylist()]
        mine.append(self._of(None))
        table = np.array(mine, dtype=np.int64)
        coded: Whole = table[_array(encoded.indices.fill_null(len(mine) - 1)).astype(np.int64)]
        return coded

    def _of(self, text: str | None) -> int:
        if text not in self._code:
            self._code[text] = len(self.texts)
            self.texts.append(text)
        return self._code[text]


def _numbers(column: Any) -> Floats:
    """NULL as NaN."""
    return _array(column.cast("float64").fill_null(math.nan))


def _array(column: Any) -> Floats:
    """Not by `to_numpy`, which loads pandas where there is one."""
    numbers: Floats = np.asarray(np.from_dlpack(column), dtype=np.float64)
    return numbers


def _grouped(codes: list[Whole], coders: list[_Coder], rows: int) -> tuple[list[Key], Whole]:
    if not codes:
        return [()], np.zeros(rows, dtype=np.int64)
    mixed, span = codes[0], len(coders[0].texts)
    for column, coder in zip(codes[1:], coders[1:], strict=True):
        if span * len(coder.texts) >= 1 << 62:
            raise Refused("RESOURCE_LIMIT")
        mixed, span = mixed * len(coder.texts) + column, span * len(coder.texts)
    unique, groups = _numbered(mixed, span)
    return [tuple(_decoded(int(code), coders)) for code in unique], groups


def _numbered(codes: Whole, span: int) -> tuple[Whole, Whole]:
    """(the codes there are, the place among them of each), without sorting where they are dense enough."""
    if span > DENSE:
        unique, places = np.unique(codes, return_inverse=True)
        return unique, places.astype(np.int64)
    there = np.bincount(codes, minlength=span) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def _decoded(code: int, coders: list[_Coder]) -> Iterator[str | None]:
    places = []
    for coder in reversed(coders):
        code, place = divmod(code, len(coder.texts))
        places.append(coder.texts[place])
    return reversed(places)
