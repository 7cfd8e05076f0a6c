"""Two contracts of one problem, one a draft, in a state folder of each test's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.commands.running import Run, loaded, running_on

_SCENARIO = """\
organisations:
  - {id: ito, family: ito, names: {en: ITO, fa: سازمان}}
  - {id: ministry, family: government, names: {en: Ministry, fa: وزارت}}
  - {id: survey, family: government, names: {en: Survey, fa: نقشه‌برداری}}
  - {id: lab, family: private, legal_id: "10380284790", names: {en: Lab, fa: آزمایشگاه}}
people:
  - {id: ana, organisation: lab, roles: [executor], names: {en: Ana, fa: آنا}}
  - {id: bob, organisation: lab, roles: [executor], names: {en: Bob, fa: باب}}
  - {id: clerk, organisation: ministry, names: {en: Clerk, fa: کارمند}}
  - {id: keeper, organisation: survey, roles: [steward], names: {en: Keeper, fa: علی‌رضا}}
  - {id: chair, organisation: ito, names: {en: Chair, fa: رئیس}}
  - {id: deputy, organisation: ito, names: {en: Deputy, fa: معاون}}
  - {id: judge, organisation: ito, names: {en: Judge, fa: داور}}
committees:
  monitoring:
    - {seat: 1, person: chair}
    - {seat: 2, person: deputy}
  qualification:
    - {seat: 5, person: judge}
datasets:
  - id: town
    owner: survey
    steward: keeper
    titles: {en: Town, fa: شهر}
    sovereignty: non_sovereign
    sources: [{path: streets.csv, table: streets}]
    tables: {streets: {columns: {street: public, length: public}}}
problems:
  - {id: roads, owner: ministry, titles: {en: Roads, fa: راه‌ها}, resources: [town], approved: true}
  - {id: parks, owner: ministry, titles: {en: Parks, fa: بوستان‌ها}, resources: [town], approved: true}
contracts:
  - id: C1
    problem: roads
    executor: lab
    owner: ministry
    type: licence
    purpose: planning roads
    level: open
    start: today
    end: today+90d
    people: [ana]
    scope: {town.streets: {columns: {street: raw}}}
    activate: false
  - id: C2
    like: C1
    activate: true
    signatures: [government, executor]
    ito_approved: true
    approvals:
      - {committee: monitoring, person: chair}
      - {committee: qualification, person: judge}
    consents: [{dataset: town, person: keeper}]
    guarantees: [{kind: nda, expires: today+100d}, {kind: non_publication, expires: today+100d}]
    acknowledged: all
    acts: [{act: warn, ground: S3-P6-R2, by: chair}]
"""


@pytest.fixture(scope="session")
def in_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario's state folder, for each test to have a copy of."""
    return loaded(tmp_path_factory.mktemp("loaded"), _SCENARIO)


@pytest.fixture
def state(in_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return Path(shutil.copytree(in_place, tmp_path / "state"))


@pytest.fixture
def run(state: Path) -> Run:
    return running_on(state)
