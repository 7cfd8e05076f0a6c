"""docs/rules.md: rule → code → test, in both languages, and what is still open."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from enum import StrEnum

from access_broker.adapters.rule_catalogue import rule_catalogue
from access_broker.adapters.sentences import translate
from access_broker.domain.rules import Clause, Pending, Reach, Rule, RuleStatus

# Heading of each part of the directive, by the beginning of the ids in it.
_PARTS = {
    "PRE": ("Preamble", "دیباچه"),
    "A": ("The subsystems", "زیرسیستم‌ها"),
    "S1": ("Finding problems, issues and opportunities", "شناسایی مسئله‌ها و فرصت‌ها"),
    "S2": ("Telling the public", "آگاه‌سازی همگانی"),
    "S3": ("Execution, entry and exit", "اجرا، ورود و خروج"),
    "B": ("Ownership and cooperation", "مالکیت و همکاری"),
    "C": ("Competitors", "رقیبان"),
    "D": ("Failure and exit", "شکست و خروج"),
    "E": ("Ecosystem", "زیست‌بوم"),
    "F": ("The steps", "گام‌ها"),
}
_MARKS = {Reach.CORE: "●", Reach.WORKFLOW: "◐", Reach.RECORD: "○"}


def rules_page(generated: str) -> str:
    """The page as docs/ holds it. `generated`: the line that says what writes it."""
    catalogue = rule_catalogue()
    counted = _table(
        ("", *(_name(status, "en") for status in RuleStatus)),
        ((f"{_MARKS[reach]} {_name(reach, 'en')}", *_counts(catalogue, reach)) for reach in Reach),
    )
    clauses = [clause for rule in catalogue for clause in rule.clauses]
    planned = _table(("Clause", "Waits for"), _open(clauses, Pending.PLANNED))
    missing = list(_open(clauses, Pending.GAP))
    gaps = _table(("Clause", "What is missing"), missing) if missing else "None.\n"
    told = "\n".join(
        f"## {_PARTS[part][0]} · {_PARTS[part][1]}\n\n" + "\n".join(map(_rule, rules))
        for part, rules in itertools.groupby(catalogue, lambda rule: rule.id.split("-")[0])
    )
    return f"""# Rules

{generated}
Every rule of the directive in our own words, with the code that enforces it and the tests that prove it. Refusals,
policies and audit records cite these ids; `GET /api/v1/rules` tells the same. The source is `access_broker/rules/`.

● is enforced by code, ◐ is a record or a gate that code reads, ○ is text. A rule is told in clauses, and it is
*enforced* only when a test proves each of them. *Later*: a clause whose part of the product is not begun.

{counted}
## What waits for a capability

Until these are built, nothing leaves at all.

{planned}
## Known gaps

Asked by the directive and not built, or built and not proven. A test holds this list to be exactly right.

{gaps}
{told}"""


def _counts(catalogue: Iterable[Rule], reach: Reach) -> list[str]:
    statuses = [rule.status for rule in catalogue if rule.reach is reach]
    return [str(statuses.count(status)) for status in RuleStatus]


def _open(clauses: Iterable[Clause], pending: Pending) -> Iterable[tuple[str, ...]]:
    return ((f"`{clause.id}`", _cell(clause.missing)) for clause in clauses if clause.pending is pending)


def _rule(rule: Rule) -> str:
    words = [f"{_name(word, 'en')} · {_name(word, 'fa')}" for word in (rule.force, rule.status)]
    head = f"### {rule.id} {_MARKS[rule.reach]}\n\n*{words[0]} — {words[1]}*\n\n"
    text = f'{rule.text_en}\n\n<p dir="rtl">{_code(rule.text_fa)}</p>\n'
    code = f"\nCode: {', '.join(f'`{place}`' for place in rule.enforced_by)}\n" if rule.enforced_by else ""
    proof = _table(("", "Clause", "بند", "Proof"), map(_clause_row, rule.clauses)) if rule.clauses else ""
    return head + text + code + (f"\n{proof}" if proof else "")


def _clause_row(clause: Clause) -> tuple[str, ...]:
    proof = "<br>".join(f"`{test}`" for test in clause.tests)
    if clause.pending is not None:
        proof = f"**{_name(clause.pending, 'en')}**" + (f": {clause.missing}" if clause.missing else "")
    letter = clause.id.split()[-1]
    return (
        letter,
        _cell(clause.text_en),
        f'<span dir="rtl">{_code(_cell(clause.text_fa))}</span>',
        _cell(proof),
    )


def _code(text: str) -> str:
    """Backticks say nothing inside of HTML."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", text)


def _name(member: StrEnum, language: str) -> str:
    return translate(f"{type(member).__name__}.{member.value}", language)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
