"""What the Qualification Committee asks for because of a class of data (S3-P7).

A seat writes down what the committee decided, with its reference. It holds from then on, for contracts in force too:
the next decision about one that lacks a guarantee is a refusal, until the executor has handed it in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.datasets import DataClass
from access_broker.domain.decisions import Refused
from access_broker.domain.guarantees import ALWAYS, GuaranteeDemand, GuaranteeKind
from access_broker.domain.people import Committee
from access_broker.use_cases.permissions import Caller, check_holds_seat
from access_broker.use_cases.ports import Writer

RULE = "S3-P7"


def demand_guarantees(
    writer: Writer,
    caller: Caller,
    data_class: DataClass,
    kinds: Iterable[GuaranteeKind],
    reference: str | None,
    now: datetime,
) -> GuaranteeDemand:
    """What contracts that grant columns of this class need beside what all of them need; none takes it back.

    Raises Refused NOT_PERMITTED without a seat in the Qualification Committee, DECISION_NEEDED without its decision.
    The same again changes nothing.
    """
    check_holds_seat(caller, Committee.QUALIFICATION)
    if reference is None or not reference.strip():
        raise Refused("DECISION_NEEDED", RULE, committee=Committee.QUALIFICATION.value, name=data_class.value)
    asked = tuple(kind.value for kind in GuaranteeKind if kind in set(kinds) - set(ALWAYS))
    stored = next(iter(writer.filed(GuaranteeDemand, data_class=data_class)), None)
    if stored is not None and (stored.kinds, stored.reference) == (asked, reference):
        return stored
    demand = GuaranteeDemand(data_class, asked, caller.person.id, now, reference)
    body = {"class": data_class.value, "kinds": list(asked), "decision": reference}
    writer.file(demand, AuditEvent("guarantees.demanded", caller.person.id, data_class.value, RULE, body))
    return demand
