"""The second reader: DuckDB's own bound plan of the generated text must show exactly what was decided.

The plan names base tables after every view and macro is expanded, the columns really read, real function names and
operators (`json_serialize_plan`, `plan_shape.py`). What is not understood to the last key is a difference. Two
independent readers agree, or the statement is refused: a difference is our bug or an attack, and either way an operator
wants to know.
"""

from __future__ import annotations

from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.fallible import leaves_time, may_fail, type_of
from access_broker.sql.plan_shape import DETAIL_KEYS, EXPRESSION_KEYS, OPERATOR_KEYS, TOP_KEYS, called, objects_in
from access_broker.sql.probing import holds_nothing
from access_broker.sql.rewrite import Statement
from access_broker.sql.told import is_list, is_relation, is_unnested

_OPERATORS = frozenset(
    """
    OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE OPERATOR_NULLIF COMPARE_IN COMPARE_NOT_IN
    OPERATOR_CAST OPERATOR_TRY
    """.split()
)
_DO_NOT_BIND = frozenset({"binder", "conversion", "invalid input", "not implemented"})
_LONGEST = frozenset({"HUGEINT", "UHUGEINT", "BIGNUM"})
_ALWAYS = frozenset({"count", "count_star", "first", "any_value"})
"""Aggregates the rewriter and DuckDB's own subquery handling add; each yields nothing a guard has not passed."""


class Mismatch(Exception):  # noqa: N818 - turned into NOT_VERIFIED, with `what` for the operator only
    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def verify(plan: dict[str, Any], statement: Statement) -> None:
    """Raises Mismatch unless the bound plan reads and does exactly what `statement` says.

    A statement that the engine cannot bind at all, text added to a number say, is Refused TYPES_DO_NOT_FIT: that
    depends on the kinds of columns only, never on what is in them. One that it cannot even read, an interval of
    'monht' say, is Refused SYNTAX: where nothing is understood nothing is understood otherwise.
    """
    if plan.get("error_type") == "parser":
        raise Refused("SYNTAX")
    if plan.get("error_type") in _DO_NOT_BIND and plan.get("error_subtype") != "COLUMN_NOT_FOUND":
        raise Refused("TYPES_DO_NOT_FIT")
    plans = plan.get("plans")
    if plan.get("error") or not isinstance(plans, list) or len(plans) != 1:
        raise Mismatch(f"no single plan: {plan.get('error_type')}")
    if not plan.keys() <= TOP_KEYS or not isinstance(plans[0], dict) or not _is_operator(plans[0]):
        raise Mismatch("a plan of another shape")
    found: set[tuple[str, frozenset[str]]] = set()
    computed = 0
    for node in objects_in(plans[0]):
        if _is_operator(node):
            _check_operator(node, statement)
            if node["type"] == "LOGICAL_GET" and not _is_decided_series(node, statement):
                found.add(_read(node))
        elif "expression_class" in node:
            computed += 1
            _check_expression(node, statement)
        elif not node.keys() <= DETAIL_KEYS:
            raise Mismatch(f"an object with {_unknown(node, DETAIL_KEYS)}")
    if not computed:
        raise Mismatch("no expression")
    if statement.probe and not holds_nothing(plans[0]):
        raise Mismatch("a probe that could hold a row")
    if found != set(statement.reads):
        raise Mismatch(f"reads {sorted(t for t, _ in found)}")
    if statement.guarded and leaves_time(plans[0]):
        raise Refused("TYPES_DO_NOT_FIT")


def _is_operator(node: dict[str, Any]) -> bool:
    kind = node.get("type")
    return isinstance(kind, str) and kind.startswith("LOGICAL_") and "expression_class" not in node


def _check_operator(node: dict[str, Any], statement: Statement) -> None:
    if node["type"] == "LOGICAL_UNNEST" and is_relation(node, statement.told):
        return
    if node["type"] not in allowed.BOUND_OPERATORS:
        raise Mismatch(f"operator {node['type']}")
    children = node.get("children")
    if not node.keys() <= OPERATOR_KEYS or not isinstance(children, list) or not all(map(_is_operator, children)):
        raise Mismatch(f"{node['type']} with {_unknown(node, OPERATOR_KEYS)}")


def _unknown(node: dict[str, Any], known: frozenset[str]) -> str:
    return ", ".join(sorted(node.keys() - known)) or "children of another shape"


def _is_decided_series(node: dict[str, Any], statement: Statement) -> bool:
    """A series of constants with just the arguments that were decided, no column of which is anything else."""
    if node.get("qname", {}).get("path") != ["system", "main", "generate_series"]:
        return False
    given = [p.get("value") if isinstance(p, dict) and not p.get("is_null") else None for p in node["parameters"]]
    told = tuple(tuple(v.get(p) for p in ("months", "days", "micros")) if isinstance(v, dict) else v for v in given)
    if told not in statement.series or node.get("named_parameters") or node.get("children"):
        raise Mismatch(f"a series {told}")
    return True


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
    kind, name = node["expression_class"], called(node).lower()
    if kind == "BOUND_UNNEST" and is_unnested(node, statement.told):
        return  # what is within it is looked at by itself
    if kind not in allowed.BOUND_EXPRESSIONS:
        raise Mismatch(f"expression {kind}")
    if not node.keys() <= EXPRESSION_KEYS or not isinstance(node.get("type"), str):
        raise Mismatch(f"expression {kind} with {_unknown(node, EXPRESSION_KEYS)}")
    if not all(isinstance(c, dict) and "expression_class" in c for c in node.get("children") or []):
        raise Mismatch(f"expression {kind} of something else")
    if kind == "BOUND_OPERATOR" and node.get("type") not in _OPERATORS:
        raise Mismatch(f"operator {node.get('type')}")
    if kind == "BOUND_FUNCTION" and name not in allowed.BOUND_SCALARS and name not in statement.functions:
        raise Mismatch(f"function {name}")
    fallible = kind == "BOUND_FUNCTION" and statement.guarded and may_fail(name, node, typed=not statement.derived)
    if fallible and not is_list(node, statement.told):
        raise Refused("TYPES_DO_NOT_FIT")  # what fails for one row would tell of that row
    if kind == "BOUND_CONSTANT" and statement.guarded and not statement.derived and type_of(node) in _LONGEST:
        raise Refused("TYPES_DO_NOT_FIT")  # what is computed of it fits no other type, once a row has it
    if kind == "BOUND_AGGREGATE" and not _is_decided(name, statement):
        raise Mismatch(f"aggregate {name}")
    if kind == "BOUND_WINDOW" and (
        node.get("type") not in allowed.BOUND_WINDOWS or (name and not _is_decided(name, statement))
    ):
        raise Mismatch(f"window {node.get('type')} {name}")


def _is_decided(name: str, statement: Statement) -> bool:
    own = allowed.ENGINE_AGGREGATES.get(name, name)
    return own in _ALWAYS or own in statement.aggregates


def difference_in(refused: Refused) -> str:
    """What a NOT_VERIFIED refusal found, in names of ours and the engine's; for the operator only, '' otherwise."""
    cause = refused.__cause__
    return cause.what if isinstance(cause, Mismatch) else ""


def check(plan: dict[str, Any], statement: Statement) -> None:
    """`verify` as a refusal."""
    try:
        verify(plan, statement)
    except Mismatch as difference:
        raise Refused("NOT_VERIFIED", "S3-P5") from difference
