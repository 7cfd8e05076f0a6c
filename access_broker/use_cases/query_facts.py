"""The facts of one statement for the policy's `access` decision."""

from __future__ import annotations

from typing import Any

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.footprint import Footprint


def query_facts(facts: dict[str, Any], footprint: Footprint, catalogue: Catalogue, spent: int) -> dict[str, Any]:
    """`facts` of the login, with the statement's footprint, the declared joins and today's count."""
    return facts | {
        "joins": sorted([min(pair), max(pair)] for pair in catalogue.joins),
        "today": {"queries": spent},
        "query": {
            "sources": {s.id: s.table for s in footprint.sources},
            "touches": [
                {"source": t.source, "column": t.column, "use": t.use.value, "function": t.function}
                for t in footprint.touches
            ],
            "joins": [{"left": _side(j.left), "right": _side(j.right)} for j in footprint.joins],
            "unknown": [{"table": u.table, "column": u.column, "use": u.use.value} for u in footprint.unknown],
        },
    }


def _side(side: tuple[str, str]) -> dict[str, str]:
    return {"source": side[0], "column": side[1]}
