"""The lock on a problem and its data: who alone may work on them now, and when they are open to others again.

It is derived from contracts, awards and acceptances, so nothing has to be released and nothing can be forgotten. While
an executor works, six Jalali months at most, and through the month of the market, nobody else gets a contract on the
same data for the same problem (S3-P9-R1, I-08, I-09). Executors that were chosen together hold it together
(S3-P9-R2b). An executor is never its own rival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.exclusivity import Acceptance, Award, Hold, Phase, Profile, Sharing
from access_broker.use_cases.calendar import latest_end, market_end
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.stopped import over_since

_RUNNING = (ContractState.ACTIVE, ContractState.SUSPENDED)


@dataclass(frozen=True)
class Lock:
    """Who holds a dataset for a problem. `shared`: the committee let the problem of whoever asks use it as well."""

    dataset: str
    problem: str
    holds: tuple[Hold, ...]
    shared: bool = False

    @property
    def phase(self) -> Phase:
        """Of the market only when nobody is at work any more."""
        phases = {hold.phase for hold in self.holds}
        return Phase.MARKET if phases == {Phase.MARKET} else Phase.DEVELOPMENT


def holds_on(reader: Reader, problem_id: str, now: datetime, dataset: str | None = None) -> tuple[Hold, ...]:
    """One for each executor that holds the problem, or one dataset of it, in the order of their ids."""
    return _holds(reader, reader.contracts(), problem_id, now, dataset)


def running_of(reader: Reader, problem_id: str, executor_id: str, now: datetime) -> list[Hold]:
    """An executor's contracts for a problem that run, each to its end, be they exclusive any more or not."""
    mine = (c for c in reader.contracts() if (c.problem, c.executor) == (problem_id, executor_id))
    running = (c for c in mine if c.state in _RUNNING and now < c.ends_at)
    return [Hold(executor_id, Phase(contract.profile), contract.ends_at) for contract in running]


def locks_against(reader: Reader, contract: Contract, now: datetime) -> list[Lock]:
    """Every lock on the contract's data that counts for it, its own executor's among them.

    Of another problem it counts when that is another organisation's (I-08).
    """
    own, contracts = reader.problem(contract.problem), reader.contracts()
    others = [p for p in reader.problems() if p.id != contract.problem and (own is None or p.owner != own.owner)]
    found = []
    for dataset in sorted({grant.dataset for grant in contract.scope}):
        shared = any(_is_shared(s, now) for s in reader.filed(Sharing, problem=contract.problem, dataset=dataset))
        found.append(Lock(dataset, contract.problem, _holds(reader, contracts, contract.problem, now, dataset)))
        beside = [p.id for p in others if dataset in p.resources]
        found += [Lock(dataset, id, _holds(reader, contracts, id, now, dataset), shared) for id in beside]
    return [lock for lock in found if lock.holds]


def opens_at(holds: Iterable[Hold]) -> datetime | None:
    """From when on others may come; None when they may now (C-1)."""
    return max((hold.until for hold in holds), default=None)


def acceptance_of(reader: Reader, contract_id: str | None) -> Acceptance | None:
    if contract_id is None:
        return None
    return filed_one(reader, Acceptance, contract=contract_id)


def latest_end_of(reader: Reader, contract: Contract) -> datetime | None:
    """The last second the contract may have; None for market access after something that was never accepted."""
    if contract.profile is Profile.DEVELOPMENT:
        return latest_end(contract.starts_at)
    acceptance, work = acceptance_of(reader, contract.follows), reader.contract(contract.follows or "")
    return market_end(acceptance.at, work.starts_at) if acceptance and work else None


def _holds(
    reader: Reader, contracts: list[Contract], problem: str, now: datetime, dataset: str | None
) -> tuple[Hold, ...]:
    listed = reader.problem(problem)
    is_listed = listed is not None and (dataset is None or dataset in listed.resources)
    chosen = _chosen(reader, contracts, problem, now) if is_listed else []
    return _longest([*_at_work(reader, contracts, problem, now, dataset), *chosen])


def _at_work(
    reader: Reader, contracts: list[Contract], problem: str, now: datetime, dataset: str | None
) -> tuple[Hold, ...]:
    begun = [c for c in contracts if c.problem == problem and c.state is not ContractState.DRAFTED]
    used = [c for c in begun if dataset is None or any(grant.dataset == dataset for grant in c.scope)]
    held = (_hold_of(reader, contract, used, now) for contract in used)
    return _longest(hold for hold in held if hold is not None and now < hold.until)


def _chosen(reader: Reader, contracts: list[Contract], problem: str, now: datetime) -> list[Hold]:
    found = []
    for award in reader.filed(Award, problem=problem):
        mine = (c for c in contracts if (c.problem, c.executor) == (problem, award.executor))
        ends = (_free_since(reader, contract, now) for contract in mine)
        if now < latest_end(award.at) and not any(end is not None and end > award.at for end in ends):
            found.append(Hold(award.executor, Phase.CHOSEN, latest_end(award.at)))
    return found


def _hold_of(reader: Reader, contract: Contract, used: list[Contract], now: datetime) -> Hold | None:
    start = _start_of_work(reader, contract, used, now)
    acceptance = acceptance_of(reader, contract.id) if contract.state is ContractState.ENDED else None
    if acceptance is not None:
        return Hold(contract.executor, Phase.MARKET, market_end(acceptance.at, start))
    if contract.state not in _RUNNING or now >= contract.ends_at:
        return None
    if contract.profile is Profile.MARKET:
        accepted = acceptance_of(reader, contract.follows)
        latest = market_end(accepted.at, start) if accepted else contract.ends_at
        return Hold(contract.executor, Phase.MARKET, min(contract.ends_at, latest))
    return Hold(contract.executor, Phase.DEVELOPMENT, min(contract.ends_at, latest_end(start)))


def _start_of_work(reader: Reader, contract: Contract, used: list[Contract], now: datetime) -> datetime:
    """When its executor began, from which the six months and the one are counted, whatever comes after (I-09).

    It begins anew only when it was chosen again after all it had held was over: a second contract in its own month of
    the market, or after a gap of some days, would else be exclusive for another six months, and so on for ever.
    """
    chosen = [award.at for award in reader.filed(Award, problem=contract.problem, executor=contract.executor)]
    mine = (c for c in used if c.executor == contract.executor and c.starts_at < contract.starts_at)
    starts = [contract.starts_at]
    for earlier in mine:
        end = _free_since(reader, earlier, now)
        if end is None or all(at < end for at in chosen):
            starts.append(earlier.starts_at)
    return min(starts)


def _free_since(reader: Reader, contract: Contract, now: datetime) -> datetime | None:
    """From when on the contract holds nothing; None while it runs. What was accepted goes on through its month."""
    acceptance = acceptance_of(reader, contract.id) if contract.state is ContractState.ENDED else None
    return market_end(acceptance.at, contract.starts_at) if acceptance else over_since(reader, contract, now)


def _is_shared(sharing: Sharing, now: datetime) -> bool:
    """For as long as an exclusivity can last; about a later one it is decided anew."""
    return now < latest_end(sharing.at)


def _longest(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """Of each executor the one that lasts longest; a contract counts before an award."""
    kept: dict[str, Hold] = {}
    for hold in holds:
        known = kept.get(hold.executor)
        if known is None or (hold.phase is not Phase.CHOSEN and known.until < hold.until):
            kept[hold.executor] = hold
    return tuple(kept[executor] for executor in sorted(kept))
