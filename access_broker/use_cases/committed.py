"""What every act on a running contract writes, whoever took it.

One transaction, one commit, which *is* the act (F-13).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from access_broker.domain.acts import LEADS_TO, Act, CommitteeAct
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.endings import Component
from access_broker.use_cases.acknowledging import TOKENS_REVOKED, Step, acknowledge_end
from access_broker.use_cases.ports import Writer

REVOKES = frozenset({Act.SUSPEND, Act.CUT})
"""Acts that end every token of the contract. After a lift people ask for new ones."""

RULE = "rule"
"""Who acted when no person did: the rule that the act rests on."""

KINDS: dict[Act, str] = {
    Act.WARN: "contract.warned",
    Act.SUSPEND: "contract.suspended",
    Act.CUT: "contract.cut",
    Act.LIFT: "contract.lifted",
}
"""Act → the kind of its event."""


def contract_after(contract: Contract, act: Act) -> Contract:
    """A warning changes nothing, its readers go on. Everything else makes every login of before worthless."""
    state = LEADS_TO[act][contract.state]
    if state is contract.state:
        return contract
    return replace(contract, state=state, generation=contract.generation + 1)


def event_of(before: Contract, after: Contract, act: CommitteeAct, why: dict[str, Any] | None = None) -> AuditEvent:
    """The one `contract.*` event of the act. `why`: what it rests on, beside its ground."""
    body = {
        "act": act.act.value,
        "ground": act.ground,
        "decision": act.decision,
        "from": before.state.value,
        "to": after.state.value,
        "generation": after.generation,
    }
    return AuditEvent(KINDS[act.act], act.by, act.contract, act.ground, body | (why or {}))


def write_act(writer: Writer, after: Contract, act: CommitteeAct, event: AuditEvent) -> None:
    """The act, the tokens that end with it, and the broker's own part of the end."""
    writer.save_contract(after, event)
    revoked = writer.revoke_tokens(after.id, aside(event, "tokens.revoked")) if act.act in REVOKES else 0
    writer.save_act(act, aside(event, "act.recorded"))
    if act.act in REVOKES:
        step = Step(Component.BROKER, TOKENS_REVOKED)
        acknowledge_end(writer, after.id, after.generation, step, act.committed_at, {"tokens": revoked})


def aside(event: AuditEvent, kind: str) -> AuditEvent:
    """What happens along with an act, told under its own kind."""
    return replace(event, kind=kind, body={"act": event.body["act"]})
