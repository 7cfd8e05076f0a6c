"""The minutes of a motion: who sat, who voted how and why, who did not judge, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.decisions import Reason
from access_broker.domain.motions import Choice, Motion, MotionState, Recusal, Vote, Way
from access_broker.use_cases.matters import votes_of
from access_broker.use_cases.motions import motion_named
from access_broker.use_cases.permissions import Caller, check_may_read_audit
from access_broker.use_cases.ports import PolicyEngine, Reader
from access_broker.use_cases.tallying import Chair, Tally, chairs_of, tally, voting_ends


@dataclass(frozen=True)
class Minutes:
    """`chairs`: the seats that had a say when it ended, or have now. `tally`: as it stood then, or stands now.

    `until`: when an open one lapses, if nothing is decided before.
    """

    motion: Motion
    chairs: tuple[Chair, ...]
    votes: tuple[Vote, ...]
    recusals: tuple[Recusal, ...]
    tally: Tally
    until: datetime | None = None

    def counts(self, vote: Vote) -> bool:
        return vote.number in self.tally.counted

    @property
    def totals(self) -> dict[Choice, int]:
        """How many of the votes that count are for it, against it, or neither."""
        given = Counter(vote.choice for vote in self.votes if self.counts(vote))
        return {choice: given[choice] for choice in Choice}


def visible_motion(reader: Reader, caller: Caller, motion_id: str) -> Motion:
    """Committee seats and auditors read motions. Raises Refused NOT_PERMITTED, and then NOT_FOUND."""
    check_may_read_audit(caller)
    return motion_named(reader, motion_id)


def minutes_of(reader: Reader, policy: PolicyEngine, motion: Motion, now: datetime) -> Minutes:
    """Of an ended motion what was so at its end, whatever has become of seats and people since."""
    votes = tuple(votes_of(reader, motion))
    recusals = tuple(reader.filed(Recusal, motion=motion.id))
    until = None
    if motion.way is Way.BALLOTED and motion.state is MotionState.OPEN:
        found, until = tally(reader, policy, motion, now), voting_ends(reader, motion)
    else:
        reasons = tuple(Reason(code, rule) for code, rule in motion.reasons)
        found = Tally(motion.state, frozenset(motion.counted), motion.refused, reasons)
    return Minutes(motion, tuple(chairs_of(reader, motion, now)), votes, recusals, found, until)
