"""Who may act: one check per action, raising Refused. `can` asks the same check politely, for a button or a link.

What the *state* of a contract allows is told elsewhere (domain/contracts.py, domain/acts.py); here is only *who*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Family, Person, Role, Seat
from access_broker.domain.tokens import Token
from access_broker.use_cases.ports import Reader


@dataclass(frozen=True)
class Caller:
    """Someone who has shown a token.

    With a contract's token a person has neither seats nor roles: a token lost from a notebook must not be able to
    sit on a committee.
    """

    person: Person
    token: Token
    seats: tuple[Seat, ...] = ()
    roles: frozenset[Role] = frozenset()

    @property
    def contract(self) -> str | None:
        return self.token.contract


def can(check: Callable[..., Any], *arguments: Any) -> bool:
    """The answer of a check without its reason."""
    try:
        check(*arguments)
    except Refused:
        return False
    return True


def check_may_read_contract(reader: Reader, caller: Caller, contract: Contract) -> None:
    """Named people, overseers, and for a draft whoever may sign it for the owner: nobody signs what is not to be read.

    Anyone else gets NOT_FOUND, the answer to a contract that does not exist.
    """
    is_to_sign = contract.state is ContractState.DRAFTED and _is_of_owner(caller, contract)
    if not (is_party(caller, contract) or is_to_sign or can(check_may_oversee, reader, caller, contract)):
        raise Refused("NOT_FOUND", name=contract.id)


def check_may_oversee(reader: Reader, caller: Caller, contract: Contract) -> None:
    """Committee seats, auditors and the stewards of the contract's datasets see how it came about."""
    if caller.seats or Role.AUDITOR in caller.roles:
        return
    if Role.STEWARD in caller.roles and _is_steward_of(reader, caller, contract):
        return
    raise Refused("NOT_FOUND", name=contract.id)


def check_may_read_audit(caller: Caller) -> None:
    """Auditors and committee seats (F-2). Audit bodies hold decisions, never rows."""
    if not caller.seats and Role.AUDITOR not in caller.roles:
        raise Refused("NOT_PERMITTED", "F-2")


def check_may_activate(caller: Caller, contract: Contract) -> None:
    """A committee seat puts a contract into force; the policy then says whether every key is there (F-12).

    Not the own seat of an organisation that the contract does not concern.
    """
    if not _speaks_for(caller, contract):
        raise Refused("NOT_PERMITTED", "S1-C2")


def check_may_act_at_all(caller: Caller) -> None:
    """Only with a seat behind the token; which seat, on which ground, in which state is the policy's to say."""
    if not caller.seats:
        raise Refused("NOT_PERMITTED", "S1-C2")


def check_holds_seat(caller: Caller, committee: Committee, organisation: str | None = None) -> None:
    """A seat of this very committee: Monitoring decides sovereignty, each approves for itself (S1-C2, S3-P1-R2).

    `organisation`: whose matter it is; another organisation's own seat has no say in it.
    """
    mine = (seat for seat in caller.seats if seat.committee is committee)
    if not any(organisation is None or seat.speaks_for(organisation) for seat in mine):
        raise Refused("NOT_PERMITTED", rule_of_seat(committee))


def check_sits_over(caller: Caller, contract: Contract) -> None:
    """A seat of the Monitoring Committee that has a say about this contract (S1-C2)."""
    mine = (seat for seat in caller.seats if seat.committee is Committee.MONITORING)
    if not any(seat.speaks_for(contract.owner) for seat in mine):
        raise Refused("NOT_PERMITTED", rule_of_seat(Committee.MONITORING))


def rule_of_seat(committee: Committee) -> str:
    """The rule that says who sits there."""
    return "S1-C2" if committee is Committee.MONITORING else "S3-P1-R2"


def check_may_guarantee(caller: Caller, contract: Contract) -> None:
    """A committee seat takes guarantees in; nobody guarantees for oneself (S3-P7-R1).

    Another organisation's own seat does not: it would write down what nobody has shown to this one.
    """
    if not _speaks_for(caller, contract):
        raise Refused("NOT_PERMITTED", "S3-P7-R1")


def check_may_sign(reader: Reader, caller: Caller, contract: Contract, party: str) -> None:
    """`government`: someone of the owner. `executor`: a named person. `ito`: a seat held by someone of ITO (S3-P1).

    Whoever is neither of the owner nor may read the contract gets the answer to a contract that does not exist.
    """
    is_of_owner = _is_of_owner(caller, contract)
    if not is_of_owner:
        check_may_read_contract(reader, caller, contract)
    may = {
        "government": is_of_owner,
        "executor": is_party(caller, contract),
        "ito": bool(caller.seats) and caller.person.family is Family.ITO,
    }
    if not may.get(party, False):
        raise Refused("NOT_PERMITTED", "S3-P1")


def check_is_steward_of(caller: Caller, dataset: Dataset) -> None:
    """The steward the dataset itself names, of the organisation that owns it (F-2)."""
    is_steward = Role.STEWARD in caller.roles and dataset.steward == caller.person.id
    if not is_steward or dataset.owner != caller.person.organisation:
        raise Refused("NOT_PERMITTED", "F-2", name=dataset.id)


def check_may_describe(caller: Caller) -> None:
    """A steward describes datasets (F-2); which ones, `check_is_steward_of` says."""
    if Role.STEWARD not in caller.roles:
        raise Refused("NOT_PERMITTED", "F-2")


def check_may_watch(caller: Caller) -> None:
    """What runs now is for those who answer for it: committee seats, auditors, operators (F-2)."""
    if not caller.seats and not caller.roles & {Role.AUDITOR, Role.OPERATOR}:
        raise Refused("NOT_PERMITTED", "F-2")


def check_may_look_after(caller: Caller) -> None:
    """Accounts and the health of the system are the operator's (F-2)."""
    if Role.OPERATOR not in caller.roles:
        raise Refused("NOT_PERMITTED", "F-2")


def check_is_named(contract: Contract, person: str) -> None:
    """Only people the contract names, not their whole company (S3-P3)."""
    if person not in contract.people:
        raise Refused("NOT_NAMED", "S3-P3")


def is_party(caller: Caller, contract: Contract) -> bool:
    """Named in the contract; a token of another contract does not reach over to this one."""
    return caller.person.id in contract.people and caller.contract in (None, contract.id)


def _speaks_for(caller: Caller, contract: Contract) -> bool:
    return any(seat.speaks_for(contract.owner) for seat in caller.seats)


def _is_of_owner(caller: Caller, contract: Contract) -> bool:
    """With a contract's token nobody speaks for an organisation."""
    return caller.contract is None and caller.person.organisation == contract.owner


def _is_steward_of(reader: Reader, caller: Caller, contract: Contract) -> bool:
    datasets = (reader.dataset(grant.dataset) for grant in contract.scope)
    return any(dataset is not None and dataset.steward == caller.person.id for dataset in datasets)
