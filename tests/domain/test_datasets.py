from __future__ import annotations

import pytest

from access_broker.domain.datasets import ColumnRef, Join, closing_joins


def joins(text: str) -> list[Join]:
    """`a=b b=c`: joins between the columns of that name."""
    pairs = [pair.split("=") for pair in text.split()]
    return [Join(ColumnRef("d", "t", left), ColumnRef("d", "t", right)) for left, right in pairs]


@pytest.mark.parametrize(
    ("declared", "closing"),
    [
        ("a=b b=c", ""),
        ("a=b c=d a=e c=f", ""),
        ("a=b b=c c=a", "c=a"),
        ("a=b c=d b=c a=d e=f", "a=d"),
        ("a=b b=c c=a a=d d=c", "c=a d=c"),
        ("a=b b=a", "b=a"),
        ("a=a", ""),  # a fault of its own
    ],
)
def test_the_joins_that_close_a_circle(declared: str, closing: str) -> None:
    assert list(closing_joins(joins(declared))) == joins(closing)
