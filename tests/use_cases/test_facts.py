from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from access_broker.domain.acts import Act, WarningNotice
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ColumnGrant, ContractState, TableGrant
from access_broker.domain.datasets import Mode
from access_broker.domain.people import Committee, Seat
from access_broker.domain.tokens import Door
from access_broker.use_cases.facts import act_facts, contract_facts, epoch, login_facts
from tests.support.factories import (
    CHAIR,
    COMPANY,
    DAY,
    NOW,
    give_token,
    make_contract,
    make_records,
)

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


def test_times_are_whole_seconds_and_need_a_zone() -> None:
    assert epoch(NOW) == 1795336200
    with pytest.raises(ValueError, match="zone"):
        epoch(datetime(2026, 11, 22))


def test_denied_columns_are_not_told() -> None:
    records = make_records()
    with records.read() as reader:
        facts = contract_facts(reader, make_contract(), NOW)
    assert facts["tables"] == {
        "health.citizens": {
            "entity": "national_id",
            "columns": {"national_id": "join", "birth_date": "mask", "income": "aggregate"},
        },
        "health.provinces": {"entity": None, "columns": {"province": "raw"}},
    }
    assert facts["datasets"] == {"health": {"sovereignty": "sovereign", "owner": "ministry"}}
    assert facts["problem"] == {"id": "clinics", "resources": ["health"]}


@pytest.mark.parametrize(
    "grant",
    [
        TableGrant("health", "gone", (ColumnGrant("national_id", Mode.RAW),)),
        TableGrant("gone", "citizens", (ColumnGrant("national_id", Mode.RAW),)),
        TableGrant("health", "citizens", (ColumnGrant("gone", Mode.RAW),)),
        TableGrant("health", "citizens", (ColumnGrant("full_name", Mode.DENY),)),
    ],
)
def test_a_grant_of_what_is_not_described_grants_nothing(grant: TableGrant) -> None:
    records = make_records()
    with records.read() as reader:
        assert contract_facts(reader, make_contract(scope=(grant,)), NOW)["tables"] == {}


def test_what_is_not_on_record_is_told_as_absent() -> None:
    contract = make_contract(problem="gone", executor="gone", scope=(TableGrant("gone", "t", ()),))
    records = make_records()
    with records.read() as reader:
        facts = contract_facts(reader, contract, NOW)
    assert facts["problem"]["resources"] == []
    assert facts["datasets"] == {"gone": {"sovereignty": "undetermined", "owner": ""}}
    assert facts["contract"]["executor"] == {"id": "gone", "family": "", "registered": False}


@pytest.mark.parametrize(("legal_id", "registered"), [("10380284790", True), ("10380284791", False), (None, False)])
def test_a_company_is_registered_by_a_legal_id_that_holds(legal_id: str | None, registered: bool) -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_organisation(replace(COMPANY, legal_id=legal_id), EVENT)
    with records.read() as reader:
        facts = contract_facts(reader, make_contract(), NOW)
    assert facts["contract"]["executor"]["registered"] is registered


def test_the_longest_term_is_told_at_every_decision() -> None:
    records = make_records()
    with records.read() as reader:
        facts = contract_facts(reader, make_contract(starts_at=NOW), NOW)
    # 1405-09-01 and six Jalali months: 1406-03-01 23:59:59 in Tehran
    assert facts["contract"]["latest_end"] == epoch(datetime(2027, 5, 22, 20, 29, 59, tzinfo=UTC))


def test_login_facts_tell_both_doors() -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = make_records(contract)
    token = give_token(records, "t", "analyst", contract, door=Door.SANDBOX)
    with records.read() as reader:
        facts = login_facts(reader, contract, token, Door.LOCAL, NOW)
    assert facts["door"] == "local"
    assert facts["login"]["door"] == "sandbox"
    assert facts["person"] == {"id": "analyst", "family": "private", "organisation": "tahlil", "disabled": False}


def test_an_unknown_person_counts_as_disabled() -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = make_records(contract)
    token = give_token(records, "t", "nobody", contract)
    with records.read() as reader:
        assert login_facts(reader, contract, token, Door.LOCAL, NOW)["person"]["disabled"] is True
        assert act_facts(reader, contract, Act.CUT, "F-13", "nobody", None, NOW)["person"]["disabled"] is True


def test_only_seats_held_now_are_told() -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 5, CHAIR.id, NOW - 9 * DAY, NOW - DAY), EVENT)
        writer.save_seat(Seat(Committee.MONITORING, 6, CHAIR.id, NOW - DAY, NOW + DAY), EVENT)
    with records.read() as reader:
        facts = act_facts(reader, make_contract(), Act.CUT, "F-13", "chair", "M-7", NOW)
    assert facts["seats"] == [{"committee": "monitoring", "number": 1}, {"committee": "monitoring", "number": 6}]
    assert facts["decision"] == "M-7"


def test_the_seat_of_another_organisation_is_not_told() -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 6, CHAIR.id, organisation="roads"), EVENT)
        writer.save_seat(Seat(Committee.MONITORING, 6, "auditor", organisation="ministry"), EVENT)
    with records.read() as reader:
        told = {
            who: act_facts(reader, make_contract(), Act.CUT, "F-13", who, None, NOW)["seats"]
            for who in ("chair", "auditor")
        }
    assert told["chair"] == [{"committee": "monitoring", "number": 1}]
    assert told["auditor"] == [{"committee": "monitoring", "number": 6}]


def test_warnings_are_told_with_what_makes_them_count() -> None:
    records = make_records(make_contract())
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "chair", NOW, "", "analyst", NOW), EVENT)
        writer.save_warning(WarningNotice("P1", 2, "chair", NOW, "", withdrawn=True), EVENT)
    with records.read() as reader:
        facts = act_facts(reader, make_contract(), Act.CUT, "S3-P6-R2", "chair", None, NOW)
    assert facts["warnings"] == [
        {
            "acknowledged": True,
            "withdrawn": False,
            "appealed": False,
            "counts_from": epoch(NOW),
            "repeated_at": epoch(NOW),
        },
        {"acknowledged": False, "withdrawn": True, "appealed": False, "counts_from": None, "repeated_at": epoch(NOW)},
    ]
