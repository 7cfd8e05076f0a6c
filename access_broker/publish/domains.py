"""Entity domains: which columns hold the same people, so that they may share one numbering.

Declared joins are followed to their end: citizens ~ visits ~ prescriptions are one domain even when only neighbours
are declared. A class of joined columns is a domain when at least one of them is the entity key of its table.
"""

from __future__ import annotations

from collections.abc import Iterable

from access_broker.domain.datasets import ColumnRef, Dataset

EntityDomain = frozenset[ColumnRef]


def entity_domains(datasets: Iterable[Dataset]) -> dict[ColumnRef, EntityDomain]:
    """Every column that belongs to an entity domain, with its domain. Entity keys without a join stand alone."""
    datasets = tuple(datasets)
    keys = {ColumnRef(d.id, t.id, t.entity) for d in datasets for t in d.tables if t.entity is not None}
    classes: dict[ColumnRef, set[ColumnRef]] = {key: {key} for key in keys}
    for dataset in datasets:
        for join in dataset.joins:
            merged = classes.get(join.left, {join.left}) | classes.get(join.right, {join.right})
            classes.update(dict.fromkeys(merged, merged))
    return {ref: frozenset(members) for ref, members in classes.items() if members & keys}
