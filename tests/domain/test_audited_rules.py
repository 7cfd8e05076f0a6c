"""Every audit event that the product can write cites a rule of the directive (PRE-1).

Two nets: here every place in the source that makes an event is read; and the records of the tests refuse any event that
comes by with a rule that is not in the catalogue (tests/support/fakes.py).
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from access_broker.adapters.rule_catalogue import rule_catalogue
from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Reason
from access_broker.domain.reasons import REASONS
from tests.support.factories import make_records

ROOT = Path(__file__).resolve().parents[2]
RULES = {rule.id for rule in rule_catalogue()}

# Told by what happened: the ground of an act, the reason of a policy, a table that says which rule belongs to what.
TOLD = re.compile(r"rule|ground", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A call that makes an event: `rule` as it is written there."""

    module: str
    line: int
    kind: str
    rule: str


def places() -> Iterator[Place]:
    for path in sorted((ROOT / "access_broker").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if module.startswith(("access_broker.adapters.records", "access_broker.domain.audit")):
            continue  # reads events back, of whatever version
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "AuditEvent":
                told = {keyword.arg: keyword.value for keyword in node.keywords}
                words = [*node.args, *[told[name] for name in ("kind", "actor", "subject", "rule") if name in told]]
                yield Place(module, node.lineno, ast.unparse(words[0]), ast.unparse(words[3]))


def cited(place: Place) -> str | None:
    """The id that is written there, in place or as a constant of the module; None where it is told by what happened."""
    if re.fullmatch(r"'[^']*'", place.rule):
        return place.rule.strip("'")
    constant = getattr(importlib.import_module(place.module), place.rule, None)
    return constant if isinstance(constant, str) else None


PLACES = tuple(places())


def test_events_are_found() -> None:
    kinds = {place.kind.strip("'") for place in PLACES}
    assert len(PLACES) > 40
    assert {"token.issued", "person.signed_in", "query.closed", "contract.drafted"} & kinds >= {"query.closed"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.module}:{place.line}")
def test_its_rule_is_in_the_catalogue(place: Place) -> None:
    rule = cited(place)
    assert rule in RULES if rule is not None else TOLD.search(place.rule), place


@pytest.mark.parametrize("code", REASONS.values(), ids=lambda code: code.code)
def test_a_decision_that_names_no_rule_rests_on_one_all_the_same(code: object) -> None:
    reason = Reason(code.code)  # type: ignore[attr-defined]
    assert reason.rule in RULES
    assert reason.rule == REASONS[reason.code].rules[0]
    assert set(REASONS[reason.code].rules) <= RULES


def test_a_rule_that_is_named_stays() -> None:
    assert Reason("NOT_FOUND", "S1-P2").rule == "S1-P2"
    assert Reason("OF_NOBODY").rule == ""


@pytest.mark.parametrize("rule", ["", "F-31", "S3-P11"])
def test_records_of_tests_refuse_an_event_without_one(rule: str) -> None:
    with pytest.raises(AssertionError, match=r"thing\.done"), make_records().write() as writer:
        writer.record(AuditEvent("thing.done", "somebody", "something", rule))
