"""The JSON Schema of a scenario file. Lists of words come from the domain, so the two cannot drift apart.

`docs/scenario.schema.json` is this, printed: `python -m access_broker.adapters.scenario.schema > FILE`.
"""

from __future__ import annotations

import json
import sys

from access_broker.adapters.scenario.schema_contracts import contract_definitions
from access_broker.adapters.scenario.schema_words import Schema, list_of, record, ref, word_definitions, words_of
from access_broker.domain.datasets import DataClass, SourceKind, Sovereignty
from access_broker.domain.people import SEATS, Committee, Family, Role
from access_broker.domain.problems import Origin


def scenario_schema() -> Schema:
    """The whole schema, JSON Schema 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amanat scenario",
        "description": "Organisations, people, committees, datasets, problems and contracts that `amanat load` brings "
        "into being. Dates: today, today+90d, ISO (2026-11-21) or Jalali (1405-08-30), in the days of Tehran.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "organisations": list_of(ref("organisation")),
            "people": list_of(ref("person")),
            "committees": _committees(),
            "datasets": list_of(ref("dataset")),
            "problems": list_of(ref("problem")),
            "contracts": list_of(ref("contract")),
        },
        "$defs": word_definitions() | _people() | _datasets() | _problems() | contract_definitions(),
    }


def schema_text() -> str:
    """The schema as the file in docs/ holds it."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def _people() -> Schema:
    return {
        "organisation": record(
            ["id", "family", "names"],
            {
                "id": ref("id"),
                "family": words_of(Family),
                "names": ref("both"),
                "legal_id": {"type": ["string", "integer"], "description": "11 digits; an executor needs one (S3-P3)"},
            },
        ),
        "person": record(
            ["id", "organisation", "names"],
            {
                "id": ref("id"),
                "organisation": ref("id"),
                "family": words_of(Family) | {"description": "that of the organisation; may be stated, must agree"},
                "names": ref("both"),
                "roles": list_of(words_of(Role), uniqueItems=True),
                "language": {"enum": ["fa", "en"]},
                "disabled": {"type": "boolean"},
            },
        ),
    }


def _committees() -> Schema:
    def seat(committee: Committee) -> Schema:
        number = {"type": "integer", "minimum": 1, "maximum": SEATS[committee]}
        dates = {"from": ref("date"), "to": ref("date")}
        return record(["seat", "person"], {"seat": number, "person": ref("id")} | dates)

    seats = {committee.value: list_of(seat(committee)) for committee in Committee}
    return record([], seats)


def _datasets() -> Schema:
    described = record(
        ["class"],
        {"name": ref("text"), "class": words_of(DataClass), "titles": ref("either")},
        type=["string", "object"],
    )
    column = {
        "description": "a class, or {class, name, titles}; `name` is what people type and the source says, else the id",
        "if": {"type": "string"},
        "then": words_of(DataClass),
        "else": described,
    }
    columns = {"type": "object", "minProperties": 1, "propertyNames": ref("stable_id"), "additionalProperties": column}
    table = record(
        ["columns"],
        {
            "name": ref("text"),
            "entity": ref("stable_id") | {"description": "the column that names a person; without one: an open table"},
            "columns": columns,
        },
    )
    source = record(
        ["path"],
        {
            "path": ref("text") | {"description": "relative to the scenario file"},
            "kind": words_of(SourceKind) | {"description": "told from the ending when absent"},
            "table": ref("stable_id") | {"description": "the table a CSV or Parquet file holds"},
            "sha256": ref("digest"),
        },
    )
    join = list_of(ref("join_side"), minItems=2, maxItems=2)
    tables = {"type": "object", "minProperties": 1, "propertyNames": ref("stable_id"), "additionalProperties": table}
    dataset = record(
        ["id", "owner", "steward", "titles", "sources", "tables"],
        {
            "id": ref("stable_id"),
            "owner": ref("id"),
            "steward": ref("id"),
            "titles": ref("both"),
            "sovereignty": words_of(Sovereignty),
            "sources": list_of(source, minItems=1),
            "tables": tables,
            "joins": list_of(join),
            "synthetic": list_of(ref("local_column_ref"), uniqueItems=True),
        },
    )
    return {"dataset": dataset}


def _problems() -> Schema:
    problem = record(
        ["id", "owner", "titles"],
        {
            "id": ref("id"),
            "owner": ref("id"),
            "titles": ref("both"),
            "origin": words_of(Origin),
            "resources": list_of(ref("stable_id"), uniqueItems=True),
            "approved": {"type": "boolean"},
        },
    )
    return {"problem": problem}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
