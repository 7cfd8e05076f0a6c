"""What a draft must be in itself, and when two drafts are the same agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from access_broker.domain.agreement import Key, lost_keys, text_digest
from access_broker.domain.clauses import LONGEST_CLAUSE, RULE_OF_CLAUSE, STANDARD, ContractClause
from access_broker.domain.contracts import AnswerMode, Approval, Contract, ContractState, Guarantee, TableGrant, Terms
from access_broker.domain.datasets import Mode
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.text import misleading_character
from access_broker.use_cases.decided import check_not_balloted
from access_broker.use_cases.interests import interest_of, is_keeper, was_seated
from access_broker.use_cases.permissions import rule_of_seat
from access_broker.use_cases.ports import Reader

T = TypeVar("T")

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def check_draft(reader: Reader, contract: Contract) -> None:
    """Raises Refused for a draft that could never be put into force: unknown parties, people, columns, odd terms."""
    if (contract.state, contract.generation) != (ContractState.DRAFTED, 0):
        raise Refused("INVALID", where="state")
    if contract.starts_at >= contract.ends_at:
        raise Refused("INVALID", "F-12", where="ends_at")
    _check_parties(reader, contract)
    _check_terms(contract.terms)
    _check_clauses(contract.clauses)
    tables = [(grant.dataset, grant.table) for grant in contract.scope]
    if len(set(tables)) < len(tables):
        raise Refused("INVALID", where="scope")
    for grant in contract.scope:
        _check_grant(reader, grant)


def is_same_agreement(stored: Contract, given: Contract) -> bool:
    """Equal but for dates, keys and how far the contract has come.

    Dates do not count because a file may say `today`, and is still the same file tomorrow. A contract that came into
    force before there were clauses holds none, and the file that it came from brings the standard ones now.
    """
    if not stored.clauses and given.clauses == STANDARD:
        given = replace(given, clauses=())
    return _bare(stored) == _bare(given)


def redrafted(stored: Contract, given: Contract) -> Contract:
    """`given` with the keys already on record.

    Keys are given for one text: an approval of three months is none of six. Those of another text stay on record for
    everybody to see, until they are given again, and count for nothing; guarantees and acknowledgements go.
    """
    digest = text_digest(given)
    kept = replace(
        given,
        signatures=_joined_keys(stored.signatures, given.signatures, digest, lambda key: (key.signatory,)),
        approvals=_joined_approvals(stored.approvals, given.approvals, digest),
        consents=_joined_keys(stored.consents, given.consents, digest, lambda key: (key.dataset,)),
    )
    if text_digest(stored) != digest:
        return kept
    return replace(
        kept,
        acknowledged=_joined(stored.acknowledged, given.acknowledged),
        guarantees=_joined_guarantees(stored.guarantees, given.guarantees),
    )


def _bare(contract: Contract) -> Contract:
    return replace(
        contract,
        state=ContractState.DRAFTED,
        generation=0,
        starts_at=_ANY_TIME,
        ends_at=_ANY_TIME,
        acknowledged=(),
        signatures=(),
        approvals=(),
        consents=(),
        guarantees=(),
    )


def _joined(stored: tuple[T, ...], given: tuple[T, ...]) -> tuple[T, ...]:
    return stored + tuple(item for item in given if item not in stored)


def _joined_keys(
    stored: tuple[Key, ...], given: tuple[Key, ...], digest: str, name: Callable[[Key], tuple[str, ...]]
) -> tuple[Key, ...]:
    """The first of each name for the text of `digest`; for another text only those that nobody has given for this."""
    kept = tuple(key for key in stored if key.digest == digest)
    known = {name(key) for key in kept}
    present = kept + tuple(key for key in given if name(key) not in known)
    names = {name(key) for key in present}
    return present + tuple(key for key in stored if key.digest != digest and name(key) not in names)


def _joined_approvals(stored: tuple[Approval, ...], given: tuple[Approval, ...], digest: str) -> tuple[Approval, ...]:
    """An approval is who said what for which committee; said again at another time it is still the first one."""
    joined = _joined_keys(stored, given, digest, lambda key: (key.committee, key.person, key.decision))
    spoken = {key.committee for key in joined if key.digest == digest}
    return tuple(key for key in joined if key.digest == digest or key.committee not in spoken)


def _joined_guarantees(stored: tuple[Guarantee, ...], given: tuple[Guarantee, ...]) -> tuple[Guarantee, ...]:
    """One guarantee of each kind, the one that lasts longest."""
    by_kind: dict[str, Guarantee] = {}
    for guarantee in (*stored, *given):
        known = by_kind.get(guarantee.kind)
        if known is None or known.expires_at < guarantee.expires_at:
            by_kind[guarantee.kind] = guarantee
    return tuple(by_kind.values())


def _check_parties(reader: Reader, contract: Contract) -> None:
    for organisation in (contract.executor, contract.owner):
        if reader.organisation(organisation) is None:
            raise Refused("NOT_FOUND", name=organisation)
    if reader.problem(contract.problem) is None:
        raise Refused("NOT_FOUND", name=contract.problem)
    _check_followed(reader, contract)
    if not contract.purpose.strip():
        raise Refused("INVALID", where="purpose")
    for named in contract.people:
        person = reader.person(named)
        if person is None or person.organisation != contract.executor:
            raise Refused("NOT_NAMED", "S3-P3", name=named)
    approvers, stewards = (a.person for a in contract.approvals), (c.person for c in contract.consents)
    for signer in (*contract.acknowledged, *approvers, *stewards):
        if reader.person(signer) is None:
            raise Refused("NOT_FOUND", name=signer)
    _check_keys(reader, contract)
    if not set(contract.acknowledged) <= set(contract.people):
        raise Refused("NOT_NAMED", "S3-P3", where="acknowledged")


def _check_followed(reader: Reader, contract: Contract) -> None:
    """Market access goes to who did the work, for the problem it was done for (F-14).

    It names a contract of development, accepted or not yet: that is asked when it is to come into force.
    """
    if contract.follows is None:
        return
    followed = reader.contract(contract.follows)
    if followed is None:
        raise Refused("NOT_FOUND", name=contract.follows)
    parties = (contract.executor, contract.owner, contract.problem)
    if followed.follows is not None or (followed.executor, followed.owner, followed.problem) != parties:
        raise Refused("INVALID", "F-14", where="follows")


def _check_keys(reader: Reader, contract: Contract) -> None:
    """A draft may come with keys: of this very text, and from those who hold them (S1-C2, S3-P1-R2, S1-P2)."""
    if lost_keys(contract):
        raise Refused("INVALID", "S3-P1", where="digest")
    for approval in contract.approvals:
        if not was_seated(reader, approval.committee, approval.person, approval.at, contract.owner):
            raise Refused("NOT_PERMITTED", rule_of_seat(approval.committee), name=approval.person)
        if interest_of(reader, contract, approval.person) is not None:
            raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=approval.person)
        rule = rule_of_seat(approval.committee)
        check_not_balloted(
            reader, approval.committee, Subject.APPROVE_CONTRACT, contract.id, rule, text_digest(contract)
        )
    for consent in contract.consents:
        granted = any(grant.dataset == consent.dataset for grant in contract.scope)
        if not granted or not is_keeper(reader, consent.person, consent.dataset):
            raise Refused("NOT_PERMITTED", "S1-P2", name=consent.person)


def _check_terms(terms: Terms) -> None:
    if min(terms.k, terms.max_rows) < 1 or min(terms.daily_queries, terms.daily_rows or 0, terms.answer_ms) < 0:
        raise Refused("INVALID", where="terms")
    dominance = terms.dominance
    shares = (dominance.share, 1.0 if dominance.p is None else dominance.p) if dominance else ()
    if dominance and (dominance.n < 1 or not all(0 < share <= 1 for share in shares)):
        raise Refused("INVALID", where="terms.dominance")
    if (terms.epsilon is not None) != (terms.answer_mode is AnswerMode.DP):
        raise Refused("INVALID", where="terms.epsilon")


def _check_clauses(clauses: tuple[ContractClause, ...]) -> None:
    """What is there says something, once. Whether all are there is asked when the contract is to come into force."""
    for clause in clauses:
        where = f"clauses.{clause.kind.value}"
        if [other.kind for other in clauses].count(clause.kind) > 1 or not clause.is_written:
            raise Refused("INVALID", RULE_OF_CLAUSE[clause.kind], where=where)
        texts = clause.text_en, clause.text_fa
        if any(len(text) > LONGEST_CLAUSE or misleading_character(text) is not None for text in texts):
            raise Refused("INVALID", RULE_OF_CLAUSE[clause.kind], where=where)


def _check_grant(reader: Reader, grant: TableGrant) -> None:
    dataset = reader.dataset(grant.dataset)
    table = dataset.table(grant.table) if dataset else None
    if table is None:
        raise Refused("NOT_FOUND", name=f"{grant.dataset}.{grant.table}")
    described, named = {column.id for column in table.columns}, [column.column for column in grant.columns]
    if len(set(named)) < len(named):
        raise Refused("INVALID", where=f"{grant.dataset}.{grant.table}")
    for column in grant.columns:
        where = f"{grant.dataset}.{grant.table}.{column.column}"
        if column.column not in described:
            raise Refused("NOT_FOUND", name=where)
        if (column.mask is not None) != (column.mode is Mode.MASK):
            raise Refused("INVALID", where=where)
