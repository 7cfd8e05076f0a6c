"""The catalogue of rules against the repository: what it names is there, and it claims no more than tests prove."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from access_broker.adapters.rule_catalogue import read_rules, rule_catalogue
from access_broker.domain.audit import AuditEvent
from access_broker.domain.reasons import REASONS
from access_broker.domain.rules import Clause, Pending, Reach, Rule, RuleKind, RuleStatus
from scripts.check_translations import template_faults

ROOT = Path(__file__).resolve().parents[2]
RULES = {rule.id: rule for rule in rule_catalogue()}
CLAUSES = {clause.id: clause for rule in RULES.values() for clause in rule.clauses}

# What waits for a capability that is not built. As long as they do, nothing leaves at all.
PLANNED = {"S3-P5 c", "S3-P5-R2 c", "S3-P8 c", "D-2 c"}

# What is not built or not proven, though the directive asks it of this product. `missing` in the catalogue says more.
# Whoever builds one names its tests in the catalogue and takes it out here.
KNOWN_GAPS: set[str] = set()

_CITED = re.compile(
    r"(?<![\w-])(?:PRE-1|A-0|E-0|S[123]-(?:0|C\d|P\d+(?:-R\d+[a-z]?)?)|B-(?:SC)?\d+|[CD]-\d+|F-\d+)(?![\w-])"
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_the_directive_is_there_as_a_whole() -> None:
    kinds = Counter(rule.kind for rule in RULES.values())
    assert kinds == {
        RuleKind.PROCEDURE: 16,
        RuleKind.RULE: 18,
        RuleKind.CONSIDERATION: 5,
        RuleKind.SCENARIO: 4,
        RuleKind.STEP: 19,
        RuleKind.PARAGRAPH: 13,
    }
    assert sum(rule.reach is Reach.CORE for rule in RULES.values()) == 24


def test_every_rule_that_is_cited_is_in_the_catalogue() -> None:
    """In code, policies, words and templates, whether a decision cites it, an audit record or a comment."""
    cited: dict[str, set[str]] = {}
    for folder in ("access_broker", "hub", "policies", "sandbox-images", "datasets"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".rego", ".po", ".html", ".md", ".json", ".yaml", ".ipynb", ".js"):
                for rule in _CITED.findall(path.read_text(encoding="utf-8")):
                    cited.setdefault(rule, set()).add(str(path.relative_to(ROOT)))
    assert len(cited) == len(RULES), "the catalogue itself is among the files"
    assert {rule: where for rule, where in cited.items() if rule not in RULES} == {}
    assert {rule for reason in REASONS.values() for rule in reason.rules} <= RULES.keys()


def test_a_wrong_citation_would_be_found() -> None:
    event = AuditEvent("contract.cut", "chair", "P1", "F-31")
    assert _CITED.findall(repr(event)) == ["F-31"]
    assert _CITED.findall('{"code": "X", "rule": "S3-P11-R2c"}, D-2a, UTF-8') == ["S3-P11-R2c"]


@pytest.mark.parametrize(
    "clause", [clause for clause in CLAUSES.values() if clause.tests], ids=lambda clause: clause.id
)
def test_every_test_that_is_named_is_there(clause: Clause) -> None:
    assert [test for test in clause.tests if not is_there(test)] == []


@pytest.mark.parametrize(
    "test",
    [
        "tests/adapters/test_rule_catalogue.py::test_nothing_of_the_kind",
        "tests/adapters/test_nothing.py::test_every_test_that_is_named_is_there",
        "tests/adapters/test_rule_catalogue.py::is_there",
        "tests/use_cases/test_sandboxes.py::TestAdmission::test_nothing",
        "policies/keys/keys_test.rego::test_nothing",
        'policies/keys/keys_test.rego::test_reasons["nothing of the kind"]',
    ],
)
def test_a_test_that_is_not_there_would_be_found(test: str) -> None:
    assert not is_there(test)


def test_what_enforces_a_rule_is_there() -> None:
    named = {(rule.id, place) for rule in RULES.values() for place in rule.enforced_by}
    assert len(named) > 50
    assert {(rule, place) for rule, place in named if not (ROOT / place).exists()} == set()
    bare = {
        place for _, place in named if place.startswith("policies/") and not list((ROOT / place).glob("*_test.rego"))
    }
    assert bare == set(), "a policy is named by its folder, with its tests in it"


def test_what_waits_for_a_capability_is_four_clauses() -> None:
    assert {clause.id for clause in CLAUSES.values() if clause.pending is Pending.PLANNED} == PLANNED


def test_the_known_gaps_are_exactly_these() -> None:
    """A clause without a test is a gap that is known, or the build fails; one that is proven is a gap no more."""
    assert {clause.id for clause in CLAUSES.values() if clause.pending is Pending.GAP} == KNOWN_GAPS


def test_a_core_rule_puts_nothing_off() -> None:
    later = [clause.id for rule in RULES.values() if rule.reach is Reach.CORE for clause in _later(rule)]
    assert later == []


def _later(rule: Rule) -> list[Clause]:
    return [clause for clause in rule.clauses if clause.pending is Pending.LATER]


def test_the_status_claims_no_more_than_the_clauses() -> None:
    assert RULES["S3-P3"].status is RuleStatus.ENFORCED
    assert RULES["S3-P5"].status is RuleStatus.PARTLY
    assert RULES["F-14"].status is RuleStatus.ENFORCED
    assert RULES["S3-P9"].status is RuleStatus.PLANNED
    assert RULES["F-18"].status is RuleStatus.ORGANISATIONAL


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_both_languages_read_well(rule: Rule) -> None:
    for told in (rule, *rule.clauses):
        assert list(template_faults(told.id, "en", told.text_en)) == []
        assert list(template_faults(told.id, "fa", told.text_fa)) == []
        assert told.text_en.endswith(".")
        assert told.text_fa.endswith(".")


GOOD = """
- id: F-1
  force: must
  reach: core
  en: Text.
  fa: متن.
  by: [hub]
  clauses:
    - {en: Text., fa: متن., tests: ["tests/x.py::test_x"]}
"""


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("id: F-1", "id: F-0", "F-0 is no rule id"),
        ("force: must", "force: perhaps", "perhaps"),
        ("reach: core", "reach: moon", "moon"),
        ("fa: متن.\n  by", "fa: ''\n  by", "F-1: no text in fa"),
        ("by: [hub]", "by: []", "F-1: what is proven is enforced somewhere"),
        ("by: [hub]", "owner: [hub]", "F-1: unknown members"),
        ('tests: ["tests/x.py::test_x"]', "tests: []", "F-1 a: either tests prove it"),
        ('tests: ["tests/x.py::test_x"]', "gap: ''", "F-1 a: says what is missing"),
        ('tests: ["tests/x.py::test_x"]', "later: Next year.", "F-1 a: says what is missing"),
        ('tests: ["tests/x.py::test_x"]', "gap: All of it., planned: All of it.", "F-1 a: one reason"),
        ("    - {en", "    - {de: Text., en", "F-1 a: unknown members"),
        ("\n- id", "\n- {id: F-1, force: may, reach: record, en: A., fa: ا.}\n- id", "told twice"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_not_read(tmp_path: Path, good: str, bad: str, fault: str) -> None:
    (tmp_path / "rules.yaml").write_text(GOOD, encoding="utf-8")
    assert [rule.id for rule in read_rules(tmp_path)] == ["F-1"]
    assert good in GOOD
    (tmp_path / "rules.yaml").write_text(GOOD.replace(good, bad), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(fault)):
        read_rules(tmp_path)


def test_no_rules_are_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no rules"):
        read_rules(tmp_path)


def is_there(test: str) -> bool:
    """Whether `file::name` names a test of this repository; `[…]` behind a Rego test's name is one of its cases."""
    file, _, name = test.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    if path.suffix != ".rego":
        return name in _python_tests(path)
    name, _, case = name.partition("[")
    text = path.read_text(encoding="utf-8")
    return bool(re.search(rf"^{re.escape(name)}\b", text, re.M)) and (not case or f"{case.removesuffix(']')}:" in text)


@cache
def _python_tests(path: Path) -> frozenset[str]:
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{part.name}" for part in node.body if isinstance(part, _FUNCTIONS)}
        elif isinstance(node, _FUNCTIONS):
            found.add(node.name)
    return frozenset(name for name in found if name.split("::")[-1].startswith("test_"))
