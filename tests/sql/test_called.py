"""All that the engine calls for an honest word is what a verified plan may call: else a question would be an alarm."""

from __future__ import annotations

import json

import duckdb
import pytest

from access_broker.sql import allowed

PARTS = """century decade year quarter month week day dow isodow doy hour minute second millisecond microsecond epoch
isoyear yearweek weekday era millennium timezone""".split()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_a_time_can_be_verified(part: str) -> None:
    assert _functions(f"SELECT extract({part} FROM TIMESTAMP '2024-01-01 10:00:00' + to_days(n)) FROM range(3) t(n)")


@pytest.mark.parametrize("name", sorted(allowed.WINDOW_ONLY.values()))
def test_every_window_function_can_be_verified(name: str) -> None:
    argument = {"ntile": "2", "lag": "n", "lead": "n", "first_value": "n", "last_value": "n"}.get(name, "")
    assert _functions(f"SELECT {name}({argument}) OVER (ORDER BY n) FROM range(3) t(n)")


def _functions(sql: str) -> bool:
    """Whether all that the engine calls in it is what a verified plan may call."""
    plan = json.loads(duckdb.execute("SELECT json_serialize_plan(?, optimize := false)", [sql]).fetchall()[0][0])
    assert not plan["error"], plan
    calls = list(_calls(plan))
    return bool(calls) and all(
        (kind == "BOUND_WINDOW" and name in allowed.BOUND_WINDOWS) or name in allowed.BOUND_SCALARS
        for kind, name in calls
    )


def _calls(node: object) -> list[tuple[str, str]]:
    if isinstance(node, list):
        return [call for part in node for call in _calls(part)]
    if not isinstance(node, dict):
        return []
    kind, own = str(node.get("expression_class")), []
    if kind == "BOUND_FUNCTION":
        own = [(kind, str(node["qname"]["path"][-1]).lower())]
    elif kind == "BOUND_WINDOW":
        own = [(kind, str(node["type"]))]
    return own + [call for part in node.values() for call in _calls(part)]
