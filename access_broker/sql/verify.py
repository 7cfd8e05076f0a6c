"""The second reader: DuckDB's own bound plan of the generated text must show exactly what was decided.

The plan names base tables after every view and macro is expanded, the columns really read, real function names and
operators (DuckDB 2.0.0, `json_serialize_plan`). Two independent readers agree, or the statement is refused: a
difference is our bug or an attack, and either way an operator wants to know.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.rewrite import Statement

_OPERATORS = frozenset(
    """
    OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE OPERATOR_NULLIF COMPARE_IN COMPARE_NOT_IN
    OPERATOR_CAST OPERATOR_TRY
    """.split()
)
_DO_NOT_BIND = frozenset({"binder", "conversion", "invalid input", "not implemented"})
_WINDOWS = frozenset({"WINDOW_AGGREGATE", *(f"WINDOW_{n.upper()}" for n in allowed.WINDOW_ONLY.values())})
_ALWAYS = frozenset({"count", "count_star", "first", "any_value"})
"""Aggregates the rewriter and DuckDB's own subquery handling add; each yields nothing a guard has not passed."""


class Mismatch(Exception):  # noqa: N818 - turned into NOT_VERIFIED, with `what` for the operator only
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def verify(plan: dict[str, Any], statement: Statement) -> None:
    """Raises Mismatch unless the bound plan reads and does exactly what `statement` says.

    A statement that the engine cannot bind at all, text added to a number say, is Refused TYPES_DO_NOT_FIT: that
    depends on the kinds of columns only, never on what is in them.
    """
    if plan.get("error_type") in _DO_NOT_BIND and plan.get("error_subtype") != "COLUMN_NOT_FOUND":
        raise Refused("TYPES_DO_NOT_FIT")
    plans = plan.get("plans")
    if plan.get("error") or not isinstance(plans, list) or len(plans) != 1:
        raise Mismatch(f"no single plan: {plan.get('error_type')}")
    found: set[tuple[str, frozenset[str]]] = set()
    for node in _objects(plans[0]):
        kind = node.get("type")
        if isinstance(kind, str) and kind.startswith("LOGICAL_"):
            if kind not in allowed.BOUND_OPERATORS:
                raise Mismatch(f"operator {kind}")
            if kind == "LOGICAL_GET":
                found.add(_read(node))
        if "expression_class" in node:
            _check_expression(node, statement)
    if found != set(statement.reads):
        raise Mismatch(f"reads {sorted(t for t, _ in found)}")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _read(node: dict[str, Any]) -> tuple[str, frozenset[str]]:
    path = (node.get("function_data") or {}).get("qualified_name", {}).get("path")
    if node.get("qname", {}).get("path") != ["seq_scan"] or not path or len(path) != 3 or path[1] != "main":
        raise Mismatch("a scan of something other than a published table")
    names = node.get("names") or []
    columns = set()
    for entry in node.get("column_indexes") or []:
        index = entry.get("index", 0)
        if entry.get("child_indexes"):
            raise Mismatch("a part of a column")
        if index < len(names):
            columns.add(str(names[index]))
        elif len(node["column_indexes"]) > 1:  # the virtual row id; alone it only means that rows are counted
            raise Mismatch("a virtual column")
    return str(path[2]), frozenset(columns)


def _check_expression(node: dict[str, Any], statement: Statement) -> None:
    kind, name = node["expression_class"], ((node.get("qname") or {}).get("path") or [""])[-1].lower()
    if kind not in allowed.BOUND_EXPRESSIONS:
        raise Mismatch(f"expression {kind}")
    if kind == "BOUND_OPERATOR" and node.get("type") not in _OPERATORS:
        raise Mismatch(f"operator {node.get('type')}")
    if kind == "BOUND_FUNCTION" and name not in allowed.BOUND_SCALARS:
        raise Mismatch(f"function {name}")
    if kind == "BOUND_FUNCTION" and name == "__cast" and statement.guarded and _reads_text(node):
        raise Refused("TYPES_DO_NOT_FIT")  # a conversion that fails for one row would tell of that row
    if kind == "BOUND_AGGREGATE" and not _is_decided(name, statement):
        raise Mismatch(f"aggregate {name}")
    if kind == "BOUND_WINDOW" and (node.get("type") not in _WINDOWS or (name and not _is_decided(name, statement))):
        raise Mismatch(f"window {node.get('type')} {name}")


def _reads_text(node: dict[str, Any]) -> bool:
    """An unguarded conversion from text that is not a constant of the statement."""
    children = node.get("children") or [{}]
    target, source = node.get("return_type") or {}, children[0].get("return_type") or {}
    computed = children[0].get("expression_class") != "BOUND_CONSTANT"
    return computed and source.get("id") == "VARCHAR" and target.get("id") != "VARCHAR"


def _is_decided(name: str, statement: Statement) -> bool:
    own = allowed.ENGINE_AGGREGATES.get(name, name)
    return own in _ALWAYS or own in statement.aggregates


def check(plan: dict[str, Any], statement: Statement) -> None:
    """`verify` as a refusal."""
    try:
        verify(plan, statement)
    except Mismatch as difference:
        raise Refused("NOT_VERIFIED", "S3-P5") from difference
