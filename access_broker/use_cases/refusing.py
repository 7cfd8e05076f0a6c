"""What a refusal of the policy names, so that its reader can repair the statement.

Names come from the statement, or from what the contract itself says: never anything else. One name is enough, the
first in the statement that the reason is about.
"""

from __future__ import annotations

from typing import Any

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Decision
from access_broker.domain.footprint import Footprint, Touch, Use


def detail_of(decision: Decision, footprint: Footprint, catalogue: Catalogue, contract: Contract) -> dict[str, Any]:
    """The details of the first reason: `name`, and for a few codes what the contract offers instead."""
    code = decision.reasons[0].code
    if footprint.unknown:
        return _unknown(footprint, catalogue)
    denied = {(use.table, use.column, use.use) for use in decision.uses if not use.allowed and use.code == code}
    tables = {source.id: source.table for source in footprint.sources}
    touches = [t for t in footprint.touches if (tables.get(t.source, ""), t.column, _use_name(t)) in denied]
    columns = [t for t in touches if t.column != "*"]
    if not touches:
        return {"name": ""}
    touch = (columns or touches)[0]
    detail: dict[str, Any] = {"name": _name(touch, tables[touch.source], catalogue)}
    if code == "AGGREGATE_NOT_ALLOWED":
        detail["allowed"] = tuple(sorted({*contract.terms.aggregates} - {"count_star"}))  # that is a count(*)
    return detail


def _unknown(footprint: Footprint, catalogue: Catalogue) -> dict[str, Any]:
    """The name that was typed. Whoever wrote something before a table is told the datasets, whatever the name is."""
    first = footprint.unknown[0]
    if first.column != "*":
        return {"name": first.column}
    datasets = tuple(sorted({table.dataset for table in catalogue.tables})) if "." in first.table else ()
    return {"name": first.table, "datasets": datasets}


def _use_name(touch: Touch) -> str:
    """As the policy names it."""
    return f"aggregate:{touch.function}" if touch.use is Use.AGGREGATE else touch.use.value


def _name(touch: Touch, key: str, catalogue: Catalogue) -> str:
    table = catalogue.table(key)
    column = table.column(touch.column) if table else None
    named = column.name if column else f"{table.name}.*" if table else ""
    if touch.use is Use.NULL_TEST:
        return f"{named} IS NULL"
    if touch.use not in (Use.AGGREGATE, Use.TRANSFORM) or not touch.function:
        return named
    if touch.function == "count_star":
        return "count(*)"
    of = column.name if column else ""
    return f"{touch.function}(… {of} …)" if touch.use is Use.TRANSFORM and of else f"{touch.function}({of or '…'})"
