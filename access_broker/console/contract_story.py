"""Everything one page tells about a contract: to a party what it may do, to an overseer also how it came about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from access_broker.console.here import Here
from access_broker.console.motion_story import Motions, motions_of
from access_broker.console.names import names_of
from access_broker.domain.acts import GROUNDS, Act, CommitteeAct, WarningNotice
from access_broker.domain.agreement import current, lost_keys, text_digest
from access_broker.domain.contracts import Approval, Consent, Contract, ContractState, Signatory, Signature
from access_broker.domain.datasets import Column, Dataset, Mode, Table
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.guarantees import GuaranteeKind
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee, Organisation, Person
from access_broker.domain.problems import Problem
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.visits import WorkspaceVisit
from access_broker.use_cases.acts import ActRequest, check_may_act
from access_broker.use_cases.contracts import missing_keys
from access_broker.use_cases.decided import check_not_balloted
from access_broker.use_cases.guarantees_needed import guarantees_needed
from access_broker.use_cases.interests import interest_of
from access_broker.use_cases.left_today import epsilon_left, left_today
from access_broker.use_cases.permissions import (
    can,
    check_holds_seat,
    check_is_steward_of,
    check_may_activate,
    check_may_guarantee,
    check_may_oversee,
    check_may_sign,
    check_sits_over,
    is_party,
)
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.recording import check_may_record
from access_broker.use_cases.visiting import visits


@dataclass(frozen=True)
class AskedTable:
    """A table of the contract with the columns that may be used. `k`: least people behind a figure, None when open."""

    dataset: Dataset
    table: Table
    columns: tuple[tuple[Column, Mode], ...]
    k: int | None
    filtered: bool


@dataclass(frozen=True)
class Keys:
    """What a draft has and lacks, and which of the keys the person here may give.

    `seen`: the digest of the text on this page. `lost`: keys given for an earlier one, which count no more.
    """

    seen: str
    lost: tuple[str, ...]
    missing: tuple[Reason, ...]
    approvals: dict[Committee, Approval | None]
    signatures: tuple[Signature, ...]
    consents: tuple[Consent, ...]
    may_approve: tuple[Committee, ...]
    may_sign: tuple[Signatory, ...]
    may_consent: tuple[Dataset, ...]
    may_guarantee: bool
    may_activate: bool


@dataclass(frozen=True)
class Story:
    """`oversight`: the person sees how the contract came about. `why_not`: what keeps access from it now.

    `names`: of everybody on the page. `needed`: kinds of guarantees. `may_withdraw`: a warning. `may_renew`: the
    guarantees of a contract that runs. `left`: statements that may still be answered today, None when it is not known.
    """

    contract: Contract
    problem: Problem | None
    executor: Organisation | None
    owner: Organisation | None
    why_not: Reason | None
    left: int | None
    epsilon_left: float | None
    tables: tuple[AskedTable, ...]
    names: dict[str, Person]
    warnings: tuple[WarningNotice, ...]
    party: bool
    accepted: bool
    oversight: bool
    keys: Keys | None
    needed: tuple[GuaranteeKind, ...]
    motions: Motions | None
    visits: tuple[WorkspaceVisit, ...]
    acts: tuple[CommitteeAct, ...]
    may_do: tuple[Act, ...]
    may_withdraw: bool
    may_renew: bool
    sandboxes: tuple[Sandbox, ...]

    @property
    def ended(self) -> bool:
        """Access stands no more although it did: there is an end to look at."""
        return self.contract.generation > 0 and self.why_not is not None


def story_of(reader: Reader, here: Here, contract: Contract) -> Story:
    """Read within one view of the records."""
    oversight = can(check_may_oversee, reader, here.caller, contract)
    standing = reader.standing(contract.id)
    why = standing.why_not(contract.generation, here.now) if standing else None
    keys, warnings = _keys(reader, here, contract), tuple(reader.warnings(contract.id))
    seen = tuple(visits(reader, contract.id))
    acts = tuple(reader.acts(contract.id)) if oversight else ()
    sandboxes = tuple(s for s in reader.sandboxes() if s.contract == contract.id) if oversight else ()
    return Story(
        contract=contract,
        problem=reader.problem(contract.problem),
        executor=reader.organisation(contract.executor),
        owner=reader.organisation(contract.owner),
        why_not=Reason(*why) if why else None,
        left=left_today(reader, here.desk.extras.spent, contract, here.now),
        epsilon_left=epsilon_left(here.desk.extras.epsilon_spent, contract),
        tables=tuple(asked_tables(reader, contract)),
        names=names_of(reader, [*contract.people, *_others(keys, warnings, acts, seen, sandboxes)]),
        warnings=warnings,
        party=is_party(here.caller, contract),
        accepted=here.person in contract.acknowledged,
        oversight=oversight,
        keys=keys,
        needed=guarantees_needed(reader, contract),
        motions=motions_of(reader, here, contract),
        visits=seen,
        acts=acts,
        may_do=possible_acts(reader, here, contract),
        may_withdraw=oversight and can(check_sits_over, here.caller, contract),
        may_renew=_is_running(contract) and can(check_may_guarantee, here.caller, contract),
        sandboxes=sandboxes,
    )


def _others(
    keys: Keys | None,
    warnings: Iterable[WarningNotice],
    acts: Iterable[CommitteeAct],
    seen: Iterable[WorkspaceVisit],
    sandboxes: Iterable[Sandbox],
) -> Iterator[str | None]:
    """Whom the page names beside the people of the contract."""
    yield from (notice.acknowledged_by for notice in warnings)
    yield from (act.by for act in acts)
    yield from (id for visit in seen for id in (visit.person, visit.by))
    yield from (sandbox.person for sandbox in sandboxes)
    if keys is not None:
        yield from (key.person for key in keys.approvals.values() if key is not None)
        yield from (signature.person for signature in keys.signatures)
        yield from (given.person for given in keys.consents)


def asked_tables(reader: Reader, contract: Contract) -> list[AskedTable]:
    """What may be asked under a contract; what its steward's description has no more, may not."""
    tables = []
    for grant in contract.scope:
        dataset = reader.dataset(grant.dataset)
        table = dataset.table(grant.table) if dataset else None
        modes = {granted.column: granted.mode for granted in grant.columns if granted.mode is not Mode.DENY}
        columns = tuple((c, modes[c.id]) for c in table.columns if c.id in modes) if table else ()
        if dataset is not None and table is not None and columns:
            k = contract.terms.k if table.entity is not None else None
            tables.append(AskedTable(dataset, table, columns, k, grant.row_filter is not None))
    return tables


def possible_acts(reader: Reader, here: Here, contract: Contract) -> tuple[Act, ...]:
    """The acts the person could take now on some ground, with a recorded decision where one is needed."""
    return tuple(act for act in Act if any(_may(reader, here, contract, act, ground) for ground in GROUNDS[act]))


def _may(reader: Reader, here: Here, contract: Contract, act: Act, ground: str) -> bool:
    """Asks what the button behind it will ask. A decision is only typed there, so here there is one."""
    if not here.caller.seats:
        return False
    request = ActRequest(contract.id, act, ground, here.person, "…", "…")
    try:
        check_may_act(reader, here.desk.policy, contract, request, here.now)
    except Refused:
        return False
    return True


def _keys(reader: Reader, here: Here, contract: Contract) -> Keys | None:
    """None once the contract is in force, and for whoever may neither oversee it nor sign it."""
    caller = here.caller
    signs = tuple(party for party in Signatory if can(check_may_sign, reader, caller, contract, party.value))
    oversight = can(check_may_oversee, reader, caller, contract)
    if contract.state is not ContractState.DRAFTED or not (signs or oversight):
        return None
    present = current(contract, contract.approvals)
    approvals = {c: next((a for a in present if a.committee is c), None) for c in Committee}
    given = {committee: approval.person if approval else None for committee, approval in approvals.items()}
    is_free = interest_of(reader, contract, here.person) is None
    return Keys(
        seen=text_digest(contract),
        lost=lost_keys(contract),
        missing=missing_keys(reader, here.desk.policy, contract, here.now) if oversight else (),
        approvals=approvals,
        signatures=current(contract, contract.signatures),
        consents=current(contract, contract.consents),
        may_approve=tuple(
            c
            for c in Committee
            if is_free
            and can(check_holds_seat, caller, c, contract.owner)
            and given[c] in (None, here.person)
            and _on_paper(reader, here, contract, c)
        ),
        may_sign=tuple(party for party in signs if not _is_signed(contract, party)),
        may_consent=_lendable(reader, here, contract),
        may_guarantee=can(check_may_guarantee, caller, contract),
        may_activate=can(check_may_activate, caller, contract),
    )


def _on_paper(reader: Reader, here: Here, contract: Contract, committee: Committee) -> bool:
    """Whether a seat may write down here what its committee decided on paper, and it does not vote on it."""
    asked = (committee, Subject.APPROVE_CONTRACT)
    may_record = can(check_may_record, here.desk.policy, "console", *asked)
    told = (*asked, contract.id, "S1-C2", text_digest(contract), True)
    return may_record and can(check_not_balloted, reader, *told)


def _is_signed(contract: Contract, party: Signatory) -> bool:
    return any(s.signatory is party for s in current(contract, contract.signatures))


def _lendable(reader: Reader, here: Here, contract: Contract) -> tuple[Dataset, ...]:
    """Datasets of another organisation that wait for the consent of the person here, their steward."""
    given = {c.dataset for c in current(contract, contract.consents)}
    found = (reader.dataset(id) for id in sorted({grant.dataset for grant in contract.scope} - given))
    return tuple(
        d for d in found if d is not None and d.owner != contract.owner and can(check_is_steward_of, here.caller, d)
    )


def _is_running(contract: Contract) -> bool:
    return contract.state in (ContractState.ACTIVE, ContractState.SUSPENDED)
