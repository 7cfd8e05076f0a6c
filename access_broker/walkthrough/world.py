"""The world of the walkthrough: two tables of invented people, the steward's description of them, one contract."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PEOPLE = 4000
TOWNS = ("Tabriz", "Shiraz", "Ahvaz", "Yazd")
CONTRACT = "walk-1"
OWNER = "town_office"
GROUPED = "SELECT town, count(*) AS people FROM residents GROUP BY town ORDER BY town"
PERSONAL = "SELECT national_id, town FROM residents"
LONG = "SELECT a.reading + b.reading AS reading FROM readings a CROSS JOIN readings b CROSS JOIN readings c"

PARTIES = """
organisations:
  - {id: ito, family: ito, names: {en: Information Technology Organization, fa: سازمان فناوری اطلاعات}}
  - {id: town_office, family: government, names: {en: Office of Towns (invented), fa: دفتر شهرها (ساختگی)}}
  - {id: pishro, family: private, legal_id: "99000000011", names: {en: Pishro Data (invented), fa: پیشرو داده (ساختگی)}}
people:
  - {id: roya, organisation: pishro, roles: [executor], names: {en: Roya Sabet, fa: رؤیا ثابت}}
  - {id: milad, organisation: pishro, roles: [executor], names: {en: Milad Rad, fa: میلاد راد}}
  - {id: soraya, organisation: town_office, roles: [steward], names: {en: Soraya Fathi, fa: ثریا فتحی}}
  - {id: davood, organisation: ito, names: {en: Davood Azad, fa: داوود آزاد}}
  - {id: hamideh, organisation: ito, names: {en: Hamideh Nik, fa: حمیده نیک}}
  - {id: auditor, organisation: ito, roles: [auditor], names: {en: Ava Darvish, fa: آوا درویش}}
committees:
  monitoring: [{seat: 1, person: davood}]
  qualification: [{seat: 1, person: hamideh}]
"""

DATASET = """
id: towns
owner: {owner}
steward: soraya
titles: {{en: Residents of four towns (invented), fa: ساکنان چهار شهر (ساختگی)}}
sources:
  - {{path: {folder}residents.csv, table: residents}}
  - {{path: {folder}readings.csv, table: readings}}
tables:
  residents:
    entity: national_id
    columns:
      national_id: {{class: direct_identifier, titles: {{en: National id, fa: کد ملی}}}}
      town: {{class: {town}, titles: {{en: Town, fa: شهر}}}}
      age: {{class: personal, titles: {{en: Age, fa: سن}}}}
  readings:
    columns:
      reading: {{class: public, titles: {{en: Reading of a gauge, fa: عدد سنجه}}}}
"""

AGREEMENT = """
problems:
  - id: bus-lines
    owner: town_office
    titles: {en: Bus lines that go where people live, fa: خط‌های اتوبوس برای جاهایی که مردم زندگی می‌کنند}
    resources: [towns]
    approved: true
contracts:
  - id: walk-1
    problem: bus-lines
    executor: pishro
    owner: town_office
    type: ppp
    purpose: planning bus lines by town
    level: personal
    start: today
    end: today+30d
    people: [roya]
    legal_access_level_ref: WALK-1
    scope:
      towns.residents: {columns: {national_id: join, town: dimension, age: aggregate}}
      towns.readings: {columns: {reading: raw}}
    terms: {answer_mode: exact, max_rows: 200000000}
    signatures: [government, executor]
    ito_approved: true
    approvals: [{committee: qualification, person: hamideh}]
    guarantees: [{kind: nda, expires: today+60d}, {kind: non_publication, expires: today+60d}]
"""
"""The Monitoring Committee's key is missing, and nobody has accepted the terms yet."""


@dataclass(frozen=True)
class World:
    """Where the files are. `sources`: the folder from which the stewards of the owner may register."""

    folder: Path
    sources: Path

    @classmethod
    def under(cls, folder: Path, state: Path) -> World:
        """Writes the two tables into the owner's folder below `state`/sources, the same ones every time."""
        sources = state / "sources" / OWNER
        sources.mkdir(mode=0o700, parents=True, exist_ok=True)
        chance = random.Random(20_261_122)  # noqa: S311 - invented people, no secret
        residents = [(f"{n:010d}", chance.choice(TOWNS), chance.randint(1, 90)) for n in range(1, PEOPLE + 1)]
        _write(sources / "residents.csv", ("national_id", "town", "age"), residents)
        _write(sources / "readings.csv", ("reading",), [(n,) for n in range(1500)])
        return cls(folder, sources)

    def description(self, town: str = "personal", folder: str = "") -> str:
        """The steward's description of the dataset; `town`: the class of that column, `folder`: where paths begin."""
        return DATASET.format(owner=OWNER, folder=folder, town=town)

    def scenario(self, name: str, *parts: str) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text("\n".join(parts), encoding="utf-8")
        return path

    def dataset_section(self) -> str:
        """The dataset as a scenario names it, once the committee has decided about its sovereignty."""
        lines = self.description(folder=f"{self.sources}/").strip().splitlines()
        return "datasets:\n  - " + "\n    ".join([*lines, "sovereignty: sovereign"]) + "\n"


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
