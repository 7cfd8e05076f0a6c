"""`amanat motion …`, from the command line to the records of a state folder and back, with the real policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.running import Run, loaded, running_on, told

MEMBERS = {f"m{n}": ("monitoring", n) for n in range(1, 7)} | {f"q{n}": ("qualification", n) for n in range(1, 6)}
OF_MINISTRY = ("m6", "q4")
PEOPLE = "".join(
    f"  - {{id: {who}, organisation: {'ministry' if who in OF_MINISTRY else 'ito'}, names: {{en: {who}, fa: عضو}}}}\n"
    for who in MEMBERS
)
SEATS = {
    name: "".join(f"    - {{seat: {n}, person: {who}}}\n" for who, (of, n) in MEMBERS.items() if of == name)
    for name in ("monitoring", "qualification")
}
SCENARIO = f"""\
organisations:
  - {{id: ito, family: ito, names: {{en: ITO, fa: سازمان}}}}
  - {{id: ministry, family: government, names: {{en: Ministry, fa: وزارت}}}}
  - {{id: survey, family: government, names: {{en: Survey, fa: نقشه‌برداری}}}}
  - {{id: lab, family: private, legal_id: "10380284790", names: {{en: Lab, fa: آزمایشگاه}}}}
people:
  - {{id: ana, organisation: lab, roles: [executor], names: {{en: Ana, fa: آنا}}}}
  - {{id: keeper, organisation: ministry, roles: [steward], names: {{en: Keeper, fa: امین}}}}
  - {{id: surveyor, organisation: survey, names: {{en: Surveyor, fa: نقشه‌بردار}}}}
{PEOPLE}committees:
  monitoring:
{SEATS["monitoring"]}    - {{seat: 6, person: surveyor}}
  qualification:
{SEATS["qualification"]}datasets:
  - id: town
    owner: ministry
    steward: keeper
    titles: {{en: Town, fa: شهر}}
    sovereignty: non_sovereign
    sources: [{{path: streets.csv, table: streets}}]
    tables: {{streets: {{columns: {{street: public, length: public}}}}}}
problems:
  - {{id: roads, owner: ministry, titles: {{en: Roads, fa: راه‌ها}}, resources: [town]}}
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
    scope: {{town.streets: {{columns: {{street: raw}}}}}}
    activate: false
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return running_on(loaded(tmp_path, SCENARIO))


def test_both_committees_vote_and_the_minutes_say_how(run: Run) -> None:
    words = ("motion", "open", "C1", "--committee")
    matter = told(run(*words, "monitoring", "--by", "m1"))
    assert matter["organisation"] == "ministry"
    seen = ("--seen", matter["digest"])
    for committee, voters in (("monitoring", ("m1", "m2", "m3", "m6")), ("qualification", ("q2", "q3", "q4"))):
        motion = told(run(*words, committee, "--by", voters[0], *seen))["motion"]
        for who in voters:
            vote = ("motion", "vote", motion, "--by", who, *seen, "--choice", "for", "--opinion", "مناسب است")
            state = told(run(*vote))["state"]
        assert state == "carried"
    minutes = told(run("motion", "minutes", "motion-2", "--by", "m5"))
    assert [(vote["person"], vote["opinion"]) for vote in minutes["votes"]] == [
        (who, "مناسب است") for who in ("q2", "q3", "q4")
    ]
    shown = told(run("motion", "show", "--by", "m5"))
    assert [(m["motion"], m["state"]) for m in shown] == [("motion-2", "carried"), ("motion-1", "carried")]
    keys = told(run("keys", "show", "--contract", "C1", "--by", "m1"))
    assert {key["code"] for key in keys["missing"]} & {"APPROVAL_MISSING"} == {"APPROVAL_MISSING"}, "ITO's own consent"
    assert [(a["committee"], a["person"]) for a in keys["keys"]["approvals"]] == [
        ("monitoring", "m1"),
        ("qualification", "q2"),
    ]


def test_standing_back_and_taking_back(run: Run) -> None:
    seen = told(run("motion", "open", "C1", "--committee", "monitoring", "--by", "m1"))["digest"]
    motion = told(run("motion", "open", "C1", "--committee", "monitoring", "--by", "m1", "--seen", seen))
    assert told(run("motion", "recuse", motion["motion"], "--by", "m2", "--reason", "my brother"))["state"] == "open"
    refused = run("motion", "vote", motion["motion"], "--by", "m2", "--seen", seen, "--choice", "for")
    assert "[AMANAT:CONFLICT_OF_INTEREST]" in refused.stderr
    foreign = run("motion", "vote", motion["motion"], "--by", "surveyor", "--seen", seen, "--choice", "for")
    assert "[AMANAT:NOT_PERMITTED]" in foreign.stderr
    assert told(run("motion", "withdraw", motion["motion"], "--by", "m1"))["state"] == "withdrawn"
    assert told(run("motion", "show", motion["motion"], "--by", "m1"))["closed_by"] == "m1"


def test_a_choice_is_put_with_what_exactly_is_chosen(run: Run) -> None:
    words = ("motion", "open", "roads", "--committee", "monitoring", "--subject", "award", "--by", "m1")
    seen = ("--seen", told(run(*words))["digest"])
    assert "[AMANAT:INVALID] (S3-P9)" in run(*words, *seen).stderr
    motion = told(run(*words, *seen, "--outcome", "lab"))
    assert motion["outcome"] == "lab"
    assert told(run("motion", "minutes", motion["motion"], "--by", "m1"))["motion"]["outcome"] == "lab"


def test_a_problem_needs_its_five_findings(run: Run) -> None:
    words = ("motion", "open", "roads", "--committee", "monitoring", "--subject", "approve_problem", "--by", "m1")
    seen = ("--seen", told(run(*words))["digest"])
    motion = told(run(*words, *seen))["motion"]
    vote = ("motion", "vote", motion, "--by", "m1", *seen, "--choice", "for")
    assert "[AMANAT:FINDING_MISSING]" in run(*vote, "--finding", "issue=real").stderr
    assert run(*vote, "--finding", "issue").exit_code == 2
    points = ("issue", "feasibility", "resources", "sovereignty", "scenario")
    found = [word for point in points for word in ("--finding", f"{point}=ok")]
    assert told(run(*vote, *found))["state"] == "open"
    assert "[AMANAT:INVALID]" in run(*vote, *found, "--refuse", "town.streets.width").stderr
