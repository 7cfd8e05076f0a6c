"""A contract in force under the real policies, and short words for what committee, executor and clerk do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.people import Committee, Seat
from access_broker.domain.suspensions import Suspension
from access_broker.domain.violations import Violation
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.contracts import acknowledge_warning
from access_broker.use_cases.overseeing import report_violation
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.suspending import ratify_by, settle_suspension, unsettled
from access_broker.use_cases.tokens import caller_of
from tests.support.factories import NOW, give_token, make_contract, make_records, seat_deputy
from tests.support.fakes import InMemoryRecords

T = TypeVar("T")
SECOND = timedelta(seconds=1)
LAST = datetime(2026, 11, 25, 20, 29, 59, tzinfo=UTC)
"""The end of Wednesday in Tehran, 1405-09-04: the third working day after Sunday."""


class Oversight:
    """It is Sunday, 22 November 2026, noon in Tehran. ITO rests on Thursdays and Fridays, the company on Fridays.

    `chair` acts, `deputy`, who has the other seat, judges.
    """

    def __init__(self, policy: EmbeddedPolicy, **changes: Any) -> None:
        self.policy = policy
        self.records: InMemoryRecords = seat_deputy(make_records(make_contract(state=ContractState.ACTIVE, **changes)))

    def caller(self, who: str) -> Caller:
        token = give_token(self.records, f"token of {who}", who)
        with self.records.read() as reader:
            return caller_of(reader, token, NOW)

    def do(self, use_case: Callable[..., T], *arguments: Any, who: str = "chair", at: datetime = NOW) -> T:
        """`use_case(writer, caller, "P1", *arguments, at)` as that person."""
        caller = self.caller(who)
        return self.write(lambda writer: use_case(writer, caller, "P1", *arguments, at))

    def seat(self, who: str, number: int = 6, organisation: str | None = None) -> None:
        """Put somebody who is known into the Monitoring Committee."""
        seat = Seat(Committee.MONITORING, number, who, organisation=organisation)
        self.write(lambda writer: writer.save_seat(seat, AuditEvent("test.arranged", "test", who, "F-1")))

    def write(self, change: Callable[[Writer], T]) -> T:
        with self.records.write() as writer:
            return change(writer)

    def act(self, act: Act, at: datetime = NOW, **request: Any) -> CommitteeAct:
        ground = "S3-P6-R2" if act is Act.WARN else "F-13"
        asked = ActRequest(**({"contract": "P1", "act": act, "ground": ground, "by": "chair"} | request))
        return self.write(lambda writer: commit_act(writer, self.policy, asked, at))

    def report(
        self,
        kind: str = "contract",
        text: str = "Rows on a wall",
        at: datetime = NOW,
        *evidence: str,
        who: str = "chair",
    ) -> Violation:
        caller = self.caller(who)
        return self.write(lambda w: report_violation(w, self.policy, caller, "P1", kind, text, evidence, at))

    def acknowledge(self, number: int = 1, at: datetime = NOW) -> WarningNotice:
        return self.write(lambda writer: acknowledge_warning(writer, "P1", number, "analyst", at))

    def ballot(self, subject: Subject, state: MotionState, at: datetime = NOW, id: str = "motion-1") -> None:
        """Something that the Monitoring Committee votes on, or has."""
        motion = Motion(id, Committee.MONITORING, subject, "P1", "", "", "deputy", at, state=state)
        self.write(lambda writer: writer.file(motion, AuditEvent("test.arranged", "test", "P1", "F-13")))

    def settle(self, at: datetime) -> int:
        """The clerk's turn; how many suspensions were settled."""
        with self.records.read() as reader:
            waiting = list(unsettled(reader))
        return sum(self.write(lambda writer, s=s: settle_suspension(writer, s, at)) for s in waiting)  # type: ignore[misc]

    def last_second(self) -> datetime:
        """Until when the committee may ratify."""
        with self.records.read() as reader:
            return ratify_by(reader, self.suspension())

    def contract(self) -> Contract:
        with self.records.read() as reader:
            contract = reader.contract("P1")
        assert contract is not None
        return contract

    def violations(self) -> list[Violation]:
        with self.records.read() as reader:
            return reader.filed(Violation, contract="P1")

    def warnings(self) -> list[WarningNotice]:
        with self.records.read() as reader:
            return reader.warnings("P1")

    def suspension(self) -> Suspension:
        """The latest."""
        with self.records.read() as reader:
            return reader.filed(Suspension, contract="P1")[-1]

    def kinds(self, after: int = 0) -> list[str]:
        with self.records.read() as reader:
            return [record.event.kind for record in reader.audit(after, 1000)]
