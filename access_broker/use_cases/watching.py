"""What runs now: for the committee's screen, and for whoever wants to know what a cut would end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from access_broker.domain.audit import AuditRecord
from access_broker.domain.endings import Acknowledgement, Component, End
from access_broker.use_cases.acknowledging import acknowledged, end_of, expected_components
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.ports import Reader

LONGEST_STATEMENT = timedelta(minutes=16)
"""No worker may be held longer than a quarter of an hour: a record left open for more is one that nobody closed."""

_RECORDS_LOOKED_AT = 50_000


@dataclass(frozen=True)
class EndReport:
    """How far the end of a contract has come. `end` None: it gives access, or has not begun to.

    `complete`: every component it has to reach has acknowledged it, and no sandbox is left.
    """

    state: str
    end: End | None
    acknowledgements: tuple[Acknowledgement, ...] = ()
    expected: tuple[Component, ...] = ()
    complete: bool = False


def end_report(reader: Reader, contract_id: str, now: datetime) -> EndReport:
    """Raises Refused NOT_FOUND."""
    contract = contract_named(reader, contract_id)
    end = end_of(reader, contract_id, now)
    if end is None:
        return EndReport(contract.state.value, None)
    told = acknowledged(reader, end)
    components = {a.component for a in told}
    sandboxes_left = any(sandbox.contract == contract_id for sandbox in reader.sandboxes())
    expected = expected_components(contract.state, components, sandboxes_left)
    complete = components.issuperset(expected) and not sandboxes_left
    return EndReport(contract.state.value, end, tuple(told), tuple(expected), complete)


def running_statements(reader: Reader, now: datetime) -> list[AuditRecord]:
    """The records of statements that were allowed and not closed yet, oldest first."""
    opened = reader.open_statements(_RECORDS_LOOKED_AT)
    return [record for record in opened if record.at > now - LONGEST_STATEMENT]
