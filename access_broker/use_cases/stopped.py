"""When and by which rule a contract was stopped: an act of the committee, acceptance, an exit, the end of its term."""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.acts import Act
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.exclusivity import Acceptance
from access_broker.domain.exits import Exit
from access_broker.use_cases.ports import Reader

_STOPPING = (Act.SUSPEND, Act.CUT)


def stopped_by(reader: Reader, contract: str, state: ContractState, generation: int) -> tuple[str, datetime] | None:
    """(rule, moment) of what took access away and made this generation; None where nothing on record did."""
    if state is ContractState.ENDED:
        return accepted_or_left(reader, contract)
    acts = [a for a in reader.acts(contract) if a.act in _STOPPING and a.generation == generation]
    return (acts[-1].ground, acts[-1].committed_at) if acts else None  # a warning since then has its generation too


def accepted_or_left(reader: Reader, contract: str) -> tuple[str, datetime] | None:
    """What led a contract to its end: acceptance, and else the exit under which access ended."""
    for acceptance in reader.filed(Acceptance, contract=contract):
        return "F-14", acceptance.at
    left = (e.ended_at for e in reader.filed(Exit, contract=contract) if e.ended_at is not None)
    return next((("D-2", at) for at in left), None)


def over_since(reader: Reader, contract: Contract, now: datetime) -> datetime | None:
    """Since when nothing leads back to access; None while something does, or where nobody wrote down since when."""
    if contract.state in (ContractState.CUT, ContractState.ENDED):
        stop = stopped_by(reader, contract.id, contract.state, contract.generation)
        return stop[1] if stop else None
    is_over = contract.state is not ContractState.DRAFTED and now >= contract.ends_at
    return contract.ends_at if is_over else None
