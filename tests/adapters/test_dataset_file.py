from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from access_broker.adapters.dataset_file import read_dataset
from access_broker.domain.datasets import ColumnRef, DataClass, Dataset, Sovereignty
from access_broker.use_cases.scenario import OnRecord, ScenarioFaulty
from tests.support.factories import NOW, PEOPLE

KNOWN = OnRecord(frozenset({"ministry", "ito"}), PEOPLE, frozenset({ColumnRef("health", "citizens", "national_id")}))
TEXT = """\
id: welfare
owner: ministry
steward: steward
titles: {en: Benefits, fa: یارانه‌ها}
sources:
  - {path: benefits.csv, table: benefits}
tables:
  benefits:
    entity: person
    columns:
      person: {class: direct_identifier, titles: {en: Person}}
      amount: sensitive
joins:
  - [benefits.person, health.citizens.national_id]
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of one organisation; beside it lies that of another, and above both a file of the machine."""
    own, others = tmp_path / "ministry", tmp_path / "ito"
    own.mkdir()
    others.mkdir()
    (own / "benefits.csv").write_text("person,amount\n1,2\n")
    (others / "wages.csv").write_text("person,wage\n1,2\n")
    (tmp_path / "outside.csv").write_text("secret\n")
    return own


def faults(text: str, base: Path, known: OnRecord = KNOWN) -> list[tuple[int | None, str, str]]:
    with pytest.raises(ScenarioFaulty) as faulty:
        read_dataset(text, base, known, NOW)
    assert all(fault.message_fa for fault in faulty.value.faults)
    return [(fault.line, fault.where, fault.message_en) for fault in faulty.value.faults]


def test_a_description_by_itself(base: Path) -> None:
    found = read_dataset(TEXT, base, KNOWN, NOW)
    assert (found.id, found.owner, found.steward, found.title_fa) == ("welfare", "ministry", "steward", "یارانه‌ها")
    assert found.sovereignty is Sovereignty.UNDETERMINED
    (source,) = found.sources
    assert (source.path, source.table, len(source.sha256)) == (str(base / "benefits.csv"), "benefits", 64)
    assert [c.data_class for c in found.tables[0].columns] == [DataClass.DIRECT_IDENTIFIER, DataClass.SENSITIVE]
    assert [str(join.right) for join in found.joins] == ["health.citizens.national_id"]


def test_json_says_the_same(base: Path) -> None:
    import yaml

    assert read_dataset(json.dumps(yaml.safe_load(TEXT), indent=1), base, KNOWN, NOW) == of(TEXT, base)


def of(text: str, base: Path) -> Dataset:
    return read_dataset(text, base, KNOWN, NOW)


def test_every_fault_is_told_with_its_line(base: Path) -> None:
    text = TEXT.replace("owner: ministry", "owner: nobody").replace("amount: sensitive", "amount: secret")
    assert [(line, where) for line, where, _ in faults(text, base)] == [
        (2, "owner"),
        (12, "tables.benefits.columns.amount"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "just words", "- id: welfare", "id: [", "a: &x [*x]", "\x00"])
def test_what_is_no_description(base: Path, text: str) -> None:
    assert faults(text, base)


def test_someone_who_is_no_steward(base: Path) -> None:
    assert [(line, where) for line, where, _ in faults(TEXT.replace("steward: steward", "steward: chair"), base)] == [
        (3, "steward")
    ]


@pytest.mark.parametrize(
    "path",
    [
        "absent.csv",
        "ministry/benefits.csv",
        "wages.csv",
        "../outside.csv",
        "../nowhere.csv",
        "../ito/wages.csv",
        "../ito/nothing.csv",
        "../ministry/benefits.csv",
        "{root}/outside.csv",
        "{root}/ito/wages.csv",
        "{root}/ministry/benefits.csv",
        "/etc/passwd",
        "sub/../../outside.csv",
        "sub/../benefits.csv",
        "link.csv",
        "folder/outside.csv",
        "folder/ito/wages.csv",
        "folder/ministry/benefits.csv/../../nowhere.csv",
        "dangling.csv",
        "loop.csv",
        "folder/loop.csv",
        "pipe.csv",
        ".",
        "sub",
        "{long}.csv",
    ],
)
def test_what_is_not_in_the_folder_is_one_fault_whatever_there_is_elsewhere(base: Path, path: str) -> None:
    """Absent, of another organisation, out of reach, no file: the person hears the same, and no digest."""
    (base / "sub").mkdir()
    (base / "link.csv").symlink_to(base.parent / "outside.csv")
    (base / "folder").symlink_to(base.parent)
    (base / "dangling.csv").symlink_to(base.parent / "nowhere.csv")
    for folder in (base, base.parent):
        (folder / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(base / "pipe.csv")
    written = path.format(root=base.parent, long="x" * 300)
    text = TEXT.replace("path: benefits.csv,", f"path: {written}, kind: csv, sha256: {'0' * 64},")
    ((line, where, message),) = faults(text, base)
    assert (line, where) == (6, "sources[0].path")
    shown = written if len(written) <= 80 else written[:80] + "…"
    assert message == (
        f"There is no file {shown} in your organisation's folder of sources. Write its path from that folder on, "
        "without `..`, or ask the operator to put the file there."
    )


def test_ways_that_stay_inside(base: Path) -> None:
    (base / "sub").mkdir()
    (base / "sub" / "other.csv").symlink_to(base / "benefits.csv")
    for path in ("./benefits.csv", "sub/other.csv"):
        (source,) = of(TEXT.replace("path: benefits.csv", f"path: {path}"), base).sources
        assert source.path == str(base / "benefits.csv")


def test_a_digest_that_differs_is_told_without_the_one_there_is(base: Path) -> None:
    digest = hashlib.sha256((base / "benefits.csv").read_bytes()).hexdigest()
    assert of(TEXT.replace("benefits.csv,", f"benefits.csv, sha256: {digest},"), base).sources[0].sha256 == digest
    ((line, where, message),) = faults(TEXT.replace("benefits.csv,", f"benefits.csv, sha256: {'0' * 64},"), base)
    assert (line, where) == (6, "sources[0].sha256")
    assert "benefits.csv does not have the SHA-256 that is stated" in message
    assert digest not in message


def test_an_organisation_without_a_folder_has_no_files(base: Path) -> None:
    ((_, where, message),) = faults(TEXT, base.parent / "bank")
    assert where == "sources[0].path"
    assert message == faults(TEXT.replace("benefits.csv", "../ito/wages.csv"), base)[0][2].replace(
        "../ito/wages.csv", "benefits.csv"
    )


def test_a_folder_of_sources_behind_a_link(base: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(base)
    assert of(TEXT, tmp_path / "linked").sources[0].path == str(base / "benefits.csv")
