"""Who holds a problem and its data, asked of the real policy at activation (S3-P9-R1, R2a, R2b, C-1, F-14, F-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.exclusivity import Acceptance, Award, Hold, Opening, Phase, Sharing
from access_broker.use_cases.awarding import award, exclusivity_of, record_openings, share
from access_broker.use_cases.calendar import end_of_day, latest_end, start_of_day
from access_broker.use_cases.contracts import missing_keys
from access_broker.use_cases.exclusivity import holds_on
from tests.support.factories import DAY, NOW, PROVINCES, audit_kinds, make_contract
from tests.support.fakes import InMemoryRecords
from tests.support.leaving import (
    OF_RIVAL,
    accepted,
    caller,
    do,
    file,
    put,
    refusal,
    rivals,
    with_other_problem,
    world,
)

SECOND = timedelta(seconds=1)
START = start_of_day(datetime(2026, 11, 21).date())  # 1405-08-30
END = datetime(2027, 5, 20, 20, 29, 59, tzinfo=UTC)  # 1406-02-30 23:59:59 in Tehran
FOR_ONE = Reason("EXCLUSIVE", "S3-P9-R1")
IN_MARKET = Reason("EXCLUSIVE", "C-1")


def running(id: str = "P1", state: ContractState = ContractState.ACTIVE, **changes: object) -> Contract:
    return make_contract(id, state, **({"starts_at": START, "ends_at": END} | changes))


def exclusive(records: InMemoryRecords, policy: EmbeddedPolicy, contract: Contract, now: datetime = NOW) -> set[Reason]:
    with records.read() as reader:
        reasons = missing_keys(reader, policy, contract, now)
    return {reason for reason in reasons if reason.code == "EXCLUSIVE"}


def test_a_second_executor_gets_nothing_on_the_same_data_for_the_same_problem(policy: EmbeddedPolicy) -> None:
    records = world(running())
    assert latest_end(START) == END
    for now in (START, NOW, END - SECOND):
        assert exclusive(records, policy, rivals(), now) == {FOR_ONE}
    assert exclusive(records, policy, rivals(), END) == set()


def test_nobody_is_their_own_rival(policy: EmbeddedPolicy) -> None:
    records = world(running(), running("P2"))
    assert exclusive(records, policy, make_contract("P3")) == set()


@pytest.mark.parametrize("state", ContractState)
def test_only_what_gives_access_or_may_again_holds(policy: EmbeddedPolicy, state: ContractState) -> None:
    """A draft holds nothing, nor what was cut; a suspension may be lifted, so it holds."""
    records = world(running(state=state))
    is_held = state in (ContractState.ACTIVE, ContractState.SUSPENDED)
    assert bool(exclusive(records, policy, rivals())) is is_held


def test_other_data_and_other_problems_of_one_owner_are_free(policy: EmbeddedPolicy) -> None:
    records = world(running())
    with_other_problem(records, owner="ministry")
    assert exclusive(records, policy, rivals(problem="roads")) == set()


def test_a_problem_of_another_organisation_needs_a_decision(policy: EmbeddedPolicy) -> None:
    records = world(running())
    with_other_problem(records)
    other = rivals(problem="roads")
    assert exclusive(records, policy, other) == {FOR_ONE}
    chair = caller(records, "chair")
    assert refusal(lambda: do(records, share, chair, "roads", "health", None, NOW)) == (
        "DECISION_NEEDED",
        "S3-P9-R1",
    )
    shared = do(records, share, chair, "roads", "health", "mc-3", NOW)
    assert do(records, share, chair, "roads", "health", "mc-3", NOW) == shared
    assert exclusive(records, policy, other) == set()
    assert exclusive(records, policy, rivals()) == {FOR_ONE}  # the problem itself is as exclusive as before
    assert exclusive(records, policy, make_contract("P9", problem="roads")) == set()


def test_a_decision_to_share_is_about_one_problem_and_does_not_last_for_ever(policy: EmbeddedPolicy) -> None:
    records = world(running())
    with_other_problem(records)
    chair = caller(records, "chair")
    do(records, share, chair, "roads", "health", "mc-3", NOW)
    assert refusal(lambda: do(records, share, chair, "clinics", "health", "mc-3", NOW))[0] == "CONFLICT"
    assert refusal(lambda: do(records, share, chair, "roads", "gone", "mc-4", NOW))[0] == "NOT_ON_RESOURCE_LIST"
    assert refusal(lambda: do(records, share, caller(records, "herasat"), "roads", "health", "mc-5", NOW)) == (
        "NOT_PERMITTED",
        "S1-C2",
    )
    later = latest_end(NOW) + DAY
    file(records, Award("clinics", "tahlil", "mc-6", "chair", later - DAY))
    put(records, running("P2", starts_at=later - DAY, ends_at=later + 30 * DAY))
    assert exclusive(records, policy, rivals(problem="roads"), later) == {FOR_ONE}


def test_those_chosen_together_hold_it_together_and_a_third_is_refused(policy: EmbeddedPolicy) -> None:
    records = world()
    chair = caller(records, "chair")
    do(records, award, chair, "clinics", "tahlil", "mc-1", NOW)
    do(records, award, chair, "clinics", "raqib", "mc-1", NOW)
    third = make_contract("T1", executor="ministry")  # any other organisation will do for the lock
    assert exclusive(records, policy, third) == {FOR_ONE}
    put(records, running())
    assert exclusive(records, policy, rivals()) == set()
    assert exclusive(records, policy, third) == {FOR_ONE}
    put(records, rivals(state=ContractState.ACTIVE))
    with records.read() as reader:
        assert [hold.executor for hold in holds_on(reader, "clinics", NOW, "health")] == ["raqib", "tahlil"]


def test_nobody_is_chosen_while_others_are_at_work(policy: EmbeddedPolicy) -> None:
    records = world(running())
    chair = caller(records, "chair")
    assert refusal(lambda: do(records, award, chair, "clinics", "raqib", "mc-1", NOW)) == ("EXCLUSIVE", "S3-P9-R1")
    accepted(records)
    assert refusal(lambda: do(records, award, chair, "clinics", "raqib", "mc-1", NOW)) == ("EXCLUSIVE", "C-1")
    assert exclusive(records, policy, rivals()) == {IN_MARKET}


def test_an_award_rests_on_a_decision_and_goes_to_a_registered_company() -> None:
    records = world()
    chair = caller(records, "chair")
    refused = [
        (caller(records, "herasat"), "clinics", "tahlil", "mc-1", "NOT_PERMITTED"),
        (chair, "gone", "tahlil", "mc-1", "NOT_FOUND"),
        (chair, "clinics", "gone", "mc-1", "NOT_FOUND"),
        (chair, "clinics", "ministry", "mc-1", "EXECUTOR_NOT_REGISTERED"),
        (chair, "clinics", "tahlil", None, "DECISION_NEEDED"),
        (chair, "clinics", "tahlil", " ", "DECISION_NEEDED"),
    ]
    for *arguments, code in refused:
        assert refusal(partial(do, records, award, *arguments, NOW))[0] == code
    before = len(audit_kinds(records))
    do(records, award, chair, "clinics", "tahlil", "mc-1", NOW)
    do(records, award, chair, "clinics", "tahlil", "mc-1", NOW + SECOND)
    assert audit_kinds(records, before) == ["motion.recorded", "problem.awarded"]


def test_an_award_is_used_up_by_the_work_or_by_six_months(policy: EmbeddedPolicy) -> None:
    records = world(running())
    file(records, Award("clinics", "tahlil", "mc-1", "chair", NOW))
    assert exclusive(records, policy, rivals(), END) == set()
    idle = world()
    file(idle, Award("clinics", "tahlil", "mc-1", "chair", NOW))
    assert exclusive(idle, policy, rivals(), latest_end(NOW) - SECOND) == {FOR_ONE}
    assert exclusive(idle, policy, rivals(), latest_end(NOW)) == set()


def test_contracts_one_after_the_other_are_exclusive_for_six_months_in_all(policy: EmbeddedPolicy) -> None:
    records = world(running(ends_at=NOW + 30 * DAY), running("P2", starts_at=NOW + 30 * DAY, ends_at=END + 90 * DAY))
    assert exclusive(records, policy, rivals(), END - SECOND) == {FOR_ONE}
    assert exclusive(records, policy, rivals(), END) == set()


@pytest.mark.parametrize("gap", [0, 3, 30, 45])
def test_a_second_contract_is_exclusive_no_longer_than_the_first_start_allows(policy: EmbeddedPolicy, gap: int) -> None:
    """In the executor's own month of the market, or after it: six months and one would begin anew each time."""
    records = world(running())
    accepted(records, now=NOW)
    begins = NOW + gap * DAY
    put(records, running("P2", starts_at=begins, ends_at=latest_end(begins)))
    assert exclusive(records, policy, rivals(), END + DAY) == set()
    accepted(records, "P2", now=END + DAY)
    month = end_of_day(datetime(2027, 6, 20).date())  # 1406-03-30, seven months after the first start
    assert exclusive(records, policy, rivals(), month - SECOND) == {IN_MARKET}
    assert exclusive(records, policy, rivals(), month) == set()


def test_being_chosen_in_ones_own_month_of_the_market_prolongs_nothing(policy: EmbeddedPolicy) -> None:
    records = world(running())
    accepted(records, now=NOW)
    file(records, Award("clinics", "tahlil", "mc-2", "chair", NOW + DAY))
    put(records, running("P2", starts_at=NOW + DAY, ends_at=latest_end(NOW + DAY)))
    assert exclusive(records, policy, rivals(), END + DAY) == set()


def test_whoever_works_is_not_chosen_again_so_the_six_months_never_begin_anew(policy: EmbeddedPolicy) -> None:
    """Neither while the first contract runs, nor a second one, be it exclusive any more or not."""
    second = running("P2", starts_at=NOW + 155 * DAY, ends_at=NOW + 330 * DAY)
    records = world(running(ends_at=NOW + 150 * DAY), second)
    for days in (0, 160, 200):
        now = NOW + days * DAY
        chair = caller(records, "chair", now)
        with pytest.raises(Refused) as refused:
            do(records, award, chair, "clinics", "tahlil", f"mc-{days}", now)
        assert (refused.value.reason.code, refused.value.detail["opens_at"]) == ("EXCLUSIVE", second.ends_at)
    assert exclusive(records, policy, rivals(), END - SECOND) == {FOR_ONE}
    assert exclusive(records, policy, rivals(), END) == set()


def test_a_choice_is_not_prolonged_while_it_stands() -> None:
    records = world()
    over = latest_end(NOW)
    do(records, award, caller(records, "chair"), "clinics", "tahlil", "mc-1", NOW)
    late = over - SECOND
    assert refusal(lambda: do(records, award, caller(records, "chair", late), "clinics", "tahlil", "mc-2", late)) == (
        "EXCLUSIVE",
        "S3-P9-R1",
    )
    assert do(records, award, caller(records, "chair", over), "clinics", "tahlil", "mc-2", over).at == over


def test_an_award_in_ones_own_month_of_the_market_uses_nothing_up() -> None:
    """It would give no hold, and the decision could not be cited again when it would."""
    records = world(running())
    accepted(records, now=ACCEPTED_AT)
    for now in (ACCEPTED_AT + DAY, MONTH_OVER - SECOND):
        chair = caller(records, "chair", now)
        before = len(audit_kinds(records))
        assert refusal(partial(do, records, award, chair, "clinics", "tahlil", "mc-2", now)) == ("EXCLUSIVE", "C-1")
        assert len(audit_kinds(records)) == before
    chair = caller(records, "chair", MONTH_OVER)
    assert do(records, award, chair, "clinics", "tahlil", "mc-2", MONTH_OVER).decision == "mc-2"
    with records.read() as reader:
        assert [hold.phase for hold in holds_on(reader, "clinics", MONTH_OVER)] == [Phase.CHOSEN]


def test_whoever_is_chosen_again_after_it_was_over_begins_anew(policy: EmbeddedPolicy) -> None:
    records = world(running())
    accepted(records, now=NOW)
    again = NOW + 200 * DAY
    file(records, Award("clinics", "tahlil", "mc-2", "chair", again))
    put(records, running("P2", starts_at=again, ends_at=latest_end(again)))
    assert exclusive(records, policy, rivals(), latest_end(again) - SECOND) == {FOR_ONE}
    assert exclusive(records, policy, rivals(), latest_end(again)) == set()


ACCEPTED_AT = datetime(2026, 12, 22, 9, 0, tzinfo=UTC)  # 1405-10-01
MONTH_OVER = end_of_day(datetime(2027, 1, 21).date())  # 1405-11-01


def test_the_exclusivity_goes_on_through_the_month_of_the_market_and_no_further(policy: EmbeddedPolicy) -> None:
    records = world(running())
    accepted(records, now=ACCEPTED_AT)
    with records.read() as reader:
        told = exclusivity_of(reader, "clinics", ACCEPTED_AT)
    assert told.holds == (Hold("tahlil", Phase.MARKET, MONTH_OVER),)
    assert told.opens_at == MONTH_OVER
    assert exclusive(records, policy, rivals(), ACCEPTED_AT + SECOND) == {IN_MARKET}
    assert exclusive(records, policy, rivals(), MONTH_OVER - SECOND) == {IN_MARKET}
    assert exclusive(records, policy, rivals(), MONTH_OVER) == set()


def test_others_are_called_and_chosen_when_the_month_is_over_and_not_before() -> None:
    records = world(running())
    accepted(records, now=ACCEPTED_AT)
    before, after = MONTH_OVER - SECOND, MONTH_OVER
    assert refusal(
        lambda: do(records, award, caller(records, "chair", before), "clinics", "raqib", "mc-9", before)
    ) == ("EXCLUSIVE", "C-1")
    assert do(records, award, caller(records, "chair", after), "clinics", "raqib", "mc-9", after).executor == "raqib"


def test_the_month_of_the_market_never_makes_more_than_seven_months() -> None:
    contract = running()
    records = world(contract)
    accepted(records, now=END - SECOND)
    with records.read() as reader:
        told = exclusivity_of(reader, "clinics", END)
    assert told.opens_at == datetime(2027, 6, 20, 20, 29, 59, tzinfo=UTC)  # 1406-03-30


def test_that_a_problem_is_open_again_is_written_down_once_with_why(policy: EmbeddedPolicy) -> None:
    records = world(running())
    accepted(records, now=ACCEPTED_AT)
    assert do(records, record_openings, MONTH_OVER - SECOND) == []
    opened = do(records, record_openings, MONTH_OVER)
    assert opened == [Opening("clinics", "P1", MONTH_OVER)]
    assert do(records, record_openings, MONTH_OVER + DAY) == []
    with records.read() as reader:
        event = reader.audit(0, 1000)[-1].event
    assert (event.kind, event.subject, event.rule) == ("problem.opened_again", "clinics", "C-1")


def test_an_expired_or_cut_contract_opens_its_problem_too() -> None:
    expired = world(running(ends_at=NOW + DAY))
    assert do(expired, record_openings, NOW) == []
    assert [opening.after for opening in do(expired, record_openings, NOW + DAY)] == ["P1"]
    with expired.read() as reader:
        assert reader.audit(0, 1000)[-1].event.rule == "S3-P9-R1"
    drafted = world(make_contract())
    assert do(drafted, record_openings, NOW + 900 * DAY) == []


def test_who_asks_about_a_problem_that_is_not_there_is_told_so() -> None:
    records = world()
    with records.read() as reader:
        assert refusal(lambda: exclusivity_of(reader, "gone", NOW)) == ("NOT_FOUND", "F-1")
        assert exclusivity_of(reader, "clinics", NOW).opens_at is None


def market(ends_at: datetime = MONTH_OVER, **changes: object) -> Contract:
    """Market access after P1, with a scope of its own."""
    starts_at = start_of_day(ACCEPTED_AT.date())
    own = {"follows": "P1", "starts_at": starts_at, "ends_at": ends_at, "scope": (PROVINCES,)}
    return make_contract("M1", **(own | changes))


def why_not(records: InMemoryRecords, policy: EmbeddedPolicy, contract: Contract, now: datetime) -> set[Reason]:
    about = {"EXCLUSIVE", "MARKET_TOO_EARLY", "TERM_TOO_LONG"}
    with records.read() as reader:
        return {reason for reason in missing_keys(reader, policy, contract, now) if reason.code in about}


def test_market_access_comes_after_acceptance_for_one_month(policy: EmbeddedPolicy) -> None:
    records = world(running())
    early = {Reason("MARKET_TOO_EARLY", "F-14"), Reason("TERM_TOO_LONG", "F-14")}
    assert why_not(records, policy, market(), NOW) == early
    accepted(records, now=ACCEPTED_AT)
    assert why_not(records, policy, market(), ACCEPTED_AT) == set()
    assert why_not(records, policy, market(MONTH_OVER + SECOND), ACCEPTED_AT) == {Reason("TERM_TOO_LONG", "F-14")}
    rival = market(**OF_RIVAL, follows=None)
    assert why_not(records, policy, rival, ACCEPTED_AT) == {IN_MARKET}


def test_market_access_holds_the_exclusivity_to_its_own_end() -> None:
    records = world(running())
    accepted(records, now=ACCEPTED_AT)
    put(records, replace(market(), state=ContractState.ACTIVE))
    with records.read() as reader:
        assert exclusivity_of(reader, "clinics", MONTH_OVER - SECOND).opens_at == MONTH_OVER
        assert exclusivity_of(reader, "clinics", MONTH_OVER).holds == ()


def test_what_is_on_record_about_one_problem_holds_no_other() -> None:
    records = world(running())
    with_other_problem(records)
    file(records, Acceptance("P1", "mc-1", "chair", NOW), Sharing("roads", "health", "mc-2", "chair", NOW))
    with records.read() as reader:
        assert holds_on(reader, "roads", NOW) == ()
        assert holds_on(reader, "clinics", NOW, "elsewhere") == ()
