"""Who used a dataset: counted from the audit, which says for every statement which columns it touched."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.audit import AuditRecord, AuditSearch
from access_broker.domain.datasets import Dataset
from access_broker.use_cases.ports import Reader

MOST = 1000
"""Records of one contract that are counted, newest first."""


@dataclass(frozen=True)
class Usage:
    """Statements of one person under one contract that touched the dataset. `more`: there may be older ones."""

    contract: str
    person: str
    allowed: int
    refused: int
    last: datetime
    more: bool


def usage_of(reader: Reader, dataset: Dataset) -> list[Usage]:
    """One line per contract and person, in that order."""
    granting = [c.id for c in reader.contracts() if any(grant.dataset == dataset.id for grant in c.scope)]
    return [line for contract in granting for line in _of_contract(reader, dataset.id, contract)]


def _of_contract(reader: Reader, dataset: str, contract: str) -> list[Usage]:
    found = reader.search_audit(AuditSearch(kind="query.", subject=contract, newest_first=True), MOST)
    touching = [r for r in found if r.event.kind in ("query.allowed", "query.refused") and _touches(r, dataset)]
    counts = Counter((record.event.actor, record.event.kind) for record in touching)
    last = {record.event.actor: record.at for record in reversed(touching)}
    return [
        Usage(
            contract, person, counts[person, "query.allowed"], counts[person, "query.refused"], at, len(found) == MOST
        )
        for person, at in sorted(last.items())
    ]


def _touches(record: AuditRecord, dataset: str) -> bool:
    uses = record.event.body.get("uses", [])
    return any(str(use.get("table", "")).split(".")[0] == dataset for use in uses)
