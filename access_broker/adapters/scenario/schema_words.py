"""The small words the schema is made of: ids, texts, references, and how a record is closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from access_broker.domain.clauses import LONGEST_CLAUSE

Schema = dict[str, Any]

# `$` also matches before a final newline where Python checks the pattern; the lookahead shuts that door.
_END = "$(?!\\n)"
_STABLE_ID = "[a-z][a-z0-9_]{0,62}"


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def words_of(kind: type[StrEnum]) -> Schema:
    return {"enum": [member.value for member in kind]}


def record(required: list[str], properties: Schema, **more: Any) -> Schema:
    """An object that knows its fields: a misspelt one is a fault, not silence."""
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties} | more


def list_of(item: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": item} | more


def word_definitions() -> Schema:
    """The `title` of each tells `shape` which sentence to say when a value does not fit."""
    two, three = r"\.".join([_STABLE_ID] * 2), r"\.".join([_STABLE_ID] * 3)
    return {
        "id": _pattern("id", "[A-Za-z0-9][A-Za-z0-9_-]{0,62}"),
        "stable_id": _pattern("stable id", _STABLE_ID),
        "text": _pattern("text", r"[^\t\r\n]*[^\s][^\t\r\n]*") | {"maxLength": 500},
        "both": record(["en", "fa"], {"en": ref("text"), "fa": ref("text")}),
        "either": record([], {"en": ref("text"), "fa": ref("text")}),
        "passage": _pattern("text", r"[^\t\r\n]*[^\s][^\t\r\n]*") | {"maxLength": LONGEST_CLAUSE},
        "clause": record(["en", "fa"], {"en": ref("passage"), "fa": ref("passage")}, type=["object", "null"])
        | {"description": "null says that nothing was agreed, which keeps the contract from starting"},
        "date": {"title": "date", "type": "string"},
        "digest": _pattern("digest", "[0-9a-f]{64}"),
        "rule": _pattern("rule", "[A-Z][A-Za-z0-9-]{0,15}"),
        "table_ref": _pattern("dataset.table", two),
        "local_column_ref": _pattern("table.column", two),
        "column_ref": _pattern("dataset.table.column", three),
        "join_side": _pattern("table.column or dataset.table.column", f"(?:{_STABLE_ID}\\.)?{two}"),
    }


def _pattern(title: str, pattern: str) -> Schema:
    return {"title": title, "type": "string", "pattern": f"^{pattern}{_END}"}
