"""The part of the schema about contracts: parties, keys, terms, scope, acts."""

from __future__ import annotations

from access_broker.adapters.scenario.masks import MASKS
from access_broker.adapters.scenario.schema_words import Schema, list_of, record, ref, words_of
from access_broker.domain.acts import Act
from access_broker.domain.clauses import ClauseKind
from access_broker.domain.contracts import (
    DEFAULT_AGGREGATES,
    AnswerMode,
    ContractType,
    Differencing,
    Level,
    Signatory,
)
from access_broker.domain.datasets import Mode, RareValues
from access_broker.domain.guarantees import GuaranteeKind
from access_broker.domain.people import Committee

_REQUIRED = ["id", "problem", "executor", "owner", "type", "purpose", "level", "start", "end", "people", "scope"]
_LARGEST = 1_000_000_000  # no setting needs more, and every engine below can still hold it


def contract_definitions() -> Schema:
    """The definition `contract` and those it is made of."""
    return {"contract": _contract(), "terms": _terms(), "table_grant": _table_grant(), "column_grant": _column_grant()}


def _contract() -> Schema:
    scope = {"type": "object", "propertyNames": ref("table_ref"), "additionalProperties": ref("table_grant")}
    agreed = {
        "id": ref("id"),
        "like": ref("id")
        | {
            "description": "a contract of this file that everything not given here is taken from, except the keys "
            "(signatures, ito_approved, approvals, consents, guarantees, acknowledged) and the acts: nobody approves "
            "by copy"
        },
        "problem": ref("id"),
        "executor": ref("id"),
        "owner": ref("id"),
        "type": words_of(ContractType),
        "purpose": ref("text"),
        "level": words_of(Level),
        "legal_access_level_ref": ref("text"),
        "clauses": record([], {kind.value: ref("clause") for kind in ClauseKind})
        | {"description": "what the contract says itself; of every kind that is not named here, the standard clause"},
        "start": ref("date"),
        "end": ref("date") | {"description": "at most six Jalali months after the start (S3-P9-R1)"},
        "follows": ref("id")
        | {"description": "market access: the contract whose work was accepted, at most a Jalali month ago (F-14)"},
        "people": list_of(ref("id"), minItems=1, uniqueItems=True),
        "report_every_days": {"type": ["integer", "null"], "minimum": 1, "maximum": 366},
        "terms": ref("terms"),
        "scope": scope | {"description": "dataset.table → columns; what is not named does not exist for the contract"},
    }
    return record(["id"], agreed | _keys(), **{"if": {"required": ["like"]}, "else": {"required": _REQUIRED}})


def _keys() -> Schema:
    voted = {"enum": ["approved", "rejected"], "default": "approved"}
    approval = {"committee": words_of(Committee), "person": ref("id"), "decision": voted, "at": ref("date")}
    consent = {"dataset": ref("stable_id"), "person": ref("id"), "at": ref("date")}
    guarantee = {"kind": words_of(GuaranteeKind), "expires": ref("date")}
    act = {"act": words_of(Act), "ground": ref("rule"), "by": ref("id"), "decision": ref("text")}
    all_or_some = {"type": ["string", "array"], "items": ref("id"), "uniqueItems": True}
    return {
        "signatures": list_of({"enum": [Signatory.GOVERNMENT.value, Signatory.EXECUTOR.value]}, uniqueItems=True),
        "ito_approved": {"type": "boolean"},
        "approvals": list_of(record(["committee", "person"], approval))
        | {"description": "by holders of a seat of that committee, of neither side of the contract (S1-C2)"},
        "consents": list_of(record(["dataset", "person"], consent))
        | {"description": "of the steward of each dataset that is not the contract owner's own (S1-P2)"},
        "guarantees": list_of(record(["kind", "expires"], guarantee)),
        "acknowledged": all_or_some | {"if": {"type": "string"}, "then": {"enum": ["all"]}},
        "activate": {"type": "boolean", "description": "false leaves the contract drafted on purpose"},
        "acts": list_of(record(["act", "ground", "by"], act)),
    }


def _terms() -> Schema:
    share = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    budget = {"type": "number", "exclusiveMinimum": 0, "maximum": 1000}
    bounds = list_of({"type": "number"}, minItems=2, maxItems=2)
    of_one = {"type": "integer", "minimum": 1, "maximum": 10_000}
    signals = {"type": "object", "propertyNames": ref("stable_id"), "additionalProperties": _count()}
    return record(
        [],
        {
            "k": _count() | {"description": "least distinct entities behind any released cell"},
            "max_rows": _count(),
            "daily_queries": _count(),
            "aggregates": list_of({"enum": list(DEFAULT_AGGREGATES)}, minItems=1, uniqueItems=True),
            "dominance": record(
                ["n", "share"],
                {
                    "n": _count(),
                    "share": share,
                    "p": share | {"description": "the p % rule, as a share; with share 1 it stands alone"},
                },
            ),
            "differencing": words_of(Differencing),
            "answer_mode": words_of(AnswerMode),
            "epsilon": record(
                ["per_statement", "total"],
                {
                    "per_statement": budget,
                    "total": budget,
                    "rows_per_person": of_one | {"description": "how many rows of one person count, 5 if not given"},
                    "groups_per_person": of_one
                    | {"description": "how many groups one person counts in, 3 if not given"},
                },
            ),
            "clip": {"type": "object", "propertyNames": ref("column_ref"), "additionalProperties": bounds},
            "rare_values": words_of(RareValues),
            "top_code": {
                "type": "boolean",
                "description": "cap aggregate-only figures at the value that k people reach, at both ends",
            },
            "daily_rows": _count() | {"description": "rows of all answers in a UTC day"},
            "answer_ms": {
                "type": "integer",
                "minimum": 0,
                "maximum": 60_000,
                "description": "answers from rows of people take a multiple of this many milliseconds",
            },
            "protective": list_of(ref("stable_id"), uniqueItems=True)
            | {"description": "kinds of violations that end access at once, beside those of the policy (F-13)"},
            "signals": signals
            | {
                "description": (
                    "thresholds of automatic signals, count per day: refusals (of one code), below_k, probing, budget, "
                    "odd_hours, egress; one that is not named is no lower than refusals"
                )
            },
        },
    )


def _count() -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": _LARGEST}


def _table_grant() -> Schema:
    columns = {"type": "object", "propertyNames": ref("stable_id"), "additionalProperties": ref("column_grant")}
    row_filter = {"type": "string", "minLength": 1, "maxLength": 2000}
    return {
        "description": "deny (takes back an inherited table), or {columns, row_filter}",
        "if": {"type": "string"},
        "then": {"enum": ["deny"]},
        "else": record([], {"columns": columns, "row_filter": row_filter}, type=["string", "object"]),
    }


def _column_grant() -> Schema:
    return {
        "description": "a mode, or {mode: mask, mask: {template, …}}",
        "if": {"type": "string"},
        "then": words_of(Mode),
        "else": record(["mode"], {"mode": words_of(Mode), "mask": _mask()}, type=["string", "object"]),
    }


def _mask() -> Schema:
    """Each template with its own arguments; YAML's bare `null` is the template of that name."""

    def template(name: str, arguments: Schema) -> Schema:
        known = {"properties": {"template": {"enum": _spellings(name)}}, "required": ["template"]}
        closed = {"properties": {"template": True} | arguments, "additionalProperties": False}
        return {"if": known, "then": closed | {"required": list(arguments)}}

    names = [spelling for name in MASKS for spelling in _spellings(name)]
    return {
        "type": "object",
        "required": ["template"],
        "properties": {"template": {"enum": names}},
        "allOf": [template(name, arguments) for name, arguments in MASKS.items()],
    }


def _spellings(name: str) -> list[str | None]:
    return [name, None] if name == "null" else [name]
