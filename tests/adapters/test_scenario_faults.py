"""Every way a scenario file can be wrong gives one message, at its line, in both languages."""

# ruff: noqa: E501 - a case is a row of the table

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from access_broker.adapters.scenario.document import MAX_BYTES
from tests.adapters.scenario.world import GOOD, changed, faults_of, make_sources


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_sources(tmp_path)


@dataclass(frozen=True)
class Case:
    """`old` becomes `new`; the fault is told where `new` (or `at`) stands, and says `says`."""

    name: str
    old: str
    new: str
    where: str
    says: str
    at: str = ""


C = "contracts[0]"
PEOPLE = "datasets[0].tables.people"
CASES = [
    # the text
    Case("key twice", "    type: licence\n", "    type: licence\n    type: ppp\n", f"{C}.type", "line 52", "type: ppp"),
    Case("bidi in a name", "en: Bob,", 'en: "Bo\\u202eb",', "people[1].names.en", "U+202E"),
    Case("zero width in an id", "id: guest,", 'id: "gu\\u200best",', "people[4].id", "U+200B"),
    Case("half-space in Latin", "planning roads", "plan\u200cning roads", f"{C}.purpose", "U+200C"),
    Case("bidi in a filter", "<> 'secret'", "<> 'sec\u2066ret'", f"{C}.scope.town.people.row_filter", "U+2066"),
    Case("bidi in a key", "    approved: true", '    "ap\\u200fproved": true', "problems[0].ap\u200fproved", "U+200F"),
    Case("a tag", "licence", "!!python/name:os.system x", f"{C}.type", "!!python/name:os.system"),
    Case("a tag that does not fit", "k: 12", "k: !!int ten", f"{C}.terms.k", "!!int"),
    Case("a list for a key", "      k: 12", "      [a]: 12", f"{C}.terms", "plain text"),
    # the shape
    Case("unknown field", "    purpose:", "    porpose: x\n    purpose:", f"{C}.porpose", "not known", "porpose"),
    Case("missing field", "    purpose: planning roads\n", "", C, "purpose is missing", "- id: C1"),
    Case("missing class", "{name: درآمد, class: sensitive,", "{name: درآمد,", f"{PEOPLE}.columns.c0001", "class is"),
    Case("text for a number", "k: 12", "k: ten", f"{C}.terms.k", '"ten" stands where a whole number'),
    Case("yes for a number", "k: 12", "k: true", f"{C}.terms.k", "a whole number"),
    Case("a fraction of a person", "k: 12", "k: 2.5", f"{C}.terms.k", "a whole number"),
    Case("endless", "total: 1}", "total: 1.0e+999}", f"{C}.terms.epsilon.total", "a number"),
    Case("k of none", "k: 12", "k: 0", f"{C}.terms.k", "1 or more"),
    Case("k below none", "k: 12", "k: -1", f"{C}.terms.k", "1 or more"),
    Case("neither yes nor no", "k: 12", "k: 12\n      top_code: perhaps", f"{C}.terms.top_code", "true or false", "top_code"),
    Case("a p of more than all", "p: 0.1", "p: 1.2", f"{C}.terms.dominance.p", "1 or less"),
    Case("a p of nothing", "p: 0.1", "p: 0", f"{C}.terms.dominance.p", "more than 0"),
    Case("a share above all", "share: 0.8", "share: 1.2", f"{C}.terms.dominance.share", "1 or less"),
    Case("a share of nothing", "share: 0.8", "share: 0", f"{C}.terms.dominance.share", "more than 0"),
    Case("one word for a list", "people: [ana, bob]", "people: ana", f"{C}.people", "a list"),
    Case("nobody", "people: [ana, bob]", "people: []", f"{C}.people", "empty"),
    Case("somebody twice", "people: [ana, bob]", "people: [ana, ana]", f"{C}.people", "twice"),
    Case("blank purpose", "planning roads", '" "', f"{C}.purpose", "not blank"),
    Case("purpose over two lines", "planning roads", '"a\\nb"', f"{C}.purpose", "one line"),
    Case("purpose without end", "planning roads", "x" * 501, f"{C}.purpose", "longer than 500"),
    Case("unknown mode", "street: dimension", "street: secret", f"{C}.scope.town.people.columns.street", "raw, dimension"),
    Case("unknown class", "born: personal", "born: private", f"{PEOPLE}.columns.born", "direct_identifier"),
    Case("unknown template", "template: date", "template: blur", f"{C}.scope.town.people.columns.born.mask.template", "fixed"),
    Case("template argument unknown", "to: year", "to: week", f"{C}.scope.town.people.columns.born.mask.to", "quarter"),
    Case("template argument missing", ", to: year", "", f"{C}.scope.town.people.columns.born.mask", "to is missing", "born: {mode"),
    Case("template argument too many", "to: year", "to: year, x: 1", f"{C}.scope.town.people.columns.born.mask.x", "not known"),
    Case("band without width", "template: date, to: year", "template: band, width: 0", f"{C}.scope.town.people.columns.born.mask.width", "more than 0"),
    Case("one bound", "[0, 500]", "[0]", f"{C}.terms.clip.town.people.c0001", "Exactly 2"),
    Case("half a join", "[people.street, streets.street]", "[people.street]", "datasets[0].joins[0]", "Exactly 2"),
    Case("seat beyond the last", "{seat: 5,", "{seat: 6,", "committees.qualification[0].seat", "5 or less"),
    Case("unknown rule", "ground: F-13", "ground: f13", f"{C}.acts[0].ground", "S3-P6-R2 or F-13"),
    Case("bad digest", "path: people.csv,", "path: people.csv, sha256: abc,", "datasets[0].sources[0].sha256", "64"),
    Case("all but one", "acknowledged: all", "acknowledged: everybody", f"{C}.acknowledged", "all"),
    # ids
    Case("a person's id", "id: guest,", "id: the chair,", "people[4].id", "cannot be an id"),
    Case("an id that is an option", "id: guest,", "id: --all,", "people[4].id", "cannot be an id"),
    Case("an id with a newline", "id: guest,", 'id: "guest\\n",', "people[4].id", "cannot be an id"),
    Case("a column's id", "length: public", "length: public\n          طول: public", "datasets[0].tables.streets.columns.طول", "lower-case", "طول: public"),
    Case("a scope key", "      town.streets:", "      streets:", f"{C}.scope.streets", "dataset.table", "      streets:\n        columns: {street: raw"),
    Case("a person twice", "id: guest,", "id: chair,", "people[4].id", "already described on line 8", "id: chair, organisation: ito, names: {en: Guest"),
    # references
    Case("unknown organisation", "executor: lab", "executor: lob", f"{C}.executor", "no organisation lob"),
    Case("unknown person", "people: [ana, bob]", "people: [ana, bab]", f"{C}.people[1]", "no person bab"),
    Case("unknown seat holder", "person: judge", "person: jury", "committees.qualification[0].person", "no person jury"),
    Case("unknown resource", "resources: [town]", "resources: [city]", "problems[0].resources[0]", "no dataset city"),
    Case("unknown problem", "problem: roads", "problem: rivers", f"{C}.problem", "no problem rivers"),
    Case("unknown dataset", "      town.streets:", "      city.streets:", f"{C}.scope.city.streets", "no dataset city"),
    Case("unknown table", "      town.streets:", "      town.lanes:", f"{C}.scope.town.lanes", "no table town.lanes"),
    Case("unknown column", "length: raw", "width: raw", f"{C}.scope.town.streets.columns.width", "no column town.streets.width"),
    Case("unknown clip", "town.people.c0001: [", "town.people.c9: [", f"{C}.terms.clip.town.people.c9", "no column"),
    Case("unknown base", "    problem: roads\n", "    like: C9\n    problem: roads\n", f"{C}.like", "no contract C9", "like"),
    Case("like itself", "    problem: roads\n", "    like: C1\n    problem: roads\n", f"{C}.like", "leads back", "like"),
    Case("unknown synthetic", "[people.nid]", "[people.nix]", "datasets[0].synthetic[0]", "no column town.people.nix"),
    Case("unknown side of a join", "[people.street, streets.street]", "[people.street, streets.lane]", "datasets[0].joins[0][1]", "no column town.streets.lane"),
    # people
    Case("legal id", '"10380284790"', '"10380284791"', "organisations[2].legal_id", "check digit"),
    Case("two families", "id: bob, organisation: lab,", "id: bob, organisation: lab, family: ito,", "people[1].family", "private and ito"),
    Case("one person, two employers", "id: guest, organisation: ito", "id: bob, organisation: ito", "people[4].id", "private and ito"),
    Case("role outside the family", "organisation: ito, names: {en: Judge", "organisation: ito, roles: [executor], names: {en: Judge", "people[3].roles[0]", "(F-2)"),
    Case("two on a seat", "    - {seat: 5, person: judge}", "    - {seat: 5, person: judge}\n    - {seat: 5, person: chair}", "committees.qualification[1].seat", "taken", "{seat: 5, person: chair}"),
    Case("an executor on a seat", "person: judge", "person: bob", "committees.qualification[0].person", "S1-C2"),
    Case("no steward", "roles: [steward],", "", "datasets[0].steward", "role steward", "steward: keeper"),
    # datasets
    Case("look-alike columns", "born: personal", "born: {name: STREET, class: personal}", f"{PEOPLE}.columns.born.name", "look-alike"),
    Case("look-alike letters", "born: personal", "born: {name: درآم\u0640د, class: personal}", f"{PEOPLE}.columns.born.name", "look-alike"),
    Case("look-alike tables", "      streets:\n        columns:", "      streets:\n        name: People\n        columns:", "datasets[0].tables.streets.name", "look-alike", "name: People"),
    Case("no name at all", "born: personal", 'born: {name: "\u0640", class: personal}', f"{PEOPLE}.columns.born.name", "letters"),
    Case("key column absent", "entity: nid", "entity: nix", f"{PEOPLE}.entity", "not among the columns"),
    Case("joined with itself", "[people.street, streets.street]", "[people.street, people.street]", "datasets[0].joins[0]", "with itself"),
    Case("joined in a circle", "      - [people.street, streets.street]\n", "      - [people.street, streets.street]\n      - [people.nid, streets.street]\n      - [people.nid, people.street]\n", "datasets[0].joins[2]", "already meet by way of town.streets.street", "[people.nid, people.street]"),
    Case("joined twice", "      - [people.street, streets.street]\n", "      - [people.street, streets.street]\n      - [town.streets.street, people.street]\n", "datasets[0].joins[1]", "already joined on line 39", "town.streets.street"),
    Case("source missing", "path: people.csv", "path: nowhere.csv", "datasets[0].sources[0].path", "nowhere.csv cannot be read"),
    Case("source is a folder", "path: people.csv", "path: ., kind: csv", "datasets[0].sources[0].path", "cannot be read"),
    Case("source with no end", "path: people.csv", f"path: {'x' * 300}.csv", "datasets[0].sources[0].path", "cannot be read"),
    Case("source of unknown kind", "path: people.csv", "path: people.txt", "datasets[0].sources[0].path", "csv, parquet or sql"),
    Case("source changed", "path: people.csv,", f"path: people.csv, sha256: {'0' * 64},", "datasets[0].sources[0].sha256", "who changed it"),
    Case("source without table", "path: people.csv, table: people", "path: people.csv", "datasets[0].sources[0]", "`table`"),
    Case("source of another table", "table: streets", "table: lanes", "datasets[0].sources[1].table", "no table lanes"),
    Case("source twice", "table: streets", "table: people", "datasets[0].sources[1].table", "line 24", "path: streets.csv"),
    Case("table without source", "      - {path: streets.csv, table: streets}\n", "", "datasets[0].tables.streets", "No source", "      streets:"),
    # dates
    Case("no date", "end: today+90d", "end: soon", f"{C}.end", "not a date"),
    Case("no such day", "end: today+90d", "end: 2027-02-30", f"{C}.end", "no day 2027-02-30"),
    Case("no such Jalali day", "end: today+90d", "end: 1405-12-30", f"{C}.end", "no day 1405-12-30"),
    Case("no day far away", "end: today+90d", "end: today+999999d", f"{C}.end", "no day"),
    Case("end before start", "end: today+90d", "end: today-1d", f"{C}.end", "before the start"),
    Case("end too late", "end: today+90d", "end: 1406-02-31", f"{C}.end", "2027-05-20 or earlier"),
    Case("no date for a guarantee", "expires: today+100d", "expires: never", f"{C}.guarantees[0].expires", "not a date"),
    # contracts
    Case("mask without template", "born: {mode: mask, mask: {template: date, to: year}}", "born: mask", f"{C}.scope.town.people.columns.born", "needs a template"),
    Case("template without mask", "born: {mode: mask,", "born: {mode: raw,", f"{C}.scope.town.people.columns.born", "mode mask only"),
    Case("employee of another", "people: [ana, bob]", "people: [ana, keeper]", f"{C}.people[1]", "S3-P3"),
    Case("approved by the executor", "{committee: monitoring, person: chair, at: 1405-08-01}", "{committee: monitoring, person: ana}", f"{C}.approvals[0].person", "ana held no seat of the monitoring committee"),
    Case("approved from no seat", "{committee: monitoring, person: chair, at", "{committee: monitoring, person: guest, at", f"{C}.approvals[0].person", "guest held no seat"),
    Case("approved from a seat of the other committee", "{committee: monitoring, person: chair, at", "{committee: monitoring, person: judge, at", f"{C}.approvals[0].person", "judge held no seat of the monitoring"),
    Case("approved before the seat was taken", "- {seat: 1, person: chair}", "- {seat: 1, person: chair, from: 1405-08-02}", f"{C}.approvals[0].person", "chair held no seat", "at: 1405-08-01"),
    Case("approved after the delegation", "- {seat: 1, person: chair}", "- {seat: 1, person: chair, from: 1405-01-01, to: 1405-07-30}", f"{C}.approvals[0].person", "chair held no seat", "at: 1405-08-01"),
    Case("approved by the owner", "id: chair, organisation: ito", "id: chair, organisation: ministry", f"{C}.approvals[0].person", "chair is of a side", "at: 1405-08-01"),
    Case("approved tomorrow", "at: 1405-08-01", "at: today+1d", f"{C}.approvals[0].at", "still to come"),
    Case("consent of somebody else", "    guarantees:\n", "    consents:\n      - {dataset: town, person: chair}\n    guarantees:\n", f"{C}.consents[0].person", "Name keeper", "{dataset: town, person: chair}"),
    Case("accepted by a stranger", "acknowledged: all", "acknowledged: [ana, chair]", f"{C}.acknowledged[1]", "chair is not among"),
    Case("filter with a query", "street <> 'secret'", "street IN (SELECT 1)", f"{C}.scope.town.people.row_filter", "one condition"),
    Case("filter that breaks out", "street <> 'secret'", "1=1; DROP TABLE people", f"{C}.scope.town.people.row_filter", "one condition"),
    Case("filter on an unknown column", "street <> 'secret'", "lane = 'x'", f"{C}.scope.town.people.row_filter", "one condition"),
    Case("dp without budget", "      epsilon: {per_statement: 0.1, total: 1}\n", "", f"{C}.terms.answer_mode", "epsilon", "answer_mode"),
    Case("budget without dp", "answer_mode: dp", "answer_mode: exact", f"{C}.terms.epsilon", "dp only", "epsilon:"),
    Case("budget smaller than a statement", "per_statement: 0.1", "per_statement: 2", f"{C}.terms.epsilon.per_statement", "above total"),
    Case("bounds exchanged", "[0, 500]", "[500, 0]", f"{C}.terms.clip.town.people.c0001", "below the upper"),
    Case("ground of another act", "ground: F-13", "ground: S1-P2", f"{C}.acts[0].ground", "F-13, S3-P6-R2"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_fault_one_message_at_its_line(case: Case, base: Path) -> None:
    text = changed(case.old, case.new)
    (fault,) = faults_of(text, base)
    place = text.index(case.at or case.new)
    assert (fault.line, fault.where) == (text.count("\n", 0, place) + 1, case.where)
    assert case.says in fault.message_en
    assert any("\u0600" <= letter <= "\u06ff" for letter in fault.message_fa)


def test_the_steward_of_the_data_approves_nothing_from_whatever_seat(base: Path) -> None:
    text = changed("- {seat: 1, person: chair}", "- {seat: 1, person: keeper}")
    text = text.replace("{id: keeper, organisation: ministry,", "{id: keeper, organisation: ito,")
    text = text.replace("    owner: ministry\n    steward", "    owner: ito\n    steward")
    faults = faults_of(text.replace("monitoring, person: chair", "monitoring, person: keeper"), base)
    assert [(fault.where, "keeper is of a side" in fault.message_en) for fault in faults] == [
        ("contracts[0].approvals[0].person", True)
    ]


def test_no_mode_that_counts_people_protects_a_table_without_entity(base: Path) -> None:
    faults = faults_of(changed("        entity: nid\n", ""), base)
    assert [fault.where.rpartition(".")[2] for fault in faults] == ["nid", "street", "c0001"]
    assert all("names no `entity`" in fault.message_en for fault in faults)


def test_public_columns_of_an_open_table_may_have_any_mode(base: Path) -> None:
    assert faults_of(changed("{street: raw, length: raw}", "{street: dimension, length: aggregate}"), base) == ()


def test_all_faults_are_told_at_once_in_the_order_of_the_file(base: Path) -> None:
    text = changed("k: 12", "k: ten").replace("people: [ana, bob]", "people: [ana, bab]").replace("10380284790", "1")
    text = (
        text.replace("end: today+90d", "end: soon").replace("to: year", "to: week").replace("length: raw", "width: raw")
    )
    faults = faults_of(text, base)
    assert [fault.where.rpartition(".")[2] for fault in faults] == ["legal_id", "end", "people[1]", "k", "to", "width"]
    lines = [fault.line or 0 for fault in faults]
    assert lines == sorted(lines)


def test_two_missing_fields_of_one_object_are_two_faults(base: Path) -> None:
    text = changed("    purpose: planning roads\n    level: personal\n", "")
    assert [fault.message_en.split()[2] for fault in faults_of(text, base)] == ["purpose", "level"]


def test_a_bad_dataset_id_is_told_with_everything_that_now_refers_to_nothing(base: Path) -> None:
    faults = faults_of(changed("id: town", "id: Town"), base)
    assert faults[0].where == "datasets[0].id"
    assert all("no dataset town" in fault.message_en for fault in faults[1:] if "clip" not in fault.where)


def test_an_inherited_fault_is_told_once_where_it_was_written(base: Path) -> None:
    text = changed("length: raw", "width: raw").replace("end: today+90d", "end: today-9d") + "  - {id: C2, like: C1}\n"
    assert [fault.where for fault in faults_of(text, base)] == [f"{C}.end", f"{C}.scope.town.streets.columns.width"]


def test_a_faulty_object_is_still_known_to_those_who_name_it(base: Path) -> None:
    assert (
        len(faults_of(changed("{id: ana, organisation: lab, roles: [executor],", "{id: ana, organisation: 5,"), base))
        == 1
    )


def test_like_in_a_circle(base: Path) -> None:
    circle = "  - {id: C2, like: C3}\n  - {id: C3, like: C2}\n"
    faults = faults_of(GOOD + circle, base)
    assert [fault.where for fault in faults if "leads back" in fault.message_en] == ["contracts[2].like"]


def test_a_circle_may_lead_through_several_datasets(base: Path) -> None:
    """The remedy is told at the join that closes it, in both languages."""
    second = """  - id: land
    owner: ministry
    steward: keeper
    titles: {en: Land, fa: زمین}
    sovereignty: non_sovereign
    sources: [{path: streets.csv, table: streets}]
    tables: {streets: {columns: {street: public, length: public}}}
    joins:
      - [streets.street, town.people.street]
      - [town.streets.street, streets.street]
problems:
"""
    (fault,) = faults_of(GOOD.replace("problems:\n", second), base)
    assert fault.where == "datasets[1].joins[1]"
    assert "by way of town.people.street. Remove this join" in fault.message_en
    assert "town.people.street" in fault.message_fa


def test_a_join_of_two_other_datasets_is_declared_elsewhere(base: Path) -> None:
    second = """\
  - id: city
    owner: ministry
    steward: keeper
    titles: {en: City, fa: شهر}
    sources: [{path: streets.csv, table: roads}]
    tables: {roads: {columns: {street: public}}}
    joins:
      - [roads.street, town.people.street]
      - [town.people.street, town.streets.street]
problems:
"""
    (fault,) = faults_of(changed("problems:\n", second), base)
    assert (fault.where, "Neither column" in fault.message_en) == ("datasets[1].joins[1]", True)


def test_an_sql_script_makes_its_tables_itself(base: Path) -> None:
    (base / "all.sql").write_text("CREATE TABLE people(nid VARCHAR);", encoding="utf-8")
    two = "      - {path: people.csv, table: people}\n      - {path: streets.csv, table: streets}\n"
    assert faults_of(changed(two, "      - path: all.sql\n"), base) == ()
    (fault,) = faults_of(changed(two, "      - {path: all.sql, table: people}\n"), base)
    assert (fault.line, fault.where) == (24, "datasets[0].sources[0].table")


def test_a_text_without_a_place_can_name_no_file() -> None:
    faults = faults_of(GOOD, None)
    assert [fault.where for fault in faults] == ["datasets[0].sources[0].path", "datasets[0].sources[1].path"]


SYNTAX = {
    "unclosed list": ("people: [ana\n", 2, "not valid YAML"),
    "tab": ("people:\n\t- x\n", 2, "not valid YAML"),
    "two documents": ("people: []\n---\npeople: []\n", 2, "not valid YAML"),
    "unknown anchor": ("people: []\nproblems: *nowhere\n", 2, "not valid YAML"),
    "control character": ("people: []\nproblems: \x01\n", 2, "U+0001"),
    "half a surrogate": ("people: []\nproblems: \ud800\n", 2, "U+D800"),
    "nested without end": ("people: []\nproblems: " + "[" * 5000, 2, "levels deep"),
    "an alias in itself": ("people: &a\n  - *a\n", 1, "contains itself"),
    "nothing": ("", 1, "map of fields"),
    "a word": ("hello", 1, "map of fields"),
    "too large": ("# " + "x" * MAX_BYTES, 1, "2 MiB"),
    "laughs": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
        1,
        "aliases",
    ),
}


@pytest.mark.parametrize(("text", "line", "says"), SYNTAX.values(), ids=SYNTAX.keys())
def test_text_that_cannot_be_read_has_one_fault(text: str, line: int, says: str) -> None:
    (fault,) = faults_of(text, None)
    assert (fault.line, says in fault.message_en) == (line, True), fault


def test_what_is_shown_of_a_value_is_short_and_visible(base: Path) -> None:
    (fault,) = faults_of(changed("id: chair,", "id: " + "x" * 5000 + ","), base)[:1]
    assert len(fault.message_en) < 300
