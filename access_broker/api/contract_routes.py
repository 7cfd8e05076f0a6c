"""Contracts: reading them, putting one into force, accepting its terms."""

from __future__ import annotations

from fastapi import APIRouter

from access_broker.api.bodies import ContractId, WarningNumber
from access_broker.api.callers import SignedIn
from access_broker.api.contract_views import ContractView, Left
from access_broker.api.dataset_views import GrantedTableView
from access_broker.api.services import Desk, Services
from access_broker.api.views import Acknowledged, Activated, WarningView
from access_broker.domain.contracts import Contract
from access_broker.use_cases.contracts import acknowledge, acknowledge_warning, activate_contract, contract_named
from access_broker.use_cases.left_today import epsilon_left, left_today
from access_broker.use_cases.permissions import (
    Caller,
    can,
    check_may_activate,
    check_may_oversee,
    check_may_read_contract,
)
from access_broker.use_cases.ports import Reader

router = APIRouter(prefix="/contracts", tags=["contracts"])


def visible_contract(reader: Reader, caller: Caller, contract_id: str) -> Contract:
    """Raises Refused NOT_FOUND, the same for a contract that is somebody else's and for one that does not exist."""
    contract = contract_named(reader, contract_id)
    check_may_read_contract(reader, caller, contract)
    return contract


@router.get("")
def contracts(caller: SignedIn, desk: Desk) -> list[ContractView]:
    """The contracts the caller may see: one's own, or those one oversees."""
    with desk.records.read() as reader:
        seen = [c for c in reader.contracts() if can(check_may_read_contract, reader, caller, c)]
        return [_view(reader, desk, caller, contract) for contract in seen]


@router.get("/{contract}")
def contract(contract: ContractId, caller: SignedIn, desk: Desk) -> ContractView:
    """One contract. Its history is for committees, auditors and the stewards of its datasets."""
    with desk.records.read() as reader:
        return _view(reader, desk, caller, visible_contract(reader, caller, contract))


@router.get("/{contract}/columns")
def columns(contract: ContractId, caller: SignedIn, desk: Desk) -> list[GrantedTableView]:
    """What may be asked under this contract: every granted column with its mode. What is not here does not exist."""
    with desk.records.read() as reader:
        tables = []
        for grant in visible_contract(reader, caller, contract).scope:
            dataset = reader.dataset(grant.dataset)
            table = dataset.table(grant.table) if dataset else None
            if table is not None:
                tables.append(GrantedTableView.of(grant, table))
        return [table for table in tables if table.columns]


@router.post("/{contract}/activation")
def activation(contract: ContractId, caller: SignedIn, desk: Desk) -> Activated:
    """Put a drafted contract into force. Refused with every missing key and its rule (F-12)."""
    with desk.records.write() as writer:
        check_may_activate(caller, visible_contract(writer, caller, contract))
        active = activate_contract(writer, desk.policy, contract, caller.person.id, desk.clock())
    desk.announce(contract)
    return Activated(contract=active.id, state=active.state.value, generation=active.generation)


@router.post("/{contract}/acknowledgements")
def acknowledgement(contract: ContractId, caller: SignedIn, desk: Desk) -> Acknowledged:
    """Accept the non-disclosure terms for oneself (S3-P7-R1)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        acknowledge(writer, contract, caller.person.id, desk.clock())
    desk.announce(contract)
    return Acknowledged(contract=contract, person=caller.person.id)


@router.post("/{contract}/warnings/{number}/acknowledgement")
def warning_acknowledgement(contract: ContractId, number: WarningNumber, caller: SignedIn, desk: Desk) -> WarningView:
    """Confirm that a written warning has arrived (S3-P6-R2)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        return WarningView.of(acknowledge_warning(writer, contract, number, caller.person.id, desk.clock()))


def _view(reader: Reader, desk: Services, caller: Caller, contract: Contract) -> ContractView:
    today = left_today(reader, desk.extras.spent, contract, desk.clock())
    left = Left(today, epsilon_left(desk.extras.epsilon_spent, contract))
    return ContractView.of(reader, contract, left, with_history=can(check_may_oversee, reader, caller, contract))
