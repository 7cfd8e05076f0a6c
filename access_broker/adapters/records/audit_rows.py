"""Looking into the audit chain: searching it, who acknowledged an end, which statements are still open."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from access_broker.adapters.records.chain import record_of, stored_head
from access_broker.adapters.records.journal import ACKNOWLEDGEMENTS, audit
from access_broker.adapters.records.transaction import Transaction
from access_broker.domain.audit import AuditRecord, AuditSearch, canonical_body

_OPENED, _CLOSED = "query.allowed", "query.closed"
_MOST_OPEN = 500


def search(tx: Transaction, search: AuditSearch, limit: int) -> list[AuditRecord]:
    """See `Reader.search_audit`."""
    fits = _fits(tx, search)
    order = audit.c.position.desc() if search.newest_first else audit.c.position
    return [record_of(row) for row in tx.rows(select(audit).where(*fits).order_by(order).limit(limit))]


def kinds(tx: Transaction) -> list[str]:
    """Every kind there is, found by stepping through the index from one to the next: few kinds, many records."""
    found: list[str] = []
    following = tx.rows(select(func.min(audit.c.kind)))[0][0]
    while following is not None:
        found.append(str(following))
        following = tx.rows(select(func.min(audit.c.kind)).where(audit.c.kind > following))[0][0]
    return found


def acknowledgements(tx: Transaction, contract: str) -> list[AuditRecord]:
    """See `Reader.acknowledgements`. The condition is spelt as the partial index has it, or it would not be used."""
    query = select(audit).where(ACKNOWLEDGEMENTS, audit.c.subject == contract)
    return [record_of(row) for row in tx.rows(query.order_by(audit.c.position))]


def about(tx: Transaction, contract: str, after: int, limit: int) -> list[AuditRecord]:
    """See `Reader.audit_about`. Not LIKE, which on SQLite does not tell `p1` from `P1`."""
    named = canonical_body({"contract": contract})[1:-1]
    names_it = func.replace(audit.c.body, named, "") != audit.c.body
    query = select(audit).where(audit.c.position > after, or_(audit.c.subject == contract, names_it))
    return [record_of(row) for row in tx.rows(query.order_by(audit.c.position).limit(limit))]


def open_statements(tx: Transaction, last: int) -> list[AuditRecord]:
    """See `Reader.open_statements`. The long bodies are read of those records only that turn out to be open."""
    recent = audit.c.position > stored_head(tx).position - last
    opened = {row.position for row in tx.rows(select(audit.c.position).where(recent, audit.c.kind == _OPENED))}
    bodies = tx.rows(select(audit.c.body).where(recent, audit.c.kind == _CLOSED))
    still = opened.difference(json.loads(row.body).get("query") for row in bodies)
    query = select(audit).where(audit.c.position.in_(sorted(still)[-_MOST_OPEN:])).order_by(audit.c.position)
    return [record_of(row) for row in tx.rows(query)] if still else []


def _fits(tx: Transaction, search: AuditSearch) -> list[ColumnElement[Any]]:
    """`at` is compared as it is stored: UTC, with as many digits in every record, so that text sorts like time."""
    fits: list[ColumnElement[Any]] = []
    if search.kind:
        fits.append(audit.c.kind.in_([kind for kind in kinds(tx) if kind.startswith(search.kind)]))
    if search.actor:
        fits.append(audit.c.actor == search.actor)
    if search.subject:
        fits.append(audit.c.subject == search.subject)
    if search.since is not None:
        fits.append(audit.c.at >= _stored(search.since))
    if search.until is not None:
        fits.append(audit.c.at <= _stored(search.until))
    if search.after:
        fits.append(audit.c.position > search.after)
    if search.before is not None:
        fits.append(audit.c.position < search.before)
    return fits


def _stored(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
