"""Warnings, acts, publications, tokens and sandboxes as rows. None of them can be used to take a cut back."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from access_broker.adapters.records import journal as j
from access_broker.adapters.records import tables as t
from access_broker.adapters.records.leaves import catalogue_document, catalogue_from
from access_broker.adapters.records.transaction import Transaction, load
from access_broker.domain.acts import CommitteeAct, WarningNotice
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Token

_UNFINISHED = select(j.sandboxes).where(j.UNFINISHED).order_by(j.sandboxes.c.slot)


def load_warnings(tx: Transaction, contract: str) -> list[WarningNotice]:
    return [WarningNotice(**row._mapping) for row in load(tx, j.warnings, "contract", contract)]


def save_warning(tx: Transaction, warning: WarningNotice) -> None:
    tx.upsert(j.warnings, vars(warning))


def load_acts(tx: Transaction, contract: str) -> list[CommitteeAct]:
    """In the order of their commits."""
    return [
        CommitteeAct(row.contract, row.act, row.ground, row.by, row.decision, row.committed_at, row.generation)
        for row in load(tx, j.acts, "contract", contract)
    ]


def save_act(tx: Transaction, act: CommitteeAct) -> None:
    tx.run(insert(j.acts), vars(act))


def load_publications(tx: Transaction, contract: str | None = None) -> list[Publication]:
    return [
        Publication(**{**row._mapping, "catalogue": catalogue_from(row.catalogue)})
        for row in load(tx, j.publications, "contract", contract)
    ]


def save_publication(tx: Transaction, publication: Publication) -> None:
    """Clears an earlier failure. Refused STATE_FORBIDS for a contract that was cut or ended while it was built,
    CONFLICT for a version lower than the stored one."""
    states = tx.rows(select(t.contracts.c.state).where(t.contracts.c.id == publication.contract))
    if any(row.state in (ContractState.CUT, ContractState.ENDED) for row in states):
        raise Refused("STATE_FORBIDS", "F-13", contract=publication.contract)
    if any(row.version > publication.version for row in load(tx, j.publications, "contract", publication.contract)):
        raise Refused("CONFLICT", contract=publication.contract)
    tx.upsert(j.publications, {**vars(publication), "catalogue": catalogue_document(publication.catalogue)})
    _forget_failure(tx, publication.contract)


def drop_publication(tx: Transaction, contract: str) -> None:
    tx.run(delete(j.publications).where(j.publications.c.contract == contract))
    _forget_failure(tx, contract)


def load_failure(tx: Transaction, contract: str) -> str | None:
    """Why the last publication failed; None when it did not."""
    return next((str(row.message) for row in load(tx, j.publication_failures, "contract", contract)), None)


def fail_publication(tx: Transaction, contract: str, message: str) -> None:
    """An earlier publication stays: it is what people were granted until a better one is there."""
    tx.upsert(j.publication_failures, {"contract": contract, "message": message})


def _forget_failure(tx: Transaction, contract: str) -> None:
    tx.run(delete(j.publication_failures).where(j.publication_failures.c.contract == contract))


def load_token(tx: Transaction, digest: str) -> Token | None:
    return next((Token(**row._mapping) for row in load(tx, j.tokens, "digest", digest)), None)


def save_token(tx: Transaction, token: Token) -> None:
    """Refused CONFLICT for making a revoked token good again."""
    stored = load_token(tx, token.digest)
    if stored and stored.revoked and not token.revoked:
        raise Refused("CONFLICT")
    tx.upsert(j.tokens, vars(token))


def revoke_tokens(tx: Transaction, contract: str) -> int:
    """The number of tokens that were good until now."""
    good = (j.tokens.c.contract == contract) & ~j.tokens.c.revoked
    return tx.run(update(j.tokens).where(good).values(revoked=True))


def revoke_tokens_of(tx: Transaction, person: str) -> int:
    """The number of tokens that were good until now."""
    good = (j.tokens.c.person == person) & ~j.tokens.c.revoked
    return tx.run(update(j.tokens).where(good).values(revoked=True))


def revoke_token(tx: Transaction, digest: str) -> int:
    """1 when it was good until now, else 0."""
    good = (j.tokens.c.digest == digest) & ~j.tokens.c.revoked
    return tx.run(update(j.tokens).where(good).values(revoked=True))


def load_sandbox(tx: Transaction, id: str) -> Sandbox | None:
    return next((Sandbox(**row._mapping) for row in load(tx, j.sandboxes, "id", id)), None)


def load_unfinished_sandboxes(tx: Transaction) -> list[Sandbox]:
    return [Sandbox(**row._mapping) for row in tx.rows(_UNFINISHED)]


def save_sandbox(tx: Transaction, sandbox: Sandbox) -> None:
    """Refused CONFLICT for a slot, or a person and contract, that another unfinished one has, and for a comeback."""
    tx.upsert(j.sandboxes, vars(sandbox))
