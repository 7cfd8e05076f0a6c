"""What the Qualification Committee asks for because of a class of data (S3-P7).

A common seat writes down what the committee decided, with its reference. It holds from then on, for contracts in force
too: the next decision about one that lacks a guarantee is a refusal, until the executor has handed it in. To ask for
less the committee votes here: one seat with a paper would lower what is asked of everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.datasets import DataClass
from access_broker.domain.decisions import Refused
from access_broker.domain.guarantees import ALWAYS, GuaranteeDemand, GuaranteeKind
from access_broker.domain.motions import Motion, Subject, Way
from access_broker.domain.people import Committee
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.outcomes import asked_for
from access_broker.use_cases.permissions import Caller, check_holds_seat, rule_of_seat
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.resting import rest_on

RULE = "S3-P7"
COMMITTEE = Committee.QUALIFICATION


def demand_guarantees(
    writer: Writer,
    caller: Caller,
    data_class: DataClass,
    kinds: Iterable[GuaranteeKind],
    reference: str | None,
    now: datetime,
) -> GuaranteeDemand:
    """What contracts that grant columns of this class need beside what all of them need; none takes it back.

    Raises Refused NOT_PERMITTED without a common seat in the Qualification Committee, DECISION_NEEDED without its
    decision, or on paper for less than before; BALLOT_NEEDED. The same again changes nothing.
    """
    check_holds_seat(caller, COMMITTEE)
    if not any(seat.committee is COMMITTEE and seat.organisation is None for seat in caller.seats):
        raise Refused("NOT_PERMITTED", rule_of_seat(COMMITTEE))  # an organisation's own seat speaks for its matters
    asked = tuple(kind.value for kind in GuaranteeKind if kind in set(kinds) - set(ALWAYS))
    stored = filed_one(writer, GuaranteeDemand, data_class=data_class)
    if stored is not None and (stored.kinds, stored.reference) == (asked, reference):
        return stored
    if stored is not None and set(stored.kinds) - set(asked) and not _was_voted_on(writer, reference):
        raise Refused("DECISION_NEEDED", RULE, committee=COMMITTEE.value, name=data_class.value)
    by, outcome = caller.person.id, asked_for(asked)
    decision = rest_on(writer, COMMITTEE, Subject.GUARANTEES, data_class.value, reference, by, now, outcome)
    demand = GuaranteeDemand(data_class, asked, by, now, decision)
    body = {"class": data_class.value, "kinds": list(asked), "decision": decision}
    writer.file(demand, AuditEvent("guarantees.demanded", by, data_class.value, RULE, body))
    return demand


def _was_voted_on(reader: Reader, reference: str | None) -> bool:
    return bool(reader.filed(Motion, id=reference, way=Way.BALLOTED))
