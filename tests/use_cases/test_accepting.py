"""Acceptance: the commit is the end of the development access, like a cut (F-14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.endings import Component
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import digest_of
from access_broker.publish.service import may_have_file, should_be_readable
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.acknowledging import end_of
from access_broker.use_cases.drafting import check_draft
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.facts import contract_facts, epoch
from access_broker.use_cases.sandbox_watch import watch_over
from access_broker.use_cases.watching import end_report
from tests.support.factories import DAY, NOW, audit_kinds, give_token, make_contract, position
from tests.support.leaving import EVENT, OF_RIVAL, accepted, caller, do, refusal, rivals, world

SECOND = timedelta(seconds=1)


def test_development_ends_with_acceptance_in_one_transaction(policy: EmbeddedPolicy) -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = world(contract)
    give_token(records, "of the analyst", "analyst", contract)
    chair = caller(records, "chair")
    before = position(records)
    acceptance = do(records, accept, policy, chair, "P1", "mc-7", NOW)
    assert audit_kinds(records, before) == [
        "motion.recorded",
        "acceptance.recorded",
        "contract.accepted",
        "tokens.revoked",
        "end.acknowledged",
    ]
    with records.read() as reader:
        after, token = reader.contract("P1"), reader.token(digest_of("of the analyst"))
        assert after is not None
        assert token is not None
        assert (after.state, after.generation) == (ContractState.ENDED, contract.generation + 1)
        assert token.revoked
        assert acceptance_of(reader, "P1") == acceptance
        end = end_of(reader, "P1", NOW)
        assert end is not None
        assert (end.code, end.rule, end.since) == ("CONTRACT_ENDED", "F-14", NOW)
        report = end_report(reader, "P1", NOW)
    assert report.expected == (Component.BROKER, Component.GATEWAY, Component.PUBLISHER)
    assert [a.ms for a in report.acknowledgements] == [0]
    assert not may_have_file(after, NOW)
    assert not should_be_readable(after, NOW)


def test_the_same_again_is_the_first_one_and_another_is_refused(policy: EmbeddedPolicy) -> None:
    records = world(make_contract(state=ContractState.ACTIVE))
    chair = caller(records, "chair")
    first = do(records, accept, policy, chair, "P1", "mc-7", NOW)
    before = position(records)
    assert do(records, accept, policy, chair, "P1", "mc-7", NOW + SECOND) == first
    assert position(records) == before
    assert refusal(lambda: do(records, accept, policy, chair, "P1", "mc-8", NOW)) == ("STATE_FORBIDS", "F-14")


@pytest.mark.parametrize("state", set(ContractState) - {ContractState.ACTIVE})
def test_only_what_is_in_force_is_accepted(policy: EmbeddedPolicy, state: ContractState) -> None:
    records = world(make_contract(state=state))
    chair = caller(records, "chair")
    assert refusal(lambda: do(records, accept, policy, chair, "P1", "mc-7", NOW)) == ("STATE_FORBIDS", "F-14")


@pytest.mark.parametrize(
    ("who", "decision", "expected"),
    [
        ("herasat", "mc-7", ("NOT_PERMITTED", "S1-C2")),
        ("analyst", "mc-7", ("CONFLICT_OF_INTEREST", "S1-C2")),
        ("chair", None, ("DECISION_NEEDED", "F-14")),
        ("chair", "  ", ("DECISION_NEEDED", "F-14")),
    ],
)
def test_it_is_the_monitoring_committees_to_decide(
    policy: EmbeddedPolicy, who: str, decision: str | None, expected: tuple[str, str]
) -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = world(contract)
    someone = caller(records, who)
    assert refusal(lambda: do(records, accept, policy, someone, "P1", decision, NOW)) == expected
    with records.read() as reader:
        assert reader.contract("P1") == contract


def test_what_is_over_is_not_accepted_any_more(policy: EmbeddedPolicy) -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = world(contract)
    late = caller(records, "chair", contract.ends_at)
    assert refusal(lambda: do(records, accept, policy, late, "P1", "mc-7", contract.ends_at)) == (
        "CONTRACT_EXPIRED",
        "S3-P9-R1",
    )


def test_a_sandbox_of_what_was_accepted_has_to_end_since_then() -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = world(contract)
    sandbox = Sandbox("s1", "analyst", "P1", contract.generation, 1, "198.18.16.10", "d1", NOW)
    accepted(records)
    with records.read() as reader:
        (watched,) = watch_over(reader, [sandbox])
    must = watched.must_end(NOW + DAY)
    assert must is not None
    assert (must.code, must.since, must.generation) == ("CONTRACT_ENDED", NOW, contract.generation + 1)


def test_every_decision_is_told_how_long_the_term_may_be() -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    market = make_contract("M1", follows="P1")
    records = world(contract)
    with records.read() as reader:
        assert contract_facts(reader, market, NOW)["contract"]["latest_end"] == 0
    accepted(records)
    with records.read() as reader:
        told = contract_facts(reader, market, NOW)["contract"]
        assert told["profile"] == "market"
        assert told["latest_end"] < epoch(NOW + 31 * DAY)


def test_a_term_that_was_prolonged_past_our_code_gives_nothing(policy: EmbeddedPolicy) -> None:
    """Six months to the second, whoever wrote the row (S3-P9-R1)."""
    longer = make_contract(state=ContractState.ACTIVE, ends_at=NOW + 300 * DAY)
    records = world(longer)
    with records.read() as reader:
        facts = contract_facts(reader, longer, NOW)
    spawn = facts | {
        "person": {"id": "analyst", "family": "private", "organisation": "tahlil", "disabled": False},
        "sandboxes": {"available": True, "of_contract": 0, "running": 0, "most": 9},
    }
    codes = {reason["code"] for reason in policy.decide("spawn", spawn)["reasons"]}
    assert "TERM_TOO_LONG" in codes


@pytest.mark.parametrize(
    "changes",
    [{"follows": "gone"}, {"follows": "M0"}, {"follows": "P1", "problem": "roads"}, {"follows": "P1", **OF_RIVAL}],
    ids=str,
)
def test_market_access_goes_to_who_did_the_work(changes: dict[str, object]) -> None:
    records = world(make_contract(), make_contract("M0", follows="P1"), rivals())
    do(records, lambda writer: writer.save_problem(replace(writer.problem("clinics"), id="roads"), EVENT))
    with records.read() as reader:
        check_draft(reader, make_contract("M1", follows="P1"))
        code = refusal(lambda: check_draft(reader, make_contract("M1", **changes)))
    assert code == ("INVALID", "F-14") or (changes["follows"], code[0]) == ("gone", "NOT_FOUND")
