"""Violations, suspensions, the way to law and all a warning can be: what is filed comes back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from access_broker.adapters.records import SqlRecords
from access_broker.domain.acts import WarningNotice
from access_broker.domain.suspensions import OnLapse, Suspension, SuspensionState
from access_broker.domain.violations import LegalFollowUp, Violation, ViolationClass, ViolationSource
from tests.adapters.records.strategies import INSTANTS, MAYBE, NUMBERS, TEXT, tuples
from tests.adapters.records.test_round_trip import examples, shared
from tests.adapters.records.world import EVENT

__all__ = ["shared"]  # the fixture

SAID = st.none() | TEXT

VIOLATIONS = st.builds(
    Violation,
    st.just("P1"),
    NUMBERS,
    TEXT,
    st.sampled_from(ViolationClass),
    st.sampled_from(ViolationSource),
    TEXT,
    tuples(TEXT),
    TEXT,
    INSTANTS,
    SAID,
    SAID,
    MAYBE,
    SAID,
)
SUSPENSIONS = st.builds(
    Suspension,
    st.just("P1"),
    NUMBERS,
    TEXT,
    TEXT,
    INSTANTS,
    NUMBERS,
    st.sampled_from(OnLapse),
    st.none() | NUMBERS,
    st.sampled_from(SuspensionState),
    SAID,
    SAID,
    MAYBE,
)
WARNINGS = st.builds(
    WarningNotice,
    st.just("P1"),
    NUMBERS,
    TEXT,
    INSTANTS,
    TEXT,
    violation=st.none() | NUMBERS,
    cure_by=MAYBE,
    serve_days=st.none() | NUMBERS,
    served_at=MAYBE,
    appeal_text=SAID,
    appealed_by=SAID,
    appealed_at=MAYBE,
    appeal_decision=SAID,
    appeal_decided_by=SAID,
    appeal_decided_at=MAYBE,
)


@examples(15)
@given(violation=VIOLATIONS, suspension=SUSPENSIONS, notice=WARNINGS)
def test_oversight(shared: SqlRecords, violation: Violation, suspension: Suspension, notice: WarningNotice) -> None:
    with shared.write() as writer:
        writer.file(violation, EVENT)
        writer.file(suspension, EVENT)
        writer.save_warning(notice, EVENT)
    with shared.read() as reader:
        assert reader.filed(Violation, contract="P1", number=violation.number) == [violation]
        assert reader.filed(Suspension, contract="P1", generation=suspension.generation) == [suspension]
        assert suspension in reader.filed(Suspension, state=suspension.state)
        assert notice in reader.warnings("P1")


@examples(5)
@given(follow_up=st.builds(LegalFollowUp, st.just("P1"), TEXT, INSTANTS, TEXT))
def test_the_way_to_law(shared: SqlRecords, follow_up: LegalFollowUp) -> None:
    with shared.write() as writer:
        writer.file(follow_up, EVENT)
    with shared.read() as reader:
        assert reader.filed(LegalFollowUp, contract="P1") == [follow_up]
