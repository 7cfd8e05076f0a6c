"""What the policies are told. Pure: records in, plain values out; a fact that is not on record is told as absent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from access_broker.domain.acts import Act
from access_broker.domain.agreement import text_digest
from access_broker.domain.clauses import clauses_of
from access_broker.domain.contracts import Contract, TableGrant, Terms
from access_broker.domain.datasets import Dataset, Mode, Sovereignty
from access_broker.domain.identifiers import is_legal_id
from access_broker.domain.people import Organisation, Person
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Door, Token
from access_broker.use_cases.exclusivity import acceptance_of, latest_end_of, locks_against
from access_broker.use_cases.guarantees_needed import demands, needed_by_classes
from access_broker.use_cases.interests import interest_of, is_interested, is_keeper, was_seated
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.repetition import warning_facts


def epoch(at: datetime) -> int:
    """Whole seconds since 1970 UTC. A time without a zone is refused: the machine's own zone would decide rights."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return int(at.timestamp())


def contract_facts(reader: Reader, contract: Contract, now: datetime) -> dict[str, Any]:
    """The part of the facts that every decision about a contract shares, granted tables included."""
    problem = reader.problem(contract.problem)
    described = _described(reader, contract)
    return {
        "now": epoch(now),
        "contract": _contract(contract, reader.organisation(contract.executor)) | _keys(reader, contract, described),
        "problem": {"id": contract.problem, "resources": list(problem.resources) if problem else []},
        "datasets": {id: _dataset(dataset) for id, dataset in described.items()},
        "tables": _tables(contract, described),
    }


def activation_facts(reader: Reader, contract: Contract, now: datetime) -> dict[str, Any]:
    """Facts of `activation`: the contract as it would go into force, what it follows, who holds its data now."""
    return contract_facts(reader, contract, now) | {
        "market": {"accepted": acceptance_of(reader, contract.follows) is not None},
        "exclusive": [
            {
                "dataset": lock.dataset,
                "problem": lock.problem,
                "executors": [hold.executor for hold in lock.holds],
                "phase": lock.phase.value,
                "shared": lock.shared,
            }
            for lock in locks_against(reader, contract, now)
        ],
    }


def login_facts(reader: Reader, contract: Contract, login: Token, door: Door, now: datetime) -> dict[str, Any]:
    """Facts of `login`: who comes through which door, with which token."""
    return contract_facts(reader, contract, now) | visitor_facts(reader.person(login.person), login, door)


def spawn_facts(
    reader: Reader, contract: Contract, person_id: str, others: list[Sandbox], most: int, now: datetime
) -> dict[str, Any]:
    """Facts of `spawn`: who wants a sandbox, and how many others there are. `most` 0: this system runs without."""
    sandboxes = {
        "available": most > 0,
        "of_contract": sum(other.contract == contract.id for other in others),
        "running": len(others),
        "most": most,
    }
    return contract_facts(reader, contract, now) | {
        "person": _person(person_id, reader.person(person_id)),
        "sandboxes": sandboxes,
    }


def visitor_facts(person: Person | None, login: Token, door: Door) -> dict[str, Any]:
    """Who comes through which door with which token. A person not on record counts as disabled."""
    return {
        "door": door.value,
        "person": _person(login.person, person),
        "login": {
            "person": login.person,
            "contract": login.contract,
            "door": login.door.value,
            "generation": login.generation,
            "expires_at": epoch(login.expires_at),
        },
    }


def _person(id: str, person: Person | None) -> dict[str, Any]:
    return {
        "id": id,
        "family": person.family.value if person else "",
        "organisation": person.organisation if person else "",
        "disabled": person.disabled if person else True,
    }


def act_facts(
    reader: Reader,
    contract: Contract,
    act: Act,
    ground: str,
    by: str,
    decision: str | None,
    now: datetime,
    repeated_by: int | None = None,
) -> dict[str, Any]:
    """Facts of `acts`: who wants to do what on which ground. Only seats held at `now` that have a say are told.

    `repeated_by`: the violation that a cut on repetition names; None: the cut itself says that it is repeated now.
    """
    person = reader.person(by)
    seats = [seat for seat in reader.seats_of(by) if seat.is_held(now) and seat.speaks_for(contract.owner)]
    return {
        "now": epoch(now),
        "act": act.value,
        "ground": ground,
        "decision": decision,
        "person": {
            "id": by,
            "disabled": person.disabled if person else True,
            "interested": is_interested(reader, contract, by, seats),
        },
        "seats": [{"committee": seat.committee.value, "number": seat.number} for seat in seats],
        "contract": {"id": contract.id, "state": contract.state.value},
        "warnings": warning_facts(reader, contract.id, repeated_by, now),
    }


def granted_tables(reader: Reader, contract: Contract) -> dict[str, dict[str, Any]]:
    """`dataset.table` → its entity column and the mode of every granted column.

    A table or column that the steward's description no longer has is left out, however the contract names it:
    told without its entity, a protected table would pass for an open one.
    """
    return _tables(contract, _described(reader, contract))


def _described(reader: Reader, contract: Contract) -> dict[str, Dataset | None]:
    """Every dataset of the scope as its steward describes it, each read once."""
    return {id: reader.dataset(id) for id in sorted({grant.dataset for grant in contract.scope})}


def _tables(contract: Contract, described: dict[str, Dataset | None]) -> dict[str, dict[str, Any]]:
    tables = {f"{grant.dataset}.{grant.table}": _table(described[grant.dataset], grant) for grant in contract.scope}
    return {key: table for key, table in tables.items() if table is not None}


def _table(dataset: Dataset | None, grant: TableGrant) -> dict[str, Any] | None:
    table = dataset.table(grant.table) if dataset else None
    if table is None:
        return None
    described = {column.id for column in table.columns}
    granted = {g.column: g.mode.value for g in grant.columns if g.mode is not Mode.DENY and g.column in described}
    return {"entity": table.entity, "columns": granted} if granted else None


def _dataset(dataset: Dataset | None) -> dict[str, Any]:
    """One that is not on record has no owner and no decision about its sovereignty."""
    sovereignty = dataset.sovereignty if dataset else Sovereignty.UNDETERMINED
    return {"sovereignty": sovereignty.value, "owner": dataset.owner if dataset else ""}


def _keys(reader: Reader, contract: Contract, described: dict[str, Dataset | None]) -> dict[str, Any]:
    """The keys as they were given, each with the digest of its text, and what speaks against whoever gave it.

    `seated`: held a seat of that committee when the approval was given. `interested`: may not judge this contract.
    `demanded`: the guarantees that the classes of its columns ask for.
    """
    latest = latest_end_of(reader, contract)
    return {
        "profile": contract.profile.value,
        "latest_end": epoch(latest) if latest else 0,
        "demanded": [kind.value for kind in needed_by_classes(demands(reader), contract, described)],
        "clauses": [kind.value for kind in clauses_of(contract.clauses)],
        "owner": contract.owner,
        "digest": text_digest(contract),
        "signatures": [signatory.value for signatory in contract.signed_by],
        "ito_approved": contract.ito_approved,
        "signed": [{"party": s.signatory.value, "digest": s.digest} for s in contract.signatures],
        "approvals": [
            {
                "committee": a.committee.value,
                "person": a.person,
                "decision": a.decision,
                "digest": a.digest,
                "seated": was_seated(reader, a.committee, a.person, a.at, contract.owner),
                "interested": interest_of(reader, contract, a.person) is not None,
            }
            for a in contract.approvals
        ],
        "consents": [
            {"dataset": c.dataset, "of_steward": is_keeper(reader, c.person, c.dataset), "digest": c.digest}
            for c in contract.consents
        ],
    }


def _contract(contract: Contract, executor: Organisation | None) -> dict[str, Any]:
    return {
        "id": contract.id,
        "state": contract.state.value,
        "generation": contract.generation,
        "type": contract.type.value,
        "level": contract.level.value,
        "purpose": contract.purpose,
        "starts_at": epoch(contract.starts_at),
        "ends_at": epoch(contract.ends_at),
        "people": list(contract.people),
        "acknowledged": list(contract.acknowledged),
        "guarantees": [{"kind": g.kind, "expires_at": epoch(g.expires_at)} for g in contract.guarantees],
        "report_every_days": contract.report_every_days,
        "executor": {
            "id": contract.executor,
            "family": executor.family.value if executor else "",
            "registered": bool(executor and executor.legal_id and is_legal_id(executor.legal_id)),
        },
        "terms": _terms(contract.terms),
    }


def _terms(terms: Terms) -> dict[str, Any]:
    dominance, epsilon = terms.dominance, terms.epsilon
    return {
        "k": terms.k,
        "max_rows": terms.max_rows,
        "daily_queries": terms.daily_queries,
        "aggregates": list(terms.aggregates),
        "differencing": terms.differencing.value,
        "dominance": {"n": dominance.n, "share": dominance.share, "p": dominance.p} if dominance else None,
        "answer_mode": terms.answer_mode.value,
        "epsilon": {"per_statement": epsilon.per_statement, "total": epsilon.total} if epsilon else None,
    }
