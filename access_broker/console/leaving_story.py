"""What the page about leaving tells of a contract: who works on its problem alone, acceptance, its exits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from access_broker.console.here import Here
from access_broker.console.names import names_of, organisation_names
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.exclusivity import Acceptance, Profile
from access_broker.domain.exits import EXIT_KEYS, EXITS_FROM, Exit, ExitKey, ExitKind, ExitState, FailureReport
from access_broker.domain.people import Committee, Organisation, Person
from access_broker.use_cases.awarding import Exclusivity, exclusivity_of
from access_broker.use_cases.calendar import market_end
from access_broker.use_cases.certificate import Checked, checklist
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.exiting import exits_of, may_follow
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.permissions import can, check_holds_seat, check_sits_over, is_party
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.watching import end_report

_OPEN = (ExitState.ASKED, ExitState.ONE_APPROVAL)


@dataclass(frozen=True)
class Left:
    """One exit as the page tells it. `speaks`: the committees for which the person may say yes or no now."""

    exit: Exit
    keys: tuple[ExitKey, ...]
    needs: tuple[Committee, ...]
    speaks: tuple[Committee, ...]
    report: FailureReport | None
    checklist: tuple[Checked, ...]
    may_report: bool
    may_close: bool


@dataclass(frozen=True)
class Leaving:
    """`kinds`: in which ways the person may ask to leave now. `names`: of everybody on the page."""

    contract: Contract
    exclusivity: Exclusivity
    acceptance: Acceptance | None
    market_until: datetime | None
    may_accept: bool
    kinds: tuple[ExitKind, ...]
    exits: tuple[Left, ...]
    names: dict[str, Person]
    organisations: dict[str, Organisation]


def leaving_of(reader: Reader, here: Here, contract: Contract) -> Leaving:
    acceptance = acceptance_of(reader, contract.id)
    exits = exits_of(reader, contract.id)
    sits = can(check_sits_over, here.caller, contract)
    last = exits[-1] if exits else None
    at_work = contract.state is ContractState.ACTIVE and here.now < contract.ends_at
    exclusivity = exclusivity_of(reader, contract.problem, here.now)
    left = tuple(_left(reader, here, contract, each) for each in exits)
    return Leaving(
        contract=contract,
        exclusivity=exclusivity,
        acceptance=acceptance,
        market_until=market_end(acceptance.at, contract.starts_at) if acceptance else None,
        may_accept=sits and at_work and contract.profile is Profile.DEVELOPMENT,
        kinds=tuple(kind for kind in _kinds(here, contract, acceptance, sits) if may_follow(last, kind)),
        exits=left,
        names=names_of(reader, _people_in(acceptance, left)),
        organisations=organisation_names(reader, (hold.executor for hold in exclusivity.holds)),
    )


def _people_in(acceptance: Acceptance | None, exits: Iterable[Left]) -> Iterator[str]:
    if acceptance is not None:
        yield acceptance.by
    for left in exits:
        yield left.exit.asked_by
        yield from (key.person for key in left.keys)
        if left.report is not None:
            yield left.report.by


def _kinds(here: Here, contract: Contract, acceptance: Acceptance | None, sits: bool) -> tuple[ExitKind, ...]:
    possible = [kind for kind in ExitKind if contract.state in EXITS_FROM[kind]]
    if acceptance is None:
        possible = [kind for kind in possible if kind is not ExitKind.SUCCESS]
    if sits:
        return tuple(possible)
    mine = [kind for kind in possible if kind is not ExitKind.TERMINATION]
    return tuple(mine) if is_party(here.caller, contract) else ()


def _left(reader: Reader, here: Here, contract: Contract, about: Exit) -> Left:
    this = {"contract": about.contract, "number": about.number}
    keys = tuple(reader.filed(ExitKey, **this))
    needs = tuple(committee for committee in Committee if committee in EXIT_KEYS[about.kind])
    seated = [committee for committee in needs if can(check_holds_seat, here.caller, committee, contract.owner)]
    spoken = {key.committee for key in keys}
    sits = can(check_sits_over, here.caller, contract)
    is_failure = about.kind is ExitKind.FAILURE
    return Left(
        exit=about,
        keys=keys,
        needs=needs,
        speaks=tuple(c for c in seated if c not in spoken) if about.state in _OPEN else (),
        report=filed_one(reader, FailureReport, **this),
        checklist=checklist(end_report(reader, about.contract, here.now)) if about.ended_at else (),
        may_report=sits and is_failure and about.state in (*_OPEN, ExitState.CLOSING),
        may_close=bool(seated) and about.state is ExitState.CLOSING,
    )
