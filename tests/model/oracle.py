"""What the directive says about one contract, as plainly as it can be written down; it knows none of our code.

It is told what was done and answers one question: may this person read data now. Texts are counted, times are seconds
since the walk began, committees are "monitoring" and "qualification".
"""

from __future__ import annotations

from dataclasses import dataclass, field

QUORUM = {"monitoring": 4, "qualification": 3}
DAY = 86_400


@dataclass
class Somebody:
    """`seats`: committee, number, from, until. `side`: is of the executor, of the owner, or keeps the data.

    `has_own_seat`: the seat that the owner has of its own, to be heard in what concerns it.
    """

    organisation: str
    side: str = ""
    seats: list[tuple[str, int, int, int]] = field(default_factory=list)
    disabled: bool = False
    has_own_seat: bool = False

    def sits(self, committee: str, now: int) -> bool:
        return any(c == committee and since <= now < until for c, _, since, until in self.seats)

    def lowest_seat(self, committee: str, now: int) -> int:
        return min(n for c, n, since, until in self.seats if c == committee and since <= now < until)


@dataclass
class Oracle:
    """The contract is between `people` and the owner; `signed`, `approved`: for which text, by whom."""

    everybody: dict[str, Somebody]
    people: tuple[str, ...]
    starts: int
    ends: int
    state: str = "drafted"
    text: int = 0
    signed: dict[str, tuple[str, int]] = field(default_factory=dict)
    approved: dict[str, tuple[str, int]] = field(default_factory=dict)
    guaranteed: dict[str, int] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    warnings: dict[int, str] = field(default_factory=dict)
    suspended_at: int = 0
    suspended_by: str = ""
    ratified: bool = False
    leaving: set[str] = field(default_factory=set)

    def has_all_keys(self, now: int) -> bool:
        """Both parties and ITO signed, both committees approved, by two people, all of them the present text."""
        for party in ("government", "executor", "ito"):
            if self.signed.get(party, ("", -1))[1] != self.text:
                return False
        for committee in QUORUM:
            if self.approved.get(committee, ("", -1))[1] != self.text:
                return False
        if self.approved["monitoring"][0] == self.approved["qualification"][0]:
            return False
        if any(self._is_of_a_side(person) for person, _ in self.approved.values()):
            return False
        return all(now < self.guaranteed.get(kind, 0) for kind in ("nda", "non_publication"))

    def may_read(self, person: str, now: int) -> bool:
        known = self.everybody[person]
        return (
            self.state == "active"
            and self.starts <= now < self.ends
            and self.has_all_keys(now)
            and person in self.people
            and person in self.acknowledged
            and not known.disabled
        )

    def may_judge(self, person: str, committee: str, now: int) -> bool:
        """Sits there now, and is of no side."""
        return self.everybody[person].sits(committee, now) and not self._is_of_a_side(person)

    def may_judge_the_end(self, person: str, committee: str, now: int) -> bool:
        """ITO's consent was to the beginning and ties nobody; the owner's own seat is there to be heard."""
        known = self.everybody[person]
        signs = any(who == person and party != "ito" for party, (who, _) in self.signed.items())
        return known.sits(committee, now) and (known.has_own_seat or not (known.side or signs))

    def _is_of_a_side(self, person: str) -> bool:
        signs = any(who == person and text == self.text for who, text in self.signed.values())
        return bool(self.everybody[person].side) or signs

    def has_been_warned(self) -> bool:
        return "acknowledged" in self.warnings.values()

    # --- what was done ------------------------------------------------------------------------------------------

    def redrafted(self) -> None:
        """Another text: guarantees and acknowledgements were given for the old one, and so was every key."""
        self.text += 1
        self.guaranteed.clear()
        self.acknowledged.clear()

    def suspended(self, who: str, now: int) -> None:
        self.state, self.suspended_at, self.suspended_by, self.ratified = "suspended", now, who, False


@dataclass
class Ballot:
    """A motion on the contract's approval: who voted what, from where. Only the last word of each person counts."""

    committee: str
    text: int
    votes: dict[str, tuple[int, str]] = field(default_factory=dict)
    recused: set[str] = field(default_factory=set)

    def is_carried(self) -> bool:
        """As few as the directive allows, more for than against, and whoever must be heard was heard."""
        counted = {who: vote for who, vote in self.votes.items() if who not in self.recused}
        choices = [choice for _, choice in counted.values()]
        heard = {seat for seat, _ in counted.values()}
        enough = len(counted) >= QUORUM[self.committee]
        security = self.committee == "monitoring" or 2 in heard
        return enough and security and choices.count("for") > choices.count("against")

    def holder(self) -> str:
        """In whose name the key is given: the lowest seat that was for it."""
        return min((seat, who) for who, (seat, choice) in self.votes.items() if choice == "for")[1]
