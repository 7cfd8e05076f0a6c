"""The policy's `access` document as a Decision. Pure. What cannot be read to the last field is a refusal."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from access_broker.domain.contracts import AnswerMode, Differencing, Dominance, Epsilon
from access_broker.domain.decisions import Decision, Obligations, Reason, UseVerdict
from access_broker.domain.reasons import REASONS

_ORDER = {code: place for place, code in enumerate(REASONS)}
_OBLIGATIONS = frozenset(
    {"min_entities", "max_rows", "daily_queries", "answer_mode", "differencing", "dominance", "epsilon"}
)


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """The document is not what the policy says it gives."""


def decision_from(document: Mapping[str, Any], source_tables: Mapping[str, str]) -> Decision:
    """The decision on a statement whose sources are `source_tables` (source id → `dataset.table`).

    Refused with POLICY_UNAVAILABLE when anything is missing, unknown or contradicts itself: an obligation that nobody
    here can keep, entities to be counted in a source the statement does not have, a refused use beside an allowance.
    Reasons come most fundamental first (who, contract, statement, grant), for the first one is what people read.
    """
    try:
        reasons = _reasons(document)
        uses = tuple(_verdict(item) for item in _list(document, "uses"))
        if document["allow"] is not (not reasons):
            raise _Unreadable
        if reasons:
            return Decision(reasons, uses)
        return Decision((), _all_allowed(uses), _obligations(document["obligations"], source_tables))
    except (_Unreadable, KeyError, TypeError, AttributeError, ValueError, OverflowError):
        return Decision.refuse("POLICY_UNAVAILABLE")


def _reasons(document: Mapping[str, Any]) -> tuple[Reason, ...]:
    reasons = {Reason(_text(item, "code"), _text(item, "rule")) for item in _list(document, "reasons")}
    if not {reason.code for reason in reasons} <= _ORDER.keys():
        raise _Unreadable
    return tuple(sorted(reasons, key=lambda reason: (_ORDER[reason.code], reason.rule)))


def _verdict(item: Mapping[str, Any]) -> UseVerdict:
    if not isinstance(item["allowed"], bool):
        raise _Unreadable
    texts = {name: _text(item, name) for name in ("table", "column", "use", "rule", "code")}
    return UseVerdict(allowed=item["allowed"], **texts)


def _all_allowed(uses: tuple[UseVerdict, ...]) -> tuple[UseVerdict, ...]:
    if not all(use.allowed for use in uses):
        raise _Unreadable
    return uses


def _obligations(told: Mapping[str, Any], source_tables: Mapping[str, str]) -> Obligations:
    if told.keys() != _OBLIGATIONS:
        raise _Unreadable
    entities = tuple(sorted((source, _whole(k, 1)) for source, k in told["min_entities"].items()))
    if not dict(entities).keys() <= source_tables.keys():
        raise _Unreadable
    mode, epsilon = told["answer_mode"], _epsilon(told["epsilon"])
    if mode not in tuple(AnswerMode) or (epsilon is None) != (mode != AnswerMode.DP):
        raise _Unreadable
    return Obligations(
        entities,
        _whole(told["max_rows"], 1),
        str(mode),
        _whole(told["daily_queries"], 0),
        Differencing(told["differencing"]),
        _dominance(told["dominance"]),
        epsilon,
    )


def _dominance(told: Any) -> Dominance | None:
    if told is None:
        return None
    shares = [told["share"]] if told["p"] is None else [told["share"], told["p"]]
    if told.keys() != {"n", "share", "p"} or not all(_is_amount(share) and share <= 1 for share in shares):
        raise _Unreadable
    return Dominance(_whole(told["n"], 1), float(told["share"]), None if told["p"] is None else float(told["p"]))


def _epsilon(told: Any) -> Epsilon | None:
    if told is None:
        return None
    amounts = told["per_statement"], told["total"]
    if told.keys() != {"per_statement", "total"} or not all(map(_is_amount, amounts)):
        raise _Unreadable
    return Epsilon(float(amounts[0]), float(amounts[1]))


def _is_amount(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value < math.inf


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document[name]
    if not isinstance(found, list):
        raise _Unreadable
    return found


def _text(item: Mapping[str, Any], name: str) -> str:
    found = item[name]
    if not isinstance(found, str):
        raise _Unreadable
    return found


def _whole(value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < least:
        raise _Unreadable
    return int(value)
