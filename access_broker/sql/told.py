"""Values of our own in a bound plan: lists of constants, taken apart side by side, and nothing else that takes apart.

Noisy values stand so in the statement that runs (`noisy_values.py`). A plan may show one of these lists only where its
very text was decided; nobody who types a statement can have one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from typing import Any

from access_broker.sql.plan_shape import EXPRESSION_KEYS, UNNEST_KEYS, called

_UNNESTED_KEYS = EXPRESSION_KEYS | {"child"}


def name_of(text: str) -> str:
    """Short for a long text: no other text has this name."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_list(node: dict[str, Any], told: Set[str]) -> bool:
    """Is the expression one of the texts in `told`, read as a list? It was written so that this never fails."""
    children = node.get("children")
    if node.get("expression_class") != "BOUND_FUNCTION" or called(node) != "__cast" or not isinstance(children, list):
        return False
    if len(children) != 1 or not isinstance(children[0], dict) or (node.get("return_type") or {}).get("id") != "LIST":
        return False
    value = children[0].get("value") or {}
    text = value.get("value")
    is_text = (
        children[0].get("expression_class") == "BOUND_CONSTANT" and (value.get("type") or {}).get("id") == "VARCHAR"
    )
    return is_text and isinstance(text, str) and name_of(text) in told


def is_unnested(node: dict[str, Any], told: Set[str]) -> bool:
    """Is the expression the rows of such a list?"""
    child = node.get("child")
    known = node.keys() <= _UNNESTED_KEYS and node.get("expression_class") == "BOUND_UNNEST"
    return known and not node.get("children") and isinstance(child, dict) and is_list(child, told)


def is_relation(node: dict[str, Any], told: Set[str]) -> bool:
    """Is the operator such lists side by side, over nothing?"""
    below, shown = node.get("children"), node.get("expressions")
    if node.keys() != UNNEST_KEYS or not isinstance(below, list) or not isinstance(shown, list) or not shown:
        return False
    over_nothing = [one.get("type") for one in below if isinstance(one, dict)] == ["LOGICAL_DUMMY_SCAN"]
    return over_nothing and all(isinstance(one, dict) and is_unnested(one, told) for one in shown)
