"""The Monitoring Committee's acts: warn, suspend, cut, lift. The commit of the transaction *is* the act (F-13).

Two gates in a row, the second can only take away: the policy `acts` (who, ground, warnings), then the transition
tables of the domain. Whatever the policy says, nothing leads out of a cut.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access_broker.domain.acts import GROUNDS, LEADS_TO, RESULT, Act, CommitteeAct, WarningNotice, WarningState
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.endings import Component
from access_broker.use_cases.acknowledging import TOKENS_REVOKED, Step, acknowledge_end
from access_broker.use_cases.contracts import contract_named, level_covers
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.facts import act_facts
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer

REVOKES = frozenset({Act.SUSPEND, Act.CUT})
"""Acts that end every token of the contract. After a lift people ask for new ones."""

RULE = "rule"
"""Who acted when no person did: the rule that the act rests on."""

_KIND: dict[Act, str] = {
    Act.WARN: "contract.warned",
    Act.SUSPEND: "contract.suspended",
    Act.CUT: "contract.cut",
    Act.LIFT: "contract.lifted",
}


@dataclass(frozen=True)
class ActRequest:
    """What a committee member asks for. `ground` is a rule id, `decision` the reference of a recorded decision."""

    contract: str
    act: Act
    ground: str
    by: str
    decision: str | None = None
    text: str = ""  # of a warning


def commit_act(writer: Writer, policy: PolicyEngine, request: ActRequest, now: datetime) -> CommitteeAct:
    """Take the act, or answer with the first one when this is a retry of it. Raises Refused, Unavailable."""
    contract = contract_named(writer, request.contract)
    earlier = _committed_before(writer, contract, request)
    if earlier is not None:
        return earlier
    check_may_act(writer, policy, contract, request, now)
    after = _contract_after(contract, request.act)
    act = CommitteeAct(
        contract.id, request.act, request.ground, request.by, request.decision, now, generation=after.generation
    )
    event = AuditEvent(_KIND[act.act], act.by, act.contract, act.ground, _body(contract, after, act))
    if act.act is Act.WARN:
        writer.save_warning(_next_warning(writer, request, now), event)
        writer.save_act(act, _aside(event, "act.recorded"))
    else:
        _write(writer, after, act, event)
    return act


def suspend_by_rule(writer: Writer, contract: Contract, ground: str, why: dict[str, Any], now: datetime) -> None:
    """Protective: access stops because a rule says so, and no person had to (F-13). `why` goes into the audit."""
    after = _contract_after(contract, Act.SUSPEND)
    act = CommitteeAct(contract.id, Act.SUSPEND, ground, RULE, None, now, generation=after.generation)
    body = _body(contract, after, act) | why
    _write(writer, after, act, AuditEvent(_KIND[act.act], act.by, act.contract, act.ground, body))


def _write(writer: Writer, after: Contract, act: CommitteeAct, event: AuditEvent) -> None:
    """The act, the tokens that end with it, and the broker's own part of the end: one transaction, one commit."""
    writer.save_contract(after, event)
    revoked = writer.revoke_tokens(after.id, _aside(event, "tokens.revoked")) if act.act in REVOKES else 0
    writer.save_act(act, _aside(event, "act.recorded"))
    if act.act in REVOKES:
        step = Step(Component.BROKER, TOKENS_REVOKED)
        acknowledge_end(writer, after.id, after.generation, step, act.committed_at, {"tokens": revoked})


def _aside(event: AuditEvent, kind: str) -> AuditEvent:
    return replace(event, kind=kind, body={"act": event.body["act"]})


def check_may_act(reader: Reader, policy: PolicyEngine, contract: Contract, request: ActRequest, now: datetime) -> None:
    """Raises Refused with every reason. The screen asks the same through `permissions.can`."""
    facts = act_facts(reader, contract, request.act, request.ground, request.by, request.decision, now)
    require(ask(policy, "acts", facts).reasons)
    if request.ground not in GROUNDS[request.act]:
        raise Refused("GROUND_NOT_ALLOWED", min(GROUNDS[request.act]), ground=request.ground)
    if contract.state not in LEADS_TO[request.act]:
        raise Refused("STATE_FORBIDS", "F-13")
    if request.act is Act.LIFT and not level_covers(reader, contract):
        raise Refused("LEVEL_TOO_LOW", "F-12")


def _contract_after(contract: Contract, act: Act) -> Contract:
    """A warning changes nothing, its readers go on. Everything else makes every login of before worthless."""
    state = LEADS_TO[act][contract.state]
    if state is contract.state:
        return contract
    return replace(contract, state=state, generation=contract.generation + 1)


def _committed_before(reader: Reader, contract: Contract, request: ActRequest) -> CommitteeAct | None:
    """The latest act, when it is this very request and still stands: someone retried after a lost answer."""
    acts = sorted(reader.acts(contract.id), key=lambda act: act.committed_at)
    if not acts or not _is_same(acts[-1], request):
        return None
    latest = acts[-1]
    if request.act is Act.WARN:
        return latest if _is_last_warning(reader, request) else None
    return latest if contract.state is RESULT[request.act] else None


def _is_same(act: CommitteeAct, request: ActRequest) -> bool:
    asked = (request.act, request.ground, request.by, request.decision)
    return (act.act, act.ground, act.by, act.decision) == asked


def _is_last_warning(reader: Reader, request: ActRequest) -> bool:
    """Same words, not yet acknowledged: a retry. Once it was acknowledged, the same words are a second warning."""
    last = max(reader.warnings(request.contract), key=lambda notice: notice.number, default=None)
    is_open = last is not None and last.state is WarningState.ISSUED
    return last is not None and is_open and (last.issued_by, last.text) == (request.by, request.text)


def _next_warning(reader: Reader, request: ActRequest, now: datetime) -> WarningNotice:
    number = max((notice.number for notice in reader.warnings(request.contract)), default=0) + 1
    return WarningNotice(request.contract, number, request.by, now, request.text)


def _body(before: Contract, after: Contract, act: CommitteeAct) -> dict[str, Any]:
    return {
        "act": act.act.value,
        "ground": act.ground,
        "decision": act.decision,
        "from": before.state.value,
        "to": after.state.value,
        "generation": after.generation,
    }
