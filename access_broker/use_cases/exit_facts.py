"""What the policy `exits` is told about acceptance and the steps of an exit. Records in, plain values out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from access_broker.domain.contracts import Contract
from access_broker.domain.exits import EXIT_KEYS, Exit, ExitKind, ExitStep, FailureReport
from access_broker.domain.people import Committee
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.exit_keys import standing_keys
from access_broker.use_cases.facts import epoch
from access_broker.use_cases.interests import is_interested
from access_broker.use_cases.permissions import Caller, is_party
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.watching import end_report


def exit_facts(
    reader: Reader,
    caller: Caller,
    contract: Contract,
    step: ExitStep,
    kind: ExitKind,
    committee: Committee,
    about: Exit | None,
    now: datetime,
) -> dict[str, Any]:
    """Facts of `exits`. `committee`: for which the caller speaks, where the step is a committee's. `about`: the exit

    that is there, None while nobody has asked for one.
    """
    person = caller.person
    seats = [seat for seat in caller.seats if seat.is_held(now) and seat.speaks_for(contract.owner)]
    speaking = EXIT_KEYS[kind] if step is ExitStep.CLOSE else {committee}  # either of its committees certifies
    return {
        "now": epoch(now),
        "step": step.value,
        "kind": kind.value,
        "committee": committee.value,
        "person": {
            "id": person.id,
            "disabled": person.disabled,
            "named": is_party(caller, contract),
            "interested": is_interested(reader, contract, person.id, seats, speaking),
        },
        "seats": [seat.committee.value for seat in seats],
        "contract": {
            "id": contract.id,
            "state": contract.state.value,
            "profile": contract.profile.value,
            "ends_at": epoch(contract.ends_at),
            "accepted": acceptance_of(reader, contract.id) is not None,
        },
        "exit": _exit(reader, about, now),
    }


def _exit(reader: Reader, about: Exit | None, now: datetime) -> dict[str, Any]:
    if about is None:
        return {"state": "none", "keys": [], "reported": False, "complete": False}
    this = {"contract": about.contract, "number": about.number}
    return {
        "state": about.state.value,
        "keys": [{"committee": key.committee.value, "person": key.person} for key in standing_keys(reader, about)],
        "reported": bool(reader.filed(FailureReport, **this)),
        "complete": end_report(reader, about.contract, now).complete,
    }
