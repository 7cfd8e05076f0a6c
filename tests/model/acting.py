"""The committee's acts: warned, suspended, ratified, lifted, lapsed, cut."""

from __future__ import annotations

from access_broker.domain.acts import Act
from access_broker.use_cases.acts import ActRequest
from access_broker.use_cases.contracts import acknowledge_warning
from access_broker.use_cases.suspending import is_due, ratify_suspension, settle_suspension, unsettled
from access_broker.use_cases.withdrawing import withdraw_warning
from tests.model.oracle import DAY
from tests.model.steps import Steps


class Acting(Steps):
    """Each method tries one thing and tells the oracle what came of it."""

    def judges(self, who: str) -> bool:
        """Sits there, and keeps no data and is of neither party: what opens access, or ends it for good, is judged."""
        return self.oracle.may_judge_the_end(who, "monitoring", self.world.second)

    def breached(self, who: str, act: Act) -> None:
        from_states = {Act.SUSPEND: ("active",), Act.CUT: ("active", "suspended")}[act]
        may = self.sits(who, "monitoring") and self.oracle.state in from_states
        may &= not self.oracle.everybody[who].disabled
        may &= act is Act.SUSPEND or self.judges(who)
        did = self.act(ActRequest("P1", act, "F-13", who))
        assert not did.records or may
        assert did.code == "" or not may, did.code
        if did.records and act is Act.CUT:
            self.oracle.state = "cut"
        elif did.records:
            self.oracle.suspended(who, self.world.second)

    def warned(self, who: str) -> None:
        did = self.act(ActRequest("P1", Act.WARN, "S3-P6-R2", who, text="Reports are late."))
        if did.records:
            assert self.sits(who, "monitoring")
            self.oracle.warnings[len(self.oracle.warnings) + 1] = "issued"

    def confirmed(self, number: int, who: str) -> None:
        did = self.do(lambda w: acknowledge_warning(w, "P1", number, who, self.now))
        if did.records:
            assert who in self.oracle.people
            assert self.oracle.warnings[number] == "issued"
            self.oracle.warnings[number] = "acknowledged"

    def taken_back(self, number: int, who: str) -> None:
        did = self.do(lambda w: withdraw_warning(w, self.caller(who), "P1", number, "an error of ours", self.now))
        if did.records:
            assert self.judges(who)
            self.oracle.warnings[number] = "withdrawn"

    def repeated(self, who: str, decision: str | None) -> None:
        did = self.act(ActRequest("P1", Act.CUT, "S3-P6-R2", who, decision, "late again"))
        if did.records:
            assert self.judges(who)
            assert decision
            assert self.oracle.has_been_warned()
            self.oracle.state = "cut"

    def lifted(self, who: str, decision: str | None) -> None:
        did = self.act(ActRequest("P1", Act.LIFT, "F-13", who, decision))
        if did.records:
            assert self.judges(who)
            assert self.oracle.state == "suspended"
            assert not self.oracle.ratified or (decision and who != self.oracle.suspended_by)
            self.oracle.state = "active"

    def ratified(self, who: str, decision: str | None) -> None:
        did = self.do(lambda w: ratify_suspension(w, self.caller(who), "P1", decision, self.now))
        if did.records:
            assert self.judges(who)
            assert who != self.oracle.suspended_by
            assert self.oracle.state == "suspended"
            assert decision
            self.oracle.ratified = True

    def lapsed(self, step: int) -> None:
        """What nobody ratified lapses after three working days at the least, never sooner and never twice."""
        self.world.go_to(self.world.second + step)
        for suspension in self.world.look(lambda r: [s for s in unsettled(r) if is_due(r, s, self.now)]):
            did = self.do(lambda w, s=suspension: settle_suspension(w, s, self.now))
            after = self.world.state().value
            if after != self.oracle.state:
                assert did.value
                assert self.oracle.state == "suspended"
                assert not self.oracle.ratified
                assert self.world.second > self.oracle.suspended_at + 2 * DAY
                self.oracle.state = after
