"""Leaving the platform, from the question to the certificate, against the real policy (D-1, D-2, I-33)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import product

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.endings import Component
from access_broker.domain.exits import EXIT_KEYS, EXITS_FROM, Exit, ExitKey, ExitKind, ExitState
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.people import Committee, Seat
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.acknowledging import FILE_REMOVED, WORKERS_STOPPED, Step, acknowledge_end
from access_broker.use_cases.certificate import Item, ItemState, checklist
from access_broker.use_cases.exclusivity import holds_on
from access_broker.use_cases.exiting import approve_exit, ask_exit, close_exit, exits_of, refuse_exit, report_failure
from access_broker.use_cases.watching import end_report
from tests.support.factories import DAY, MINISTRY, NOW, audit_kinds, give_token, make_contract, person, position
from tests.support.fakes import InMemoryRecords
from tests.support.leaving import EVENT, caller, do, file, refusal, world

M, Q = Committee.MONITORING, Committee.QUALIFICATION
LATER = NOW + timedelta(hours=1)
ACTIVE = make_contract(state=ContractState.ACTIVE)


class Leaving:
    """The steps as people take them, each in its own transaction."""

    def __init__(self, records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
        self.records, self.policy = records, policy

    def ask(self, who: str = "analyst", kind: ExitKind = ExitKind.FAILURE, text: str = "It cannot be done.") -> Exit:
        return do(self.records, ask_exit, self.policy, caller(self.records, who), "P1", kind, text, NOW)

    def approve(self, who: str, committee: Committee, decision: str | None = "d-1", number: int = 1) -> Exit:
        someone = caller(self.records, who)
        return do(self.records, approve_exit, self.policy, someone, "P1", number, committee, decision, LATER)

    def refuse(self, who: str, committee: Committee, text: str = "Not yet.") -> Exit:
        return do(self.records, refuse_exit, self.policy, caller(self.records, who), "P1", 1, committee, text, LATER)

    def report(self, who: str = "chair", text: str = "The data were too old.") -> object:
        return do(self.records, report_failure, self.policy, caller(self.records, who), "P1", 1, text, LATER)

    def close(self, who: str = "chair", decision: str | None = "d-9") -> Exit:
        return do(self.records, close_exit, self.policy, caller(self.records, who), "P1", 1, decision, LATER)

    def carry_out(self) -> None:
        """What gateway and publisher say once they have done their part."""
        with self.records.write() as writer:
            generation = writer.standing("P1").generation  # type: ignore[union-attr]
            for component, step in ((Component.GATEWAY, WORKERS_STOPPED), (Component.PUBLISHER, FILE_REMOVED)):
                acknowledge_end(writer, "P1", generation, Step(component, step), LATER)

    @property
    def state(self) -> ContractState:
        with self.records.read() as reader:
            contract = reader.contract("P1")
        assert contract is not None
        return contract.state


@pytest.fixture
def leaving(policy: EmbeddedPolicy) -> Leaving:
    return Leaving(world(ACTIVE), policy)


def test_with_one_approval_it_waits_and_with_both_access_ends(leaving: Leaving) -> None:
    give_token(leaving.records, "of the analyst", "analyst", ACTIVE)
    assert leaving.ask().state is ExitState.ASKED
    assert leaving.approve("herasat", Q).state is ExitState.ONE_APPROVAL
    assert leaving.state is ContractState.ACTIVE
    with leaving.records.read() as reader:
        token = reader.token(digest_of("of the analyst"))
        assert token is not None
        assert not token.revoked
    before = position(leaving.records)
    assert leaving.approve("chair", M).state is ExitState.CLOSING
    assert audit_kinds(leaving.records, before + 1) == [  # the first is the chair's own token
        "motion.recorded",
        "exit_key.given",
        "exit.approved",
        "contract.ended",
        "tokens.revoked",
        "end.acknowledged",
    ]
    with leaving.records.read() as reader:
        token, contract = reader.token(digest_of("of the analyst")), reader.contract("P1")
        assert token is not None
        assert contract is not None
        assert token.revoked
        assert (contract.state, contract.generation) == (ContractState.ENDED, ACTIVE.generation + 1)
        assert holds_on(reader, "clinics", LATER) == ()


def test_a_failure_is_not_closed_without_its_report(leaving: Leaving) -> None:
    leaving.ask()
    leaving.approve("chair", M)
    leaving.approve("herasat", Q)
    leaving.carry_out()
    assert refusal(leaving.close) == ("FAILURE_REPORT_MISSING", "D-1")
    assert refusal(lambda: leaving.report("analyst")) == ("CONFLICT_OF_INTEREST", "S1-C2")
    report = leaving.report()
    before = position(leaving.records)
    assert leaving.report() == report
    assert position(leaving.records) == before + 1  # a token, and no second report
    assert refusal(lambda: leaving.close(decision=None)) == ("DECISION_NEEDED", "D-1")
    assert leaving.close().state is ExitState.CLOSED


def test_the_certificate_says_what_was_ended_by_whom_and_what_is_still_planned(leaving: Leaving) -> None:
    leaving.ask()
    leaving.approve("chair", M, "mc-4")
    leaving.approve("herasat", Q, "qc-2")
    leaving.report()
    assert refusal(leaving.close) == ("END_NOT_COMPLETE", "D-2")
    leaving.carry_out()
    closed = leaving.close()
    assert leaving.close() == closed
    assert closed.certificate is not None
    assert closed.digest == sha256(closed.certificate.encode()).hexdigest()
    told = json.loads(closed.certificate)
    keys = {(key["committee"], key["person"], key["decision"]) for key in told["keys"]}
    assert keys == {("monitoring", "chair", "mc-4"), ("qualification", "herasat", "qc-2")}
    assert {item["item"]: item["state"] for item in told["checklist"]} == {
        "access_ended": "done",
        "workers_stopped": "done",
        "file_removed": "done",
        "sandboxes_ended": "nothing",
        "workspaces_sealed": "nothing",
        "outputs_handed_over": "nothing",
        "workspace_wiped": "planned",
    }
    assert told["ended_at"] == LATER.isoformat()
    assert told["ended_under"] == "D-2"
    assert told["failure_report"]["digest"] == sha256(b"The data were too old.").hexdigest()
    assert told["exit"]["reason"] == "It cannot be done."


@pytest.mark.parametrize(
    ("detail", "state"), [({"manifest_sha256": "ab"}, ItemState.DONE), ({"failed": "disk full"}, ItemState.OPEN)]
)
def test_the_checklist_tells_whether_the_homes_of_sandboxes_were_sealed(
    leaving: Leaving, detail: dict[str, str], state: ItemState
) -> None:
    leaving.ask("chair", ExitKind.TERMINATION)
    leaving.approve("chair", M)
    with leaving.records.write() as writer:
        step = Step(Component.WARDEN, "evidence", sandbox="s1")
        acknowledge_end(writer, "P1", ACTIVE.generation + 1, step, LATER, detail)
        told = {item.item: item for item in checklist(end_report(writer, "P1", LATER))}
    assert told[Item.WORKSPACES_SEALED].state is state


def test_after_the_exit_the_problem_is_open_again(leaving: Leaving) -> None:
    leaving.ask(kind=ExitKind.VOLUNTARY)
    leaving.approve("chair", M)
    leaving.approve("herasat", Q)
    leaving.carry_out()
    leaving.close()
    assert audit_kinds(leaving.records)[-2:] == ["exit.closed", "problem.opened_again"]
    with leaving.records.read() as reader:
        assert reader.audit(0, 1000)[-1].event.rule == "D-2"


@pytest.mark.parametrize(("kind", "state"), list(product(ExitKind, ContractState)), ids=str)
def test_what_can_be_left_in_which_way(policy: EmbeddedPolicy, kind: ExitKind, state: ContractState) -> None:
    """Success is what was accepted, and here nothing was."""
    leaving = Leaving(world(make_contract(state=state)), policy)
    if state in EXITS_FROM[kind] and kind is not ExitKind.SUCCESS:
        assert leaving.ask("chair", kind).kind is kind
    else:
        assert refusal(lambda: leaving.ask("chair", kind)) == ("STATE_FORBIDS", "D-2")


def test_what_was_accepted_is_left_with_both_keys_and_keeps_its_state(leaving: Leaving) -> None:
    do(leaving.records, accept, leaving.policy, caller(leaving.records, "chair"), "P1", "mc-7", NOW)
    leaving.ask(kind=ExitKind.SUCCESS)
    assert leaving.approve("chair", M).state is ExitState.ONE_APPROVAL
    before = position(leaving.records)
    assert leaving.approve("herasat", Q).state is ExitState.CLOSING
    assert "contract.ended" not in audit_kinds(leaving.records, before)
    leaving.carry_out()
    told = json.loads(leaving.close().certificate or "")
    assert (told["ended_under"], told["accepted_at"], told["ended_at"]) == ("F-14", NOW.isoformat(), NOW.isoformat())


def test_a_termination_is_the_monitoring_committees_alone(leaving: Leaving) -> None:
    assert EXIT_KEYS[ExitKind.TERMINATION] == {M}
    assert refusal(lambda: leaving.ask("analyst", ExitKind.TERMINATION)) == ("NOT_PERMITTED", "D-2")
    leaving.ask("chair", ExitKind.TERMINATION)
    assert refusal(lambda: leaving.approve("herasat", Q)) == ("NOT_PERMITTED", "D-2")
    assert leaving.approve("chair", M).state is ExitState.CLOSING
    assert leaving.state is ContractState.ENDED


def test_what_was_cut_stays_cut_and_is_certified(policy: EmbeddedPolicy) -> None:
    leaving = Leaving(world(make_contract(state=ContractState.CUT)), policy)
    leaving.ask("chair", ExitKind.TERMINATION)
    assert leaving.approve("chair", M).state is ExitState.CLOSING
    assert leaving.state is ContractState.CUT


def test_two_keys_are_two_people(leaving: Leaving) -> None:
    do(leaving.records, lambda writer: writer.save_seat(Seat(Q, 1, "chair"), EVENT))
    leaving.ask()
    leaving.approve("chair", M)
    assert refusal(lambda: leaving.approve("chair", Q)) == ("SAME_PERSON_TWICE", "D-2")
    assert leaving.state is ContractState.ACTIVE


def test_the_same_key_again_changes_nothing(leaving: Leaving) -> None:
    leaving.ask()
    first = leaving.approve("chair", M)
    before = position(leaving.records)
    assert leaving.approve("chair", M) == first
    assert position(leaving.records) == before + 1  # a token


@pytest.mark.parametrize(
    ("who", "committee", "decision", "expected"),
    [
        ("herasat", M, "d-1", ("NOT_PERMITTED", "D-2")),
        ("chair", Q, "d-1", ("NOT_PERMITTED", "D-2")),
        ("auditor", M, "d-1", ("NOT_PERMITTED", "D-2")),
        ("analyst", M, "d-1", ("CONFLICT_OF_INTEREST", "S1-C2")),
        ("chair", M, None, ("DECISION_NEEDED", "D-2")),
    ],
)
def test_who_gives_no_key(
    leaving: Leaving, who: str, committee: Committee, decision: str | None, expected: tuple[str, str]
) -> None:
    leaving.ask()
    assert refusal(lambda: leaving.approve(who, committee, decision)) == expected


def test_a_refusal_lets_the_contract_go_on_and_may_be_followed_by_another_question(leaving: Leaving) -> None:
    leaving.ask()
    leaving.approve("chair", M)
    assert leaving.refuse("herasat", Q).state is ExitState.REFUSED
    assert leaving.refuse("herasat", Q).state is ExitState.REFUSED
    assert leaving.state is ContractState.ACTIVE
    assert refusal(lambda: leaving.approve("herasat", Q)) == ("STATE_FORBIDS", "D-2")
    assert leaving.ask(text="It really cannot be done.").number == 2
    with leaving.records.read() as reader:
        assert [each.state for each in exits_of(reader, "P1")] == [ExitState.REFUSED, ExitState.ASKED]


def test_no_seat_refuses_what_its_committee_gave_its_key_to(leaving: Leaving) -> None:
    """The key would be written over, and one seat would undo what all of them decided."""
    do(leaving.records, lambda writer: writer.save_seat(Seat(M, 2, "auditor"), EVENT))
    leaving.ask(kind=ExitKind.VOLUNTARY)
    leaving.approve("chair", M)
    assert refusal(lambda: leaving.refuse("auditor", M)) == ("STATE_FORBIDS", "D-2")
    with leaving.records.read() as reader:
        assert [(key.person, key.approved) for key in reader.filed(ExitKey)] == [("chair", True)]
    assert leaving.approve("herasat", Q).state is ExitState.CLOSING


@pytest.mark.parametrize(
    ("committee", "outcome", "asked", "is_bound"),
    [
        (M, ExitKind.TERMINATION, 0, True),
        (Q, ExitKind.TERMINATION, 0, False),
        (M, ExitKind.VOLUNTARY, 0, False),
        (M, ExitKind.TERMINATION, 1, False),
    ],
)
def test_no_seat_refuses_what_its_committee_has_voted_for(
    leaving: Leaving, committee: Committee, outcome: ExitKind, asked: int, is_bound: bool
) -> None:
    """`asked`: days after the vote; a vote on an earlier exit binds nobody in a later one."""
    put = NOW - asked * DAY
    carried = Motion("motion-1", committee, Subject.EXIT, "P1", "", "digest", "chair", put, outcome=outcome.value)
    leaving.ask("chair", ExitKind.TERMINATION)
    file(leaving.records, replace(carried, state=MotionState.CARRIED, closed_by="chair", closed_at=NOW))
    if is_bound:
        assert refusal(lambda: leaving.refuse("chair", M)) == ("CONFLICT", "D-2")
    else:
        assert leaving.refuse("chair", M).state is ExitState.REFUSED


@pytest.mark.parametrize("kind", [ExitKind.VOLUNTARY, ExitKind.FAILURE])
@pytest.mark.parametrize("agreed", [(), (("herasat", Q),), (("chair", M),)])
def test_a_termination_takes_the_place_of_a_question_that_is_not_answered(
    leaving: Leaving, kind: ExitKind, agreed: tuple[tuple[str, Committee], ...]
) -> None:
    leaving.ask(kind=kind)
    for who, committee in agreed:
        leaving.approve(who, committee)
    before = position(leaving.records)
    made = leaving.ask("chair", ExitKind.TERMINATION, "They sold it.")
    assert (made.number, made.state) == (2, ExitState.ASKED)
    assert audit_kinds(leaving.records, before + 1)[-2:] == ["exit.refused", "exit.asked"]
    with leaving.records.read() as reader:
        earlier, keys = exits_of(reader, "P1")[0], reader.filed(ExitKey, contract="P1", number=1)
        assert reader.filed(ExitKey, contract="P1", number=2) == []
    assert earlier.state is ExitState.REFUSED
    given = {(key.person, key.committee) for key in keys if key.approved}
    assert given == set(agreed), "what was agreed to stays on record, and is no key to the termination"
    refused = [(key.committee, key.text) for key in keys if not key.approved]
    assert refused == ([] if ("chair", M) in agreed else [(M, "They sold it.")])
    assert leaving.state is ContractState.ACTIVE
    assert leaving.approve("chair", M, "d-2", number=2).state is ExitState.CLOSING
    assert leaving.state is ContractState.ENDED


def test_a_termination_takes_the_place_of_no_other_and_of_nothing_that_is_agreed(leaving: Leaving) -> None:
    leaving.ask("chair", ExitKind.TERMINATION)
    for approving in (False, True):
        if approving:
            leaving.approve("chair", M)
        asked = refusal(lambda: leaving.ask("chair", ExitKind.TERMINATION, "For another reason."))
        assert asked == ("STATE_FORBIDS", "D-2")


@pytest.mark.parametrize(
    ("seats", "reason"),
    [
        ((Seat(M, 6, "steward", organisation="ministry"), Seat(Q, 5, "steward")), ("CONFLICT_OF_INTEREST", "S1-C2")),
        ((Seat(Q, 4, "clerk", organisation="ministry"),), None),
        ((Seat(M, 6, "clerk", organisation="ministry"), Seat(Q, 5, "clerk")), ("CONFLICT_OF_INTEREST", "S1-C2")),
        ((Seat(M, 6, "clerk", organisation="ministry"),), ("CONFLICT_OF_INTEREST", "S1-C2")),
    ],
)
def test_the_owners_own_seat_is_heard_in_its_committee_and_nowhere_else(
    leaving: Leaving, seats: tuple[Seat, ...], reason: tuple[str, str] | None
) -> None:
    """Delegated to a common seat of the other committee, the owner's member would give both keys to its own exit."""
    who = seats[0].person
    do(leaving.records, lambda writer: writer.save_person(person("clerk", MINISTRY), EVENT))
    for seat in seats:
        do(leaving.records, lambda writer, seat=seat: writer.save_seat(seat, EVENT))
    leaving.ask(kind=ExitKind.VOLUNTARY)
    if reason is None:
        assert leaving.approve(who, Q).state is ExitState.ONE_APPROVAL
    else:
        assert refusal(lambda: leaving.approve(who, Q)) == reason


def test_an_exit_is_certified_from_the_owners_own_seat_of_either_committee(leaving: Leaving) -> None:
    do(leaving.records, lambda writer: writer.save_person(person("clerk", MINISTRY), EVENT))
    do(leaving.records, lambda writer: writer.save_seat(Seat(Q, 4, "clerk", organisation="ministry"), EVENT))
    leaving.ask(kind=ExitKind.VOLUNTARY)
    leaving.approve("chair", M)
    leaving.approve("herasat", Q)
    leaving.carry_out()
    assert leaving.close("clerk").state is ExitState.CLOSED


def test_one_question_at_a_time_and_only_of_people_of_the_contract(leaving: Leaving) -> None:
    first = leaving.ask()
    assert leaving.ask() == first
    assert refusal(lambda: leaving.ask("chair")) == ("STATE_FORBIDS", "D-2")
    assert refusal(lambda: leaving.ask("outsider"))[0] == "NOT_PERMITTED"
    assert refusal(lambda: Leaving(world(ACTIVE), leaving.policy).ask("outsider")) == ("NOT_PERMITTED", "D-2")


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "turned \u202e round"])
def test_reasons_are_written_so_that_they_can_be_read(leaving: Leaving, text: str) -> None:
    assert refusal(lambda: leaving.ask(text=text)) == ("INVALID", "D-2")
    leaving.ask()
    assert refusal(lambda: leaving.refuse("chair", M, text)) == ("INVALID", "D-2")
    assert refusal(lambda: leaving.report(text=text)) == ("INVALID", "D-1")


def test_what_was_cut_in_the_meantime_is_not_ended_by_the_second_key(leaving: Leaving) -> None:
    """A cut is final, and its reasons are others than those that were agreed to."""
    leaving.ask()
    leaving.approve("chair", M)
    cut = replace(ACTIVE, state=ContractState.CUT, generation=2)
    do(leaving.records, lambda writer: writer.save_contract(cut, EVENT))
    assert refusal(lambda: leaving.approve("herasat", Q)) == ("STATE_FORBIDS", "D-2")
    assert leaving.state is ContractState.CUT


def test_an_exit_nobody_asked_for_is_not_there(leaving: Leaving) -> None:
    assert refusal(lambda: leaving.approve("chair", M))[0] == "NOT_FOUND"


def test_an_expired_contract_may_still_be_left(policy: EmbeddedPolicy) -> None:
    leaving = Leaving(world(replace(ACTIVE, ends_at=NOW - DAY, starts_at=NOW - 30 * DAY)), policy)
    leaving.ask()
    leaving.approve("chair", M)
    leaving.approve("herasat", Q)
    assert leaving.state is ContractState.ENDED
