"""Does the published file still stand for what the contract grants? Told by digests kept in the publisher's directory.

`rights` covers everything that decides what may be in the file, `sources` the bytes it was made from. Changed rights
may be narrower ones; changed sources only mean that there is something newer.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract
from access_broker.domain.datasets import Dataset, Table
from access_broker.publish.files import checked_contract_id

_RECIPE = 2  # raise it when the publisher makes another file from the same grant: every contract is then built anew


@dataclass(frozen=True)
class Basis:
    """What a publication was made from."""

    rights: str
    sources: str


def basis_of(contract: Contract, datasets: Iterable[Dataset]) -> Basis:
    datasets = tuple(datasets)
    described = {d.id: [[_table(t) for t in d.tables], [asdict(j) for j in d.joins]] for d in datasets}
    registered = {d.id: [(s.kind, s.table, s.sha256) for s in d.sources] for d in datasets}
    scope = [asdict(grant) for grant in contract.scope]
    terms = (contract.terms.k, contract.terms.rare_values, contract.terms.top_code)
    return Basis(_digest([_RECIPE, scope, terms, described]), _digest(registered))


def _table(table: Table) -> list[object]:
    """What of a description reaches the file; a title may change without a new build."""
    return [table.id, table.name, table.entity, [(c.id, c.name) for c in table.columns]]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _notes(private: Path, contract: str) -> dict[int, Basis]:
    """The basis of each remembered version. A note that is lost or damaged means one build too many, never too few."""
    try:
        noted = json.loads(_path(private, contract).read_text("ascii"))
        return {int(version): Basis(**basis) for version, basis in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _path(private: Path, contract: str) -> Path:
    return private / f"basis-{checked_contract_id(contract)}.json"


def note_basis(private: Path, publication: Publication, basis: Basis) -> None:
    """Remember what a version was made from, and the version before, which stands until this one is recorded."""
    notes = _notes(private, publication.contract) | {publication.version: basis}
    kept = {str(version): asdict(notes[version]) for version in sorted(notes)[-2:]}
    path = _path(private, publication.contract)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(kept), "ascii")
    os.replace(fresh, path)


def basis_noted(private: Path, publication: Publication) -> Basis | None:
    """The basis of exactly this version, or None when nothing reliable is known about it."""
    return _notes(private, publication.contract).get(publication.version)


def last_version(private: Path, contract: str) -> int:
    """The highest version ever made, so that a number never means two files; 0 when there was none."""
    return max(_notes(private, contract), default=0)
