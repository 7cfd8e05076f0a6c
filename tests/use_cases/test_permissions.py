from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Role, Seat
from access_broker.use_cases.permissions import (
    Caller,
    can,
    check_is_named,
    check_may_act_at_all,
    check_may_activate,
    check_may_describe,
    check_may_guarantee,
    check_may_look_after,
    check_may_oversee,
    check_may_read_audit,
    check_may_read_contract,
    check_may_watch,
    check_sits_over,
)
from access_broker.use_cases.tokens import caller_of
from tests.support.factories import MINISTRY, NOW, PROVINCES, give_token, make_contract, make_records, person

CONTRACT = make_contract(state=ContractState.ACTIVE)
OTHER = make_contract("P2", ContractState.ACTIVE)

#          who          contract  reads  oversees  audit  activates
TABLE = [
    ("analyst", None, True, False, False, False),
    ("analyst", CONTRACT, True, False, False, False),
    ("analyst", OTHER, False, False, False, False),
    ("colleague", None, False, False, False, False),
    ("outsider", None, False, False, False, False),
    ("steward", None, True, True, False, False),
    ("chair", None, True, True, True, True),
    ("herasat", None, True, True, True, True),
    ("auditor", None, True, True, True, False),
    ("chair", CONTRACT, False, False, False, False),
    ("auditor", CONTRACT, False, False, False, False),
    ("steward", CONTRACT, False, False, False, False),
]


def caller(person: str, contract: object) -> Caller:
    records = make_records(CONTRACT, OTHER)
    token = give_token(records, "t", person, contract)  # type: ignore[arg-type]
    with records.read() as reader:
        return caller_of(reader, token, NOW)


@pytest.mark.parametrize(("person", "contract", "reads", "oversees", "audit", "activates"), TABLE)
def test_who_may(person: str, contract: object, reads: bool, oversees: bool, audit: bool, activates: bool) -> None:
    who = caller(person, contract)
    with make_records(CONTRACT).read() as reader:
        assert can(check_may_read_contract, reader, who, CONTRACT) is reads
        assert can(check_may_oversee, reader, who, CONTRACT) is oversees
    assert can(check_may_read_audit, who) is audit
    assert can(check_may_activate, who, CONTRACT) is activates
    assert can(check_may_act_at_all, who) is activates


@pytest.mark.parametrize(("organisation", "may"), [(None, True), ("ministry", True), ("roads", False)])
def test_another_organisations_own_seat_has_no_say(organisation: str | None, may: bool) -> None:
    """Neither puts a contract into force that does not concern it, nor takes in guarantees or watches over it."""
    seated = replace(caller("chair", None), seats=(Seat(Committee.MONITORING, 6, "chair", organisation=organisation),))
    for check in (check_may_activate, check_may_guarantee, check_sits_over):
        assert can(check, seated, CONTRACT) is may


def test_a_steward_oversees_contracts_on_own_datasets_only() -> None:
    foreign = make_contract(scope=())
    with make_records(foreign).read() as reader:
        assert not can(check_may_oversee, reader, caller("steward", None), foreign)
        assert can(check_may_oversee, reader, caller("steward", None), make_contract(scope=(PROVINCES,)))


def test_the_company_of_a_named_person_is_not_named() -> None:
    check_is_named(CONTRACT, "analyst")
    with pytest.raises(Refused) as refusal:
        check_is_named(CONTRACT, "colleague")
    assert refusal.value.reason.rule == "S3-P3"


@pytest.mark.parametrize(
    ("who", "contract", "describes", "watches", "looks_after"),
    [
        ("analyst", None, False, False, False),
        ("steward", None, True, False, False),
        ("chair", None, False, True, False),
        ("auditor", None, False, True, False),
        ("operator", None, False, True, True),
        ("steward", CONTRACT, False, False, False),
        ("chair", CONTRACT, False, False, False),
    ],
)
def test_who_describes_watches_and_looks_after(
    who: str, contract: object, describes: bool, watches: bool, looks_after: bool
) -> None:
    if who == "operator":
        someone = replace(caller("auditor", contract), roles=frozenset({Role.OPERATOR}))
    else:
        someone = caller(who, contract)

    assert can(check_may_describe, someone) is describes
    assert can(check_may_watch, someone) is watches
    assert can(check_may_look_after, someone) is looks_after


@pytest.mark.parametrize("state", ContractState)
def test_people_of_the_owner_read_a_draft_to_sign_it(state: ContractState) -> None:
    """And nothing beyond the draft, nothing of another organisation, and not with a token of a contract."""
    drafted = make_contract("P3", state)
    records = make_records(CONTRACT, drafted)
    clerk = person("clerk", MINISTRY)
    with records.write() as writer:
        writer.save_person(clerk, AuditEvent("test.arranged", "test", "test", "F-1"))
    own, of_contract = give_token(records, "own", "clerk"), give_token(records, "other", "clerk", CONTRACT)
    is_draft = state is ContractState.DRAFTED
    with records.read() as reader:
        assert can(check_may_read_contract, reader, Caller(clerk, own), drafted) is is_draft
        assert not can(check_may_read_contract, reader, Caller(clerk, of_contract), drafted)
        assert not can(check_may_oversee, reader, Caller(clerk, own), drafted)
        assert not can(check_may_read_contract, reader, caller("colleague", None), drafted)
