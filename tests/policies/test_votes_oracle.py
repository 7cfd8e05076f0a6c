"""The tally of the policy against one written in plain words a second time, on votes nobody would think of."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.policy import EmbeddedPolicy

COLUMNS = ("a.b.c", "a.b.d")
FINDINGS = ("issue", "feasibility", "resources", "sovereignty", "scenario")
FLAG = st.sampled_from([True, True, True, True, False])
RARELY = st.sampled_from([False, False, False, False, True])


@st.composite
def motions(draw: st.DrawFn) -> dict[str, Any]:
    """Six or five seats, some vacant, some barred, and up to nine votes of seven people from any of them."""
    committee = draw(st.sampled_from(["monitoring", "qualification"]))
    numbers = range(1, 7 if committee == "monitoring" else 6)
    seats = [{"number": n, "person": f"p{n}", "barred": draw(RARELY)} for n in numbers if draw(FLAG)]
    votes = []
    for number in range(1, draw(st.integers(0, 9)) + 1):
        seat = draw(st.sampled_from(numbers))
        votes.append(
            {
                "number": number,
                "seat": seat,
                "person": draw(st.sampled_from([f"p{seat}", f"p{seat}", f"p{seat}", "p7", "p1"])),
                "choice": draw(st.sampled_from(["for", "for", "for", "against", "abstain"])),
                "seated": draw(FLAG),
                "barred": draw(RARELY),
                "of_side": draw(RARELY) or seat == (6 if committee == "monitoring" else 4),
                "elsewhere": draw(RARELY),
                "opinion": draw(FLAG),
                "findings": list(FINDINGS) if draw(FLAG) else [],
                "refused": draw(st.lists(st.sampled_from(COLUMNS), unique=True, max_size=1)) if draw(RARELY) else [],
            }
        )
    subject = draw(st.sampled_from(["approve_contract", "approve_contract", "approve_problem", "ratify_suspension"]))
    return {
        "now": 1,
        "committee": committee,
        "subject": subject,
        "organisation": "x",
        "own_seat": draw(FLAG),
        "days": draw(st.sampled_from([0, 0, 14, 15])),
        "seats": seats,
        "votes": votes,
    }


def naive(facts: dict[str, Any]) -> tuple[str, list[int]]:
    """What became of it, and which votes counted."""
    by_person: dict[str, Any] = {}
    by_seat: dict[int, Any] = {}
    for vote in facts["votes"]:
        if vote["seated"] and not vote["barred"] and not vote["elsewhere"]:
            by_person[vote["person"]] = by_seat[vote["seat"]] = vote
    counted = [v for v in by_person.values() if by_seat[v["seat"]] is v]
    numbers = sorted(vote["number"] for vote in counted)
    yes = [vote for vote in counted if vote["choice"] == "for"]
    no = [vote for vote in counted if vote["choice"] == "against"]
    monitoring = facts["committee"] == "monitoring"
    enough = len({vote["person"] for vote in counted}) >= (4 if monitoring else 3)
    refused = [
        column
        for column in COLUMNS
        if any(column in vote["refused"] for vote in counted)
        and sum(vote["choice"] == "against" or column in vote["refused"] for vote in counted)
        >= sum(column not in vote["refused"] for vote in yes)
    ]
    spoken = {vote["seat"] for vote in counted}
    people = {vote["person"] for vote in counted}
    there = [s for s in facts["seats"] if s["number"] == (6 if monitoring else 4)]
    own = [s for s in there if not s["barred"]]
    good = len(yes) > len(no) and enough and not refused
    if facts["subject"] != "ratify_suspension":
        good = good and all(seat["number"] in spoken for seat in own) and (bool(there) or not facts["own_seat"])
    only_owner = len(yes) > len(no) and all(vote["of_side"] for vote in yes)
    good = good and not only_owner
    if not monitoring:
        good = good and any(vote["seat"] == 2 and vote["opinion"] for vote in counted)
    if facts["subject"] == "approve_problem":
        good = good and all(vote["findings"] for vote in yes) and len(facts["seats"]) == (6 if monitoring else 5)
    if good:
        return "carried", numbers
    awaited = {
        seat["number"]
        for seat in facts["seats"]
        if not seat["barred"] and seat["number"] not in spoken and seat["person"] not in people
    }
    hopeless = len(yes) + len(awaited) <= len(no)
    late = facts["days"] >= 15
    in_vain = len(yes) <= len(no) or bool(refused) or only_owner
    if enough and (hopeless or ((late or not awaited) and in_vain)):
        return "lost", numbers
    return ("lapsed" if late or not (enough or awaited) else "open"), numbers


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=motions())
def test_both_count_alike(embedded: EmbeddedPolicy, facts: dict[str, Any]) -> None:
    document = embedded.decide("votes", facts)
    assert (document["state"], document["counted"]) == naive(facts)


def test_the_oracle_knows_a_carried_a_lost_and_an_open_motion() -> None:
    seats = [{"number": n, "person": f"p{n}", "barred": False} for n in range(1, 7)]
    base = {"seated": True, "barred": False, "of_side": False, "elsewhere": False}
    base |= {"opinion": True, "findings": [], "refused": []}
    for choices, state in (
        ("ffff", "carried"),
        ("aaaa", "lost"),
        ("fff", "open"),
        ("ffaa", "open"),
        ("fffaaa", "lost"),
    ):
        votes = [
            base | {"number": n, "seat": 7 - n, "person": f"p{7 - n}", "choice": {"f": "for", "a": "against"}[c]}
            for n, c in enumerate(choices, 1)
        ]
        facts = {"committee": "monitoring", "subject": "approve_contract", "own_seat": True, "days": 0}
        facts |= {"seats": seats, "votes": votes}
        assert naive(facts)[0] == state, choices
