"""Facts with one thing missing, wrong or swapped; and statements nobody would think of."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Facts = dict[str, Any]
Path = tuple[str | int, ...]

ATOMS: list[Any] = [None, True, False, 0, 1, -1, 10, 0.5, 1e16, "", "*", "x", "analyst", "raw", "join", [], {}, [[]]]
COLUMNS = ("person_id", "city", "language", "birth_date", "income", "clinic", "region", "name", "*")
USES = (
    *("project", "group", "filter", "aggregate", "transform", "count_distinct", "join", "null_test"),
    *("entity_group", "rows", "count_rows", "cross", "semi", "shape", "guess"),
)
SOURCES = {"s0": "census.people", "s1": "census.visits", "s2": "geo.cities", "s3": "census.people"}


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    """The way to everything inside `value`."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inside:
        yield (*here, key)
        yield from paths(held, (*here, key))


def without(facts: Facts, path: Path) -> Facts:
    changed, holder = _holder(facts, path)
    del holder[path[-1]]
    return changed


def with_value(facts: Facts, path: Path, value: Any) -> Facts:
    changed, holder = _holder(facts, path)
    holder[path[-1]] = value
    return changed


def _holder(facts: Facts, path: Path) -> tuple[Facts, Any]:
    changed = copy.deepcopy(facts)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    return changed, holder


@st.composite
def changed_facts(draw: st.DrawFn, facts: Facts) -> Facts:
    """`facts` after one to three changes; a value may come from anywhere in the facts themselves."""
    for _ in range(draw(st.integers(1, 3))):
        places = list(paths(facts))
        if not places:
            break
        path = draw(st.sampled_from(places))
        if draw(st.booleans()):
            facts = with_value(facts, path, copy.deepcopy(draw(st.sampled_from([*ATOMS, *_leaves(facts)]))))
        else:
            facts = without(facts, path)
    return facts


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict | list):
        return [leaf for held in (value.values() if isinstance(value, dict) else value) for leaf in _leaves(held)]
    return [value]


@st.composite
def statements(draw: st.DrawFn, facts: Facts) -> Facts:
    """`facts` about another statement, over tables whose columns have other modes and under other terms."""
    facts = copy.deepcopy(facts)
    modes = st.sampled_from(["raw", "dimension", "aggregate", "join", "mask"])
    for table in facts["tables"].values():
        table["columns"] = {column: draw(modes) for column in table["columns"]}
        table["entity"] = draw(st.sampled_from([None, "person_id"]))
    terms = facts["contract"]["terms"]
    terms["aggregates"] = draw(st.lists(st.sampled_from(["avg", "count", "min"]), unique=True))
    terms["k"] = draw(st.integers(1, 30))
    ids = draw(st.lists(st.sampled_from(sorted(SOURCES)), unique=True, max_size=4))
    sources = {id: draw(st.sampled_from([SOURCES[id], SOURCES[id], SOURCES[id], "census.deaths"])) for id in ids}
    touches, joins = [], []
    if ids:
        side = st.fixed_dictionaries({"source": st.sampled_from(ids), "column": st.sampled_from(COLUMNS[:8])})
        joins = draw(st.lists(st.fixed_dictionaries({"left": side, "right": side}), max_size=2))
        touches = draw(st.lists(_touch(ids), max_size=6))
        touches += [
            {**join[end], "use": "join", "function": ""} for join in joins for end in ("left", "right") if draw(_mostly)
        ]
    facts["query"] = {"sources": sources, "touches": touches, "joins": joins, "unknown": []}
    return facts


_mostly = st.sampled_from([True, True, True, False])


def _touch(ids: list[str]) -> st.SearchStrategy[Facts]:
    return st.fixed_dictionaries(
        {
            "source": st.sampled_from(ids),
            "column": st.sampled_from(COLUMNS),
            "use": st.sampled_from(USES),
            "function": st.sampled_from(["", "avg", "count", "min", *ids]),
        }
    )
