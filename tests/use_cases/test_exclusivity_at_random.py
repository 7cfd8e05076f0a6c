"""Whatever people try in whatever order: no two strangers at work on one problem's data at once (S3-P9-R1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.awarding import award, exclusivity_of
from access_broker.use_cases.calendar import add_jalali_months, end_of_day, start_of_day, today
from access_broker.use_cases.contracts import activate_contract
from tests.support.factories import DAY, NOW, make_contract
from tests.support.fakes import InMemoryRecords
from tests.support.leaving import OF_RIVAL, caller, do, put, world

IDS = {"P1": {}, "P2": {}, "R1": OF_RIVAL, "R2": OF_RIVAL}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["activate", "accept", "award", "wait"]), st.sampled_from(sorted(IDS)), st.integers(1, 60)
    ),
    min_size=3,
    max_size=14,
)


def tried(records: InMemoryRecords, policy: EmbeddedPolicy, what: str, id: str, days: int, now: datetime) -> bool:
    """Whether it was granted."""
    chair = caller(records, "chair", now)
    try:
        if what == "activate":
            with records.read() as reader:
                known = reader.contract(id)
            if known is not None and known.state is not ContractState.DRAFTED:
                return False
            put(records, drafted(id, days, now))
            do(records, activate_contract, policy, id, "chair", now)
        elif what == "accept":
            do(records, accept, policy, chair, id, f"mc-{id}", now)
        else:
            do(records, award, chair, "clinics", "raqib" if id.startswith("R") else "tahlil", "mc-1", now)
    except Refused:
        return False
    return True


def drafted(id: str, days: int, now: datetime) -> Contract:
    starts_at = start_of_day(today(now))
    term = {"starts_at": starts_at, "ends_at": end_of_day(today(now) + timedelta(days=days * 3))}
    return make_contract(id, **IDS[id], **term)


def is_exclusive(contract: Contract, first: datetime, now: datetime, accepted: dict[str, datetime]) -> bool:
    """By the words of the directive, counted a second time: at work in the first six months, or the month after.

    `first`: when its executor first began.
    """
    if contract.id in accepted:
        month = add_jalali_months(today(accepted[contract.id]), 1)
        return now < end_of_day(min(month, add_jalali_months(today(first), 7)))
    six_months = end_of_day(add_jalali_months(today(first), 6))
    return contract.state is ContractState.ACTIVE and now < min(contract.ends_at, six_months)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(steps=STEPS)
def test_strangers_are_never_at_work_at_once_unless_chosen_together(
    policy: EmbeddedPolicy, steps: list[tuple[str, str, int]]
) -> None:
    records, now = world(), NOW
    awarded: set[str] = set()
    accepted: dict[str, datetime] = {}
    for what, id, days in steps:
        if what == "wait":
            now += days * DAY
        elif tried(records, policy, what, id, days, now):
            accepted = ({id: now} if what == "accept" else {}) | accepted  # again is the first one
            awarded |= {id[0]} if what == "award" else set()
        with records.read() as reader:
            known = reader.contracts()
            first = {e: min(c.starts_at for c in known if c.executor == e) for e in {c.executor for c in known}}
            holding = [c for c in known if is_exclusive(c, first[c.executor], now, accepted)]
            told = {hold.executor for hold in exclusivity_of(reader, "clinics", now).holds}
        assert {contract.executor for contract in holding} <= told
        for one, other in combinations(holding, 2):
            at_work = ContractState.ACTIVE in (one.state, other.state)
            assert one.executor == other.executor or not at_work or awarded == {"P", "R"}, (one.id, other.id, now)
