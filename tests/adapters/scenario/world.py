"""A whole small scenario, and how to read it with something in it changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from access_broker.adapters.scenario_file import read_scenario
from access_broker.use_cases.scenario import Fault, Scenario, ScenarioFaulty

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # 1405-08-30 in Tehran

GOOD = """\
organisations:
  - {id: ito, family: ito, names: {en: ITO, fa: سازمان}}
  - {id: ministry, family: government, names: {en: Ministry, fa: وزارت}}
  - {id: lab, family: private, legal_id: "10380284790", names: {en: Lab, fa: آزمایشگاه}}
people:
  - {id: ana, organisation: lab, roles: [executor], language: en, names: {en: Ana, fa: آنا}}
  - {id: bob, organisation: lab, roles: [executor], names: {en: Bob, fa: باب}}
  - {id: chair, organisation: ito, names: {en: Chair, fa: رئیس}}
  - {id: judge, organisation: ito, names: {en: Judge, fa: داور}}
  - {id: guest, organisation: ito, names: {en: Guest, fa: مهمان}}
  - {id: keeper, organisation: ministry, roles: [steward], names: {en: Keeper, fa: علی‌رضا}}
committees:
  monitoring:
    - {seat: 1, person: chair}
  qualification:
    - {seat: 5, person: judge}
datasets:
  - id: town
    owner: ministry
    steward: keeper
    titles: {en: Town, fa: شهر}
    sovereignty: non_sovereign
    sources:
      - {path: people.csv, table: people}
      - {path: streets.csv, table: streets}
    tables:
      people:
        entity: nid
        columns:
          nid: direct_identifier
          street: personal
          c0001: {name: درآمد, class: sensitive, titles: {en: Income, fa: درآمد}}
          born: personal
      streets:
        columns:
          street: public
          length: public
    joins:
      - [people.street, streets.street]
    synthetic: [people.nid]
problems:
  - id: roads
    owner: ministry
    titles: {en: Roads, fa: راه‌ها}
    resources: [town]
    approved: true
contracts:
  - id: C1
    problem: roads
    executor: lab
    owner: ministry
    type: licence
    purpose: planning roads
    level: personal
    start: today
    end: today+90d
    people: [ana, bob]
    terms:
      k: 12
      answer_mode: dp
      epsilon: {per_statement: 0.1, total: 1}
      clip: {town.people.c0001: [0, 500]}
      dominance: {n: 1, share: 0.8, p: 0.1}
    scope:
      town.people:
        row_filter: street <> 'secret'
        columns:
          nid: join
          street: dimension
          c0001: aggregate
          born: {mode: mask, mask: {template: date, to: year}}
      town.streets:
        columns: {street: raw, length: raw}
    signatures: [government, executor]
    ito_approved: true
    approvals:
      - {committee: monitoring, person: chair, at: 1405-08-01}
    guarantees:
      - {kind: nda, expires: today+100d}
    acknowledged: all
    acts:
      - {act: cut, ground: F-13, by: chair, decision: M-7}
"""


def make_sources(folder: Path) -> Path:
    (folder / "people.csv").write_text("nid,street,درآمد,born\n1,a,5,2000-01-01\n", encoding="utf-8")
    (folder / "streets.csv").write_text("street,length\na,3\n", encoding="utf-8")
    return folder


def changed(old: str, new: str) -> str:
    """GOOD with the first `old` replaced; refuses an `old` that is not there, which would test nothing."""
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def read(text: str, base: Path | None) -> Scenario:
    return read_scenario(text, base, NOW)


def faults_of(text: str, base: Path | None) -> tuple[Fault, ...]:
    try:
        read(text, base)
    except ScenarioFaulty as faulty:
        return faulty.faults
    return ()
