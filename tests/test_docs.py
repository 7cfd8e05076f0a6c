"""Pages that fail when stale, and files that must not tell where they were made."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from access_broker import domain
from access_broker.adapters.rule_catalogue import rule_catalogue
from access_broker.domain.acts import WARNING_TRANSITIONS
from access_broker.domain.contracts import TRANSITIONS
from access_broker.domain.exits import EXIT_TRANSITIONS
from access_broker.domain.reasons import REASONS
from access_broker.domain.sandboxes import SANDBOX_TRANSITIONS
from access_broker.domain.suspensions import SUSPENSION_TRANSITIONS
from access_broker.domain.violations import VIOLATION_TRANSITIONS
from scripts.generate_docs import DOCS, guard_refusals, main, pages

ROOT = Path(__file__).resolve().parent.parent

# Spelled in pieces, so that this file does not find itself.
REGISTRY_HOSTS = [
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
    )
]
# Where people and build machines keep their checkouts; a container's own user is not a machine.
MACHINE_PATH = re.compile(r"(?<![\w.$})-])/(?:home/(?!sandbox\b|jovyan\b)\w+|Users/\w+|work|workspace)/\w")


def test_generated_pages_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_a_stale_page_is_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scripts.generate_docs.DOCS", tmp_path)
    (tmp_path / "reasons.md").write_text(pages()["reasons.md"], encoding="utf-8")

    assert main(["--check"]) == 1
    assert "states.md is stale" in capsys.readouterr().out
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_the_pages_leave_nothing_out() -> None:
    generated = pages()

    codes = [*REASONS, *(refusal.code for refusal in guard_refusals())]
    assert {"ADDRESS_NOT_OFFERED", "OUTPUT_BUDGET_SPENT"} <= set(codes)
    for code in codes:  # the guard has a few names in common with the broker, for the same things
        assert generated["reasons.md"].count(f"| `{code}` |") == 2 * codes.count(code), code
    for refusal in guard_refusals():
        rule = f"`{refusal.rule}`" if refusal.rule else ""
        assert generated["reasons.md"].count(f"| `{refusal.code}` | {rule} | {refusal.status} |") == 2
    for transitions in (
        TRANSITIONS,
        WARNING_TRANSITIONS,
        VIOLATION_TRANSITIONS,
        SUSPENSION_TRANSITIONS,
        EXIT_TRANSITIONS,
        SANDBOX_TRANSITIONS,
    ):
        for source, target in itertools.product(transitions, repeat=2):
            arrow = f"    {source.value} --> {target.value}"
            assert (arrow in generated["states.md"]) == (target in transitions[source])
    for rule in rule_catalogue():
        assert generated["rules.md"].count(f"### {rule.id} ") == 1
        for clause in rule.clauses:
            assert (f"| `{clause.id}` |" in generated["rules.md"]) == bool(clause.missing)
            assert all(f"`{test}`" in generated["rules.md"] for test in clause.tests)


@pytest.mark.parametrize("module", [module.name for module in pkgutil.iter_modules(domain.__path__)])
def test_every_class_of_the_domain_is_in_the_glossary(module: str) -> None:
    loaded = importlib.import_module(f"{domain.__name__}.{module}")
    classes = {
        name
        for name, value in vars(loaded).items()
        if isinstance(value, type) and value.__module__ == loaded.__name__ and not name.startswith("_")
    }
    named = set(re.findall(r"`(\w+)(?:\.\w+)?`", (DOCS / "glossary.md").read_text(encoding="utf-8")))

    assert classes - named == set()


def test_every_row_of_the_glossary_has_its_persian() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| English", "| ---", "| Say", "| *"))
    ]

    assert len(rows) > 80
    assert [row for row in rows if len(row) != 4 or not re.search("[\u0600-\u06ff]", row[1])] == []
    assert re.search("[يىك]|پیمانکار", "".join(row[1] for row in rows)) is None


def own_files() -> Iterator[Path]:
    """Every file of ours, told by .gitignore alone, so that the test also holds where there is no git."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split() if line]
    pending = [ROOT]
    while pending:
        for path in pending.pop().iterdir():
            place = path.relative_to(ROOT).as_posix()
            if path.name == ".git" or any(fnmatch(path.name, ignore) or place == ignore for ignore in ignored):
                continue
            if path.is_symlink():
                continue
            if path.is_dir():
                pending.append(path)
            else:
                yield path


def test_no_file_names_a_package_registry_or_a_machine() -> None:
    told = []
    for path in own_files():
        text = path.read_text(encoding="utf-8", errors="ignore")
        told += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRY_HOSTS if host in text]
        told += [f"{path.relative_to(ROOT)}: {found}" for found in MACHINE_PATH.findall(text)]

    assert told == []


def test_what_a_machine_path_is() -> None:
    checkout = "/".join(("", "work", "main", "setup.py"))

    assert MACHINE_PATH.search(f"see {checkout} for it")
    assert MACHINE_PATH.search("/".join(("", "home", "sara", "amanat")))
    inside = "/".join(("", "home", "jovyan", "notebook.ipynb"))
    elsewhere = "/".join(("", "usr", "share", "work", "x"))
    assert not MACHINE_PATH.search(f"docs/work/plan.md and {elsewhere} and {inside}")
