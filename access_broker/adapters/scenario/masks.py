"""The mask templates a scenario may name, each with the schema of its arguments (see domain MaskTemplate)."""

from __future__ import annotations

from typing import Any

from access_broker.adapters.scenario.parts import Part
from access_broker.domain.datasets import MaskTemplate

MASKS: dict[str, dict[str, Any]] = {
    "fixed": {"value": {"type": ["string", "number"]}},
    "token": {},
    "date": {"to": {"enum": ["year", "quarter", "month"]}},
    "band": {"width": {"type": "number", "exclusiveMinimum": 0}},
    "prefix": {"length": {"type": "integer", "minimum": 1, "maximum": 1000}},
    "null": {},
}


def read_mask(part: Part) -> MaskTemplate:
    """The template with its arguments in the order they were written."""
    arguments = tuple((name, argument.value) for name, argument in part.entries() if name != "template")
    return MaskTemplate(part.text("template", "null"), arguments)
