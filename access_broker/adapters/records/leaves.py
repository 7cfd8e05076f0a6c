"""The leaves that are kept as JSON: terms, mask arguments, the catalogue of a publication.

Written and read field by field: a document with a field missing or to spare is an error, never a default in silence.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from access_broker.adapters.records.columns import frozen
from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable
from access_broker.domain.contracts import AnswerMode, Differencing, Dominance, Epsilon, Terms
from access_broker.domain.datasets import MaskTemplate, Mode, RareValues


def terms_document(terms: Terms) -> dict[str, Any]:
    return asdict(terms)


def terms_from(document: dict[str, Any]) -> Terms:
    _check_fields(document, Terms)  # everything not named below is a plain number
    dominance, epsilon = document["dominance"], document["epsilon"]
    leaves: dict[str, Any] = {
        "aggregates": tuple(document["aggregates"]),
        "dominance": None if dominance is None else Dominance(**dominance),
        "differencing": Differencing(document["differencing"]),
        "answer_mode": AnswerMode(document["answer_mode"]),
        "epsilon": None if epsilon is None else Epsilon(**epsilon),
        "clip": tuple((ref, low, high) for ref, low, high in document["clip"]),
        "rare_values": RareValues(document["rare_values"]),
        "signals": tuple((name, count) for name, count in document["signals"]),
        "protective": tuple(document["protective"]),
    }
    return Terms(**{**document, **leaves})


def mask_from(template: str | None, arguments: list[list[Any]] | None) -> MaskTemplate | None:
    if template is None:
        return None
    return MaskTemplate(template, tuple((name, frozen(value)) for name, value in arguments or ()))


def catalogue_document(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "tables": [asdict(table) for table in catalogue.tables],
        "joins": sorted(sorted(pair) for pair in catalogue.joins),
    }


def catalogue_from(document: dict[str, Any]) -> Catalogue:
    _check_fields(document, Catalogue)
    return Catalogue(
        tables=tuple(_granted_table(table) for table in document["tables"]),
        joins=frozenset(frozenset(pair) for pair in document["joins"]),
    )


def _granted_table(document: dict[str, Any]) -> GrantedTable:
    _check_fields(document, GrantedTable)
    columns = (GrantedColumn(**{**column, "mode": Mode(column["mode"])}) for column in document["columns"])
    return GrantedTable(**{**document, "columns": tuple(columns)})


def _check_fields(document: dict[str, Any], kind: type[Terms | Catalogue | GrantedTable]) -> None:
    expected = {field.name for field in fields(kind)}
    if document.keys() != expected:
        raise ValueError(f"a stored {kind.__name__} does not have its fields: {sorted(document.keys() ^ expected)}")
