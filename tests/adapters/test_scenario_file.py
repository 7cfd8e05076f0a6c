"""What a good scenario file becomes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.agreement import lost_keys
from access_broker.domain.clauses import STANDARD, ClauseKind, ContractClause
from access_broker.domain.contracts import AnswerMode, Contract, Dominance, Epsilon, Signatory, Terms
from access_broker.domain.datasets import ColumnRef, DataClass, Join, MaskTemplate, Mode, SourceKind, Sovereignty
from access_broker.domain.people import Committee, Family, Role
from access_broker.use_cases.scenario import PlannedAct, Scenario
from tests.adapters.scenario.world import GOOD, changed, faults_of, make_sources, read


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_sources(tmp_path)


@pytest.fixture
def scenario(base: Path) -> Scenario:
    return read(GOOD, base)


def only(scenario: Scenario) -> Contract:
    return scenario.contracts[0].contract


def named(scenario: Scenario, id: str) -> Contract:
    return next(planned.contract for planned in scenario.contracts if planned.contract.id == id)


def test_people_take_the_family_of_their_organisation(scenario: Scenario) -> None:
    ana, *_, keeper = scenario.people
    assert (ana.family, ana.roles, ana.language) == (Family.PRIVATE, {Role.EXECUTOR}, "en")
    assert (keeper.family, keeper.roles, keeper.language) == (Family.GOVERNMENT, {Role.STEWARD}, "fa")
    assert [(s.committee, s.number, s.person) for s in scenario.seats] == [
        (Committee.MONITORING, 1, "chair"),
        (Committee.QUALIFICATION, 5, "judge"),
    ]


def test_a_dataset_with_its_files_and_their_digests(scenario: Scenario, base: Path) -> None:
    (town,) = scenario.datasets
    people, streets = town.sources
    assert (people.kind, people.path, people.table) == (SourceKind.CSV, str(base / "people.csv"), "people")
    assert streets.sha256 == hashlib.sha256((base / "streets.csv").read_bytes()).hexdigest()
    assert town.sovereignty is Sovereignty.NON_SOVEREIGN
    assert town.joins == (Join(ColumnRef("town", "people", "street"), ColumnRef("town", "streets", "street")),)
    assert town.synthetic == ("people.nid",)


def test_a_column_has_an_id_for_policies_and_a_name_for_people(scenario: Scenario) -> None:
    table = scenario.datasets[0].tables[0]
    income = table.columns[2]
    assert (income.id, income.name, income.data_class) == ("c0001", "درآمد", DataClass.SENSITIVE)
    assert (table.entity, table.columns[0].name) == ("nid", "nid")


def test_a_contract_with_its_keys_scope_and_terms(scenario: Scenario) -> None:
    contract = only(scenario)
    assert contract.acknowledged == ("ana", "bob")
    assert contract.signed_by == (Signatory.GOVERNMENT, Signatory.EXECUTOR)
    assert contract.ito_approved
    assert lost_keys(contract) == ()
    assert contract.approvals[0].decision == "approved"
    assert contract.scope[0].row_filter == "street <> 'secret'"
    assert {c.column: c.mode for c in contract.scope[0].columns} == {
        "nid": Mode.JOIN,
        "street": Mode.DIMENSION,
        "c0001": Mode.AGGREGATE,
        "born": Mode.MASK,
    }
    assert contract.scope[0].columns[3].mask == MaskTemplate("date", (("to", "year"),))
    assert (contract.terms.k, contract.terms.answer_mode) == (12, AnswerMode.DP)
    assert contract.terms.epsilon == Epsilon(0.1, 1.0)
    assert contract.terms.dominance == Dominance(1, 0.8, 0.1)
    assert contract.terms.clip == (("town.people.c0001", 0.0, 500.0),)
    assert scenario.contracts[0].acts == (PlannedAct(Act.CUT, "F-13", "chair", "M-7"),)


def test_a_term_lasts_from_the_first_to_the_last_second_of_its_days_in_tehran(scenario: Scenario) -> None:
    contract = only(scenario)
    assert contract.starts_at == datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
    assert contract.ends_at == datetime(2027, 2, 19, 20, 29, 59, tzinfo=UTC)
    assert contract.guarantees[0].expires_at == datetime(2027, 3, 1, 20, 29, 59, tzinfo=UTC)
    assert contract.approvals[0].at == datetime(2026, 10, 22, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("end", ["1406-02-30", "۱۴۰۶/۰۲/۳۰", "2027-05-20"])
def test_the_longest_term_is_six_jalali_months(base: Path, end: str) -> None:
    text = changed("start: today\n    end: today+90d", f"start: 1405-08-30\n    end: {end}")
    assert only(read(text, base)).ends_at == datetime(2027, 5, 20, 20, 29, 59, tzinfo=UTC)


def test_what_is_not_said_keeps_the_strict_defaults(base: Path) -> None:
    start, end = GOOD.index("    terms:\n"), GOOD.index("    scope:\n")
    contract = only(read(GOOD[:start] + GOOD[end:], base))
    assert contract.terms == Terms()
    assert contract.report_every_days == 7


def test_capping_is_said_with_the_terms(base: Path) -> None:
    (planned, *_) = read(changed("k: 12", "k: 12\n      top_code: true"), base).contracts
    assert planned.contract.terms.top_code


def test_kinds_of_violations_are_raised_in_the_terms(base: Path) -> None:
    (planned, *_) = read(changed("k: 12", "k: 12\n      protective: [purpose, report_overdue]"), base).contracts
    assert planned.contract.terms.protective == ("purpose", "report_overdue")


def test_no_agreed_report_is_said_with_null(base: Path) -> None:
    assert (
        only(read(changed("    people: [ana", "    report_every_days: null\n    people: [ana"), base)).report_every_days
        is None
    )


def test_denied_columns_and_tables_are_absent(base: Path) -> None:
    text = changed("          street: dimension\n", "          street: deny\n")
    text = text.replace(
        "      town.streets:\n        columns: {street: raw, length: raw}\n", "      town.streets: deny\n"
    )
    (grant,) = only(read(text, base)).scope
    assert [column.column for column in grant.columns] == ["nid", "c0001", "born"]


LIKE = (
    GOOD
    + """\
  - id: C2
    like: C3
    purpose: planning lamps
    terms: {k: 20}
    scope:
      town.people: {columns: {nid: deny, born: {mode: mask, mask: {template: "null"}}}}
  - id: C3
    like: C1
    people: [bob]
    terms: {max_rows: 5}
    acknowledged: all
    activate: false
"""
)


def test_like_takes_over_what_is_not_said_and_merges_scope_and_terms(base: Path) -> None:
    contract = named(read(LIKE, base), "C2")
    assert (contract.purpose, contract.people, contract.executor) == ("planning lamps", ("bob",), "lab")
    assert (contract.terms.k, contract.terms.max_rows, contract.terms.epsilon) == (20, 5, Epsilon(0.1, 1.0))
    assert {c.column for c in contract.scope[0].columns} == {"street", "c0001", "born"}
    assert next(c.mask for c in contract.scope[0].columns if c.column == "born") == MaskTemplate("null")
    assert contract.scope[0].row_filter == "street <> 'secret'"


def test_like_never_takes_over_a_key_or_an_act(base: Path) -> None:
    scenario = read(LIKE, base)
    contract = named(scenario, "C2")
    keys = (contract.signatures, contract.ito_approved, contract.approvals, contract.guarantees, contract.acknowledged)
    assert keys == ((), False, (), (), ())
    assert [(planned.activate, len(planned.acts)) for planned in scenario.contracts] == [
        (True, 1),
        (True, 0),
        (False, 0),
    ]


def test_bare_null_is_the_template_of_that_name(base: Path) -> None:
    contract = only(read(changed("{template: date, to: year}", "{template: null}"), base))
    assert contract.scope[0].columns[3].mask == MaskTemplate("null")


def test_words_that_other_yaml_readers_turn_into_something_else_stay_words(base: Path) -> None:
    text = changed("      k: 12\n", "      k: 12\n      differencing: off\n").replace("en: Ana,", "en: no,")
    scenario = read(
        text.replace("          length: public\n", "          length: public\n          null: public\n"), base
    )
    assert scenario.people[0].name_en == "no"
    assert scenario.datasets[0].tables[1].columns[2].id == "null"


def test_a_number_may_stand_for_a_legal_id(base: Path) -> None:
    assert read(changed('"10380284790"', "10380284790"), base).organisations[2].legal_id == "10380284790"


def test_a_stated_digest_that_holds_is_welcome(base: Path) -> None:
    digest = hashlib.sha256((base / "people.csv").read_bytes()).hexdigest()
    text = changed("path: people.csv,", f"path: people.csv, sha256: {digest},")
    assert read(text, base).datasets[0].sources[0].sha256 == digest


def test_a_delegate_shares_a_seat_for_a_time(base: Path) -> None:
    row = "    - {seat: 1, person: chair}\n"
    scenario = read(changed(row, row + "    - {seat: 1, person: judge, from: today, to: today+10d}\n"), base)
    assert scenario.seats[1].valid_to == datetime(2026, 12, 1, 20, 29, 59, tzinfo=UTC)


def test_a_byte_order_mark_does_no_harm(base: Path) -> None:
    assert faults_of("\ufeff" + GOOD, base) == ()


def test_reading_twice_gives_the_same(base: Path) -> None:
    assert read(GOOD, base) == read(GOOD, base)


CLAUSES = """\
    clauses:
      upkeep: {en: We keep it up., fa: ما نگهداری می‌کنیم.}
      anti_monopoly: null
"""


def test_a_contract_holds_the_standard_clauses_unless_it_brings_its_own(base: Path, scenario: Scenario) -> None:
    assert only(scenario).clauses == STANDARD
    contract = only(read(changed("    acknowledged: all\n", "    acknowledged: all\n" + CLAUSES), base))
    own = ContractClause(ClauseKind.UPKEEP, "We keep it up.", "ما نگهداری می‌کنیم.")
    assert contract.clauses == (STANDARD[0], own, *STANDARD[2:4]), "and none where it says that nothing was agreed"
    assert lost_keys(contract) == ()


def test_clauses_are_taken_over_one_by_one(base: Path) -> None:
    second = """\
  - id: C2
    like: C1
    clauses:
      governance: null
"""
    text = changed("    acknowledged: all\n", "    acknowledged: all\n" + CLAUSES) + second
    contract = named(read(text, base), "C2")
    assert [clause.kind for clause in contract.clauses] == [
        ClauseKind.UPKEEP,
        ClauseKind.COOPERATION,
        ClauseKind.COMPETITOR_ENTRY,
    ]
    assert contract.clauses[0].text_en == "We keep it up."
