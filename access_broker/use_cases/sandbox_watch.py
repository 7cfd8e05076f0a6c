"""Which sandboxes must end, and why: asked many times a second, answered from one small read while nothing changes.

What is kept holds for one stamp of the records, which every change of them changes; time is looked at anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.acts import CommitteeAct
from access_broker.domain.contracts import ContractState, Standing
from access_broker.domain.decisions import Reason
from access_broker.domain.sandboxes import Sandbox
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.stopped import accepted_or_left


@dataclass(frozen=True)
class MustEnd:
    """`since`: when it was committed; where no act and no date says so, when it was seen.

    `generation`: of the contract now, which is the one that acknowledgements of this end are counted for.
    """

    code: str
    rule: str
    since: datetime
    generation: int


@dataclass(frozen=True)
class _Terms:
    """What of a contract can end a sandbox. `standing` None: the contract is not on record."""

    standing: Standing | None
    people: tuple[str, ...]
    acts: tuple[CommitteeAct, ...]
    ended_at: datetime | None = None  # by acceptance or an exit

    @classmethod
    def of(cls, reader: Reader, contract_id: str) -> _Terms:
        contract = reader.contract(contract_id)
        people = contract.people if contract else ()
        standing, acts = reader.standing(contract_id), tuple(reader.acts(contract_id))
        is_ended = standing is not None and standing.state is ContractState.ENDED
        ended = accepted_or_left(reader, contract_id) if is_ended else None
        return cls(standing, people, acts, ended[1] if ended else None)


@dataclass(frozen=True)
class Watched:
    """An unfinished sandbox with what may end it."""

    sandbox: Sandbox
    terms: _Terms
    is_enabled: bool

    def why_must_end(self, now: datetime) -> Reason | None:
        """None as long as the sandbox may go on."""
        if self.terms.standing is None:
            return Reason("TOKEN_NOT_VALID")
        why = self.terms.standing.why_not(self.sandbox.generation, now)
        if why is not None:
            return Reason(*why)
        if not self.is_enabled:
            return Reason("PERSON_DISABLED", "S3-P3")
        return None if self.sandbox.person in self.terms.people else Reason("NOT_NAMED", "S3-P3")

    def must_end(self, now: datetime) -> MustEnd | None:
        why = self.why_must_end(now)
        if why is None:
            return None
        generation = self.terms.standing.generation if self.terms.standing else self.sandbox.generation
        return MustEnd(why.code, why.rule, self._since(why, now), generation)

    def _since(self, why: Reason, now: datetime) -> datetime:
        if why.code == "CONTRACT_EXPIRED" and self.terms.standing is not None:
            return self.terms.standing.ends_at
        took_away = (act.committed_at for act in self.terms.acts if act.generation > self.sandbox.generation)
        return next(took_away, self.terms.ended_at or now)


def watch_over(reader: Reader, sandboxes: Iterable[Sandbox]) -> list[Watched]:
    """Each contract and each person is read once, however many sandboxes they have."""
    sandboxes = list(sandboxes)
    terms = {id: _Terms.of(reader, id) for id in {sandbox.contract for sandbox in sandboxes}}
    people = {id: reader.person(id) for id in {sandbox.person for sandbox in sandboxes}}
    enabled = {id for id, person in people.items() if person is not None and not person.disabled}
    return [Watched(sandbox, terms[sandbox.contract], sandbox.person in enabled) for sandbox in sandboxes]


class SandboxWatch:
    """Remembers what one stamp showed. Safe to use from many threads: what is kept is replaced as a whole."""

    def __init__(self) -> None:
        self._kept: tuple[str, list[Watched]] = ("", [])

    def look(self, reader: Reader, now: datetime) -> list[tuple[Sandbox, MustEnd | None]]:
        """Every unfinished sandbox, and why it must end if it must."""
        stamp, (known, found) = reader.stamp(), self._kept
        if not stamp or stamp != known:
            found = watch_over(reader, reader.sandboxes())
            self._kept = (stamp, found)
        return [(watched.sandbox, watched.must_end(now)) for watched in found]
