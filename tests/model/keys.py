"""Drafting, and the keys that put a contract into force: what is given, by whom, and what that is worth."""

from __future__ import annotations

from access_broker.domain.contracts import Signatory
from access_broker.domain.motions import Choice, MotionState, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.approving import approve, guarantee, sign
from access_broker.use_cases.contracts import acknowledge, activate_contract, draft_contract
from access_broker.use_cases.motions import Proposal, open_motion
from access_broker.use_cases.voting import Ballot, give_vote
from tests.model.oracle import DAY
from tests.model.oracle import Ballot as Votes
from tests.model.steps import FINAL, Steps
from tests.model.world import EVERYBODY, OWNERS, Did, at


class Keys(Steps):
    """Each method tries one thing and tells the oracle what came of it."""

    def everything_but(self, lacking: str | None, voting: bool) -> None:
        """Those who are entitled give their keys, but perhaps for one kind of them."""
        if self.oracle.state != "drafted":
            return
        if self.world.contract() is None:
            self.redraft(change=False)
        if lacking != "approve":
            for committee, who in ((Committee.MONITORING, "mon1"), (Committee.QUALIFICATION, "qual1")):
                self.all_vote(committee, who) if voting else self.paper(who, committee)
        if lacking != "sign":
            signers = (Signatory.GOVERNMENT, "minister"), (Signatory.EXECUTOR, "analyst"), (Signatory.ITO, "mon5")
            for party, who in signers:
                self.signed(who, party)
        if lacking != "guarantee":
            self.guaranteed("mon2", "nda", 40)
            self.guaranteed("mon2", "non_publication", 200)
        if lacking != "accept":
            self.accepted("analyst")
        self.activated()

    def all_vote(self, committee: Committee, mover: str) -> None:
        self.put(mover, committee)
        mine = [motion for motion, votes in self.votes.items() if votes.committee == committee.value]
        for who in EVERYBODY if mine else ():
            if self.sits(who, committee.value) and who not in ("mon5", "both"):
                self.vote_for(mine[-1], who)

    def redraft(self, change: bool) -> None:
        is_new = self.world.contract() is None
        text = self.oracle.text + (change and not is_new)
        did = self.do(lambda w: draft_contract(w, self.world.draft(text), "operator"))
        assert (did.code == "") == (self.oracle.state == "drafted" or text == self.oracle.text)
        if did.value and not is_new:
            self.oracle.redrafted()

    def signed(self, who: str, party: Signatory, has_read: bool = True) -> None:
        seen = self.seen(has_read)
        did = self.do(lambda w: sign(w, self.world.caller(who), "P1", party, seen, self.world.now))
        if did.code or not did.records:
            return
        known = self.oracle.everybody[who]
        assert has_read
        assert self.oracle.state == "drafted"
        if party is Signatory.GOVERNMENT:
            assert known.organisation == "ministry"
        if party is Signatory.EXECUTOR:
            assert who in self.oracle.people
        if party is Signatory.ITO:
            assert known.organisation == "ito"
            assert any(known.sits(committee.value, self.world.second) for committee in Committee)
        self.oracle.signed[party.value] = who, self.oracle.text

    def paper(self, who: str, committee: Committee, has_read: bool = True) -> None:
        seen = self.seen(has_read)
        did = self.do(
            lambda w: approve(w, self.world.caller(who), "P1", committee, "approved", seen, self.world.now, "77")
        )
        if did.code or not did.records:
            return
        assert has_read
        assert self.oracle.state == "drafted"
        assert self.oracle.may_judge(who, committee.value, self.world.second)
        self.oracle.approved[committee.value] = who, self.oracle.text

    def put(self, who: str, committee: Committee) -> None:
        proposal = Proposal(committee, Subject.APPROVE_CONTRACT, "P1", self.world.digest())
        did = self.do(lambda w: open_motion(w, self.world.caller(who), proposal, self.world.now))
        if did.code == "":
            assert self.oracle.everybody[who].sits(committee.value, self.world.second)
            self.votes.setdefault(did.value.id, Votes(committee.value, self.oracle.text))

    def vote_for(self, motion: str, who: str, choice: Choice = Choice.FOR) -> None:
        ballot = Ballot(choice, self.world.digest(), "in my opinion")
        did = self.do(lambda w: give_vote(w, self.policy, self.caller(who), motion, ballot, self.now))
        self.voted(motion, who, did)

    def voted(self, motion: str, who: str, did: Did) -> None:
        if did.code or not did.records:
            return
        told, known = self.votes[motion], self.oracle.everybody[who]
        assert self.sits(who, told.committee)
        assert told.text == self.oracle.text
        assert not known.side or who in OWNERS
        choice = next(r.event.body["choice"] for r in did.records if r.event.kind == "motion.voted")
        told.votes[who] = known.lowest_seat(told.committee, self.world.second), choice
        if did.value.state is MotionState.CARRIED:
            assert self.oracle.state == "drafted"
            assert told.is_carried()
            others = self.voices.get("qualification" if told.committee == "monitoring" else "monitoring", set())
            assert not others & set(told.votes)
            self.voices[told.committee] = set(told.votes)
            free = [w for w in told.votes if self.oracle.may_judge(w, told.committee, self.world.second)]
            told.votes = {w: v for w, v in told.votes.items() if w in free}
            self.oracle.approved[told.committee] = told.holder(), self.oracle.text

    def guaranteed(self, who: str, kind: str, days: int) -> None:
        until = self.world.second + days * DAY
        did = self.do(lambda w: guarantee(w, self.caller(who), "P1", kind, at(until), self.now))
        assert (did.code == "") == (days > 0 and self.world.contract() is not None and self.oracle.state not in FINAL)
        if did.code == "":
            self.oracle.guaranteed[kind] = max(until, self.oracle.guaranteed.get(kind, until))

    def accepted(self, who: str) -> None:
        did = self.do(lambda w: acknowledge(w, "P1", who, self.now))
        is_open = self.world.contract() is not None and self.oracle.state not in FINAL
        assert (did.code == "") == (is_open and who in self.oracle.people)
        if did.code == "":
            self.oracle.acknowledged.add(who)

    def activated(self) -> None:
        did = self.do(lambda w: activate_contract(w, self.policy, "P1", "mon1", self.now))
        is_ready = self.oracle.state == "drafted" and self.oracle.has_all_keys(self.world.second)
        known = self.world.contract() is not None
        assert (did.code == "") == (known and (is_ready or self.oracle.state == "active")), did.code
        if did.code == "":
            self.oracle.state = "active"
