"""Whatever stands where in a scenario file, reading it ends in a scenario or in faults, never in anything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.scenario.document import read_document
from access_broker.adapters.scenario.faults import Faults
from tests.adapters.scenario.world import GOOD, faults_of

WHOLE = read_document(GOOD, Faults())


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) below `value`."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


COUNT = sum(1 for _ in places(WHOLE))
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["all", "C1", "a.b"])
)
anything = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))


@given(at=st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=3), value=anything)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_anywhere(at: list[int], value: Any) -> None:
    document = copy.deepcopy(WHOLE)
    spots = list(places(document))
    for index in at:
        container, key = spots[index]
        container[key] = value
    check(json.dumps(document, ensure_ascii=True))


@given(text=st.text(st.characters(), max_size=200) | st.text("-:[]{}&*!|>'\"#%@`,? \n\tab", max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text(text: str) -> None:
    check(text)


@given(cut=st.integers(0, len(GOOD)), piece=st.text("-:[]{}&*!|>'\"#%, \n\tab0", max_size=6))
@settings(max_examples=40, deadline=None)
def test_any_slip_of_the_pen(cut: int, piece: str) -> None:
    check(GOOD[:cut] + piece + GOOD[cut + len(piece) // 2 :])


def check(text: str) -> None:
    faults = faults_of(text, None)
    assert all(fault.message_en and fault.message_fa and fault.line for fault in faults)
