"""From draft to force: drafting a contract, putting it into force, accepting its terms, acknowledging a warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.acts import WARNING_TRANSITIONS, WarningNotice, WarningState
from access_broker.domain.agreement import current, lost_keys, text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import TRANSITIONS, Contract, ContractState, Level
from access_broker.domain.datasets import DataClass, Mode
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.motions import Subject
from access_broker.use_cases.decided import is_undecided
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.drafting import check_draft, is_same_agreement, redrafted
from access_broker.use_cases.facts import activation_facts
from access_broker.use_cases.lapsing import lapse_motions
from access_broker.use_cases.permissions import check_is_named
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer

_LEVELS_OF_CLASS: dict[DataClass, frozenset[Level]] = {
    DataClass.PUBLIC: frozenset(Level),
    DataClass.ORGANISATIONAL: frozenset({Level.ORGANISATIONAL, Level.PERSONAL}),
    DataClass.PERSONAL: frozenset({Level.PERSONAL}),
    DataClass.SENSITIVE: frozenset({Level.PERSONAL}),
    DataClass.DIRECT_IDENTIFIER: frozenset({Level.PERSONAL}),
}


def contract_named(reader: Reader, contract_id: str) -> Contract:
    """Raises Refused NOT_FOUND."""
    contract = reader.contract(contract_id)
    if contract is None:
        raise Refused("NOT_FOUND", name=contract_id)
    return contract


def draft_contract(writer: Writer, contract: Contract, actor: str) -> bool:
    """Put a draft on record; True when something was written.

    As long as a contract is drafted nothing rests on it, and a later draft replaces it. In force, the same agreement
    again changes nothing, whatever dates it comes with; another one under the same id is refused with CONFLICT.
    """
    stored = writer.contract(contract.id)
    if stored is not None and stored.state is not ContractState.DRAFTED:
        if not is_same_agreement(stored, contract):
            raise Refused("CONFLICT", name=contract.id)
        return False
    check_draft(writer, contract)
    draft = redrafted(stored, contract) if stored else contract
    if draft == stored:
        return False
    kind = "contract.redrafted" if stored else "contract.drafted"
    body = _summary(draft) | ({"keys_lost": list(lost_keys(draft))} if lost_keys(draft) else {})
    writer.save_contract(draft, AuditEvent(kind, actor, contract.id, "S3-P1", body))
    lapse_motions(writer, draft, actor)
    return True


def activate_contract(writer: Writer, policy: PolicyEngine, contract_id: str, actor: str, now: datetime) -> Contract:
    """Put a drafted contract into force (F-12). Raises Refused with every missing key; again is a no-op.

    A suspended contract is not activated but lifted, and nothing leads out of a cut.
    """
    contract = contract_named(writer, contract_id)
    if contract.state is ContractState.ACTIVE:
        return contract
    if contract.state is not ContractState.DRAFTED:  # suspended → active is a lift, with its own rules
        raise Refused("STATE_FORBIDS", "F-13", state=contract.state)
    require(missing_keys(writer, policy, contract, now))
    active = replace(contract, state=ContractState.ACTIVE, generation=contract.generation + 1)
    writer.save_contract(active, AuditEvent("contract.activated", actor, contract.id, "F-12", _summary(active)))
    return active


def missing_keys(reader: Reader, policy: PolicyEngine, contract: Contract, now: datetime) -> tuple[Reason, ...]:
    """What still stands between a draft and its being in force; empty when nothing does.

    The key of a committee that is voting on this very text is worth nothing until it has decided: put into force by an
    earlier key meanwhile, the contract could be voted on no more. It is voting once anybody but the mover has voted,
    or one seat could keep every contract out of force by putting a motion.
    """
    put = (Subject.APPROVE_CONTRACT, contract.id, text_digest(contract))
    given = tuple(key for key in contract.approvals if not is_undecided(reader, key.committee, *put))
    reasons = ask(policy, "activation", activation_facts(reader, replace(contract, approvals=given), now)).reasons
    too_low = Reason("LEVEL_TOO_LOW", "F-12")
    if too_low in reasons or level_covers(reader, contract):
        return reasons
    return (*reasons, too_low)


def acknowledge(writer: Writer, contract_id: str, person: str, now: datetime) -> Contract:
    """A named person accepts the non-disclosure terms (S3-P7-R1). Once is enough; nobody accepts for another."""
    contract = contract_named(writer, contract_id)
    check_is_named(contract, person)
    if not TRANSITIONS[contract.state]:
        raise Refused("STATE_FORBIDS", "F-13", state=contract.state)
    if person in contract.acknowledged:
        return contract
    accepted = replace(contract, acknowledged=(*contract.acknowledged, person))
    event = AuditEvent("contract.acknowledged", person, contract_id, "S3-P7-R1", {"at": now.isoformat()})
    writer.save_contract(accepted, event)
    return accepted


def acknowledge_warning(writer: Writer, contract_id: str, number: int, person: str, now: datetime) -> WarningNotice:
    """A named person confirms that a written warning arrived: from then on it counts (S3-P6-R2). Once is enough.

    Raises Refused STATE_FORBIDS for one that was withdrawn.
    """
    contract = contract_named(writer, contract_id)
    check_is_named(contract, person)
    notice = next((n for n in writer.warnings(contract_id) if n.number == number), None)
    if notice is None:
        raise Refused("NOT_FOUND", name=f"{contract_id} {number}")
    if notice.acknowledged_at is not None and not notice.withdrawn:
        return notice
    if WarningState.ACKNOWLEDGED not in WARNING_TRANSITIONS[notice.state]:
        raise Refused("STATE_FORBIDS", "S3-P6-R2", state=notice.state)
    acknowledged = replace(notice, acknowledged_by=person, acknowledged_at=now)
    event = AuditEvent("warning.acknowledged", person, contract_id, "S3-P6-R2", {"number": number})
    writer.save_warning(acknowledged, event)
    return acknowledged


def level_covers(reader: Reader, contract: Contract) -> bool:
    """Whether the level is high enough for the class of every granted column, masked ones included.

    The policy knows modes, not the steward's tags: a raw identifier in a contract called `open` would go past it.
    """
    for grant in contract.scope:
        dataset = reader.dataset(grant.dataset)
        table = dataset.table(grant.table) if dataset else None
        classes = {column.id: column.data_class for column in table.columns} if table else {}
        for column in grant.columns:
            data_class = classes.get(column.column, DataClass.DIRECT_IDENTIFIER)
            if column.mode is not Mode.DENY and contract.level not in _LEVELS_OF_CLASS[data_class]:
                return False
    return True


def _summary(contract: Contract) -> dict[str, object]:
    """What the audit says about a contract: parties, term, keys and the mode of every column it grants."""
    return {
        "executor": contract.executor,
        "problem": contract.problem,
        "level": contract.level.value,
        "from": contract.starts_at.isoformat(),
        "to": contract.ends_at.isoformat(),
        "people": list(contract.people),
        "digest": text_digest(contract),
        "approvals": [f"{a.committee.value}: {a.person} {a.decision}" for a in current(contract, contract.approvals)],
        "signatures": [signature.signatory.value for signature in current(contract, contract.signatures)],
        "consents": [f"{c.dataset}: {c.person}" for c in current(contract, contract.consents)],
        "k": contract.terms.k,
        "answer_mode": contract.terms.answer_mode.value,
        "scope": {f"{t.dataset}.{t.table}": {c.column: c.mode.value for c in t.columns} for t in contract.scope},
        "generation": contract.generation,
    }
