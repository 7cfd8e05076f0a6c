"""Figures in tables: the same as one by one, and who lies in whom."""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.figures import BUCKETS, Vector
from access_broker.use_cases.rule import folded
from access_broker.use_cases.shelf import Shelf
from tests.use_cases.test_ledger import figure


def shelf_of(*figures: Vector) -> Shelf:
    shelf = Shelf()
    for one in figures:
        shelf.put(one)
    return shelf


def test_tables_grow_and_keep_every_figure() -> None:
    figures = [figure(range(n, n + 20), sized=n % 2 == 0) for n in range(1, 700)]
    shelf = shelf_of(*figures)
    assert np.array_equal(shelf.sums, np.array([one.sums for one in figures]))
    assert np.array_equal(shelf.sizes[1], figures[1].sizes)
    assert not shelf.sizes[0].any()
    for width in (16, 64, BUCKETS):
        assert np.array_equal(shelf.folds(width), folded(shelf.sums, width))
        assert np.array_equal(shelf.held(width), folded(shelf.sizes, width))


def test_who_lies_in_whom_is_found_as_by_looking_at_everybody() -> None:
    generator = np.random.default_rng(3)
    figures = [figure(range(1, 61))]
    for _ in range(200):
        start, length = generator.integers(1, 60), generator.integers(3, 60)
        figures.append(figure(range(start, start + length)))
    shelf, everything = shelf_of(*figures), range(len(figures))
    for one in figures[:20]:
        for slack in (1, 5):
            around = [p for p in everything if len(one.people - figures[p].people) < slack]
            within = [p for p in everything if len(figures[p].people - one.people) < slack]
            assert shelf.around(one, slack, everything, 1000) == around
            assert shelf.within(one, slack, everything, 1000) == within
            assert shelf.around(one, slack, everything, 3) == around[-3:]
            assert shelf.within(one, slack, range(50, 90), 1000) == [p for p in within if 50 <= p < 90]


def test_what_was_cut_off_is_gone() -> None:
    shelf = shelf_of(*(figure(range(n, n + 20)) for n in range(1, 10)))
    shelf.cut(2)
    assert (len(shelf), len(shelf.sums)) == (2, 2)
    shelf.put(figure(range(50, 90)))
    assert np.array_equal(shelf.sums[2], figure(range(50, 90)).sums)
