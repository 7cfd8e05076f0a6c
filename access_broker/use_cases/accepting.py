"""Acceptance (F-14): the plan was carried out. Development ends with it, at once; the month of the market begins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import TRANSITIONS, Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.endings import Component
from access_broker.domain.exclusivity import Acceptance
from access_broker.domain.exits import ExitKind, ExitStep
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.acknowledging import TOKENS_REVOKED, Step, acknowledge_end
from access_broker.use_cases.calendar import market_end
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.exit_facts import exit_facts
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import PolicyEngine, Writer
from access_broker.use_cases.resting import rest_on


def accept(
    writer: Writer, policy: PolicyEngine, caller: Caller, contract_id: str, decision: str | None, now: datetime
) -> Acceptance:
    """The Monitoring Committee accepts what was done under a contract in force; its access ends in this transaction.

    Raises Refused: NOT_PERMITTED without its seat, CONFLICT_OF_INTEREST, STATE_FORBIDS, CONTRACT_EXPIRED,
    DECISION_NEEDED. The same again is answered with the first one.
    """
    contract = contract_named(writer, contract_id)
    known = acceptance_of(writer, contract_id)
    if known is not None and (known.decision, known.by) == (decision, caller.person.id):
        return known
    facts = exit_facts(writer, caller, contract, ExitStep.ACCEPT, ExitKind.SUCCESS, Committee.MONITORING, None, now)
    require(ask(policy, "exits", facts).reasons)
    if ContractState.ENDED not in TRANSITIONS[contract.state]:
        raise Refused("STATE_FORBIDS", "F-14", state=contract.state)
    by = caller.person.id
    reference = rest_on(writer, Committee.MONITORING, Subject.ACCEPT, contract_id, decision, by, now)
    acceptance = Acceptance(contract_id, reference, by, now)
    body = {"decision": decision, "market_until": market_end(now, contract.starts_at).isoformat()}
    event = AuditEvent("contract.accepted", by, contract_id, "F-14", body)
    writer.file(acceptance, replace(event, kind="acceptance.recorded", body={"decision": decision}))
    end_contract(writer, contract, event, now)
    return acceptance


def end_contract(writer: Writer, contract: Contract, event: AuditEvent, now: datetime) -> Contract:
    """Take the access of a contract away for good: like a cut, one transaction and its commit is the end.

    What ends it has to be on record before, so that the acknowledgement knows what it is counted from.
    """
    after = replace(contract, state=ContractState.ENDED, generation=contract.generation + 1)
    change: dict[str, Any] = {"from": contract.state.value, "to": after.state.value, "generation": after.generation}
    writer.save_contract(after, replace(event, body={**event.body, **change}))
    revoked = writer.revoke_tokens(contract.id, replace(event, kind="tokens.revoked", body={"act": "end"}))
    step = Step(Component.BROKER, TOKENS_REVOKED)
    acknowledge_end(writer, contract.id, after.generation, step, now, {"tokens": revoked})
    return after
