"""The tables of what happens under a contract: warnings, acts, publications, tokens, sandboxes, and the audit chain.

`audit` and `audit_checkpoints` are append-only by triggers (access_broker/migrations): a record is added at the next
position and names the hash of the one before, or the database refuses it.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Table, Text
from sqlalchemy import text as sql

from access_broker.adapters.records.columns import (
    METADATA,
    SERIAL,
    UtcDateTime,
    flag,
    id_key,
    instant,
    place,
    refers,
    text,
    whole,
    word,
    words,
)
from access_broker.domain.acts import Act
from access_broker.domain.sandboxes import SandboxEnd, SandboxState
from access_broker.domain.tokens import Door

warnings = Table(
    "warnings",
    METADATA,
    refers("contract", "contracts", key=True),
    place("number"),
    text("issued_by"),
    instant("issued_at"),
    text("text"),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", UtcDateTime),
    flag("withdrawn"),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_why", Text),
    Column("violation", Integer),
    Column("cure_by", UtcDateTime),
    Column("serve_days", Integer),
    Column("served_at", UtcDateTime),
    Column("appeal_text", Text),
    Column("appealed_by", Text),
    Column("appealed_at", UtcDateTime),
    Column("appeal_decision", Text),
    Column("appeal_decided_by", Text),
    Column("appeal_decided_at", UtcDateTime),
)
acts = Table(
    "acts",
    METADATA,
    Column("number", SERIAL, primary_key=True),
    refers("contract", "contracts"),
    word("act", Act),
    text("ground"),
    text("by"),
    Column("decision", Text),
    instant("committed_at"),
    whole("generation"),
)
publications = Table(
    "publications",
    METADATA,
    refers("contract", "contracts", key=True),
    whole("version"),
    text("path"),
    text("sha256"),
    Column("catalogue", JSON, nullable=False),
)
stamp = Table("stamp", METADATA, Column("id", Integer, primary_key=True, autoincrement=False), text("value"))
"""One row that changes with every change of the records (not with records of queries), so that a reader who kept
something can tell cheaply that it still holds."""

publication_failures = Table(
    "publication_failures", METADATA, refers("contract", "contracts", key=True), text("message")
)
tokens = Table(
    "tokens",
    METADATA,
    Column("digest", Text, primary_key=True),
    refers("person", "people"),
    Column("contract", Text, ForeignKey("contracts.id"), index=True),
    word("door", Door),
    whole("generation"),
    instant("issued_at"),
    instant("expires_at"),
    Column("address", Text),
    flag("revoked"),
)
sandboxes = Table(
    "sandboxes",
    METADATA,
    id_key(),
    refers("person", "people"),
    refers("contract", "contracts"),
    whole("generation"),
    whole("slot"),
    text("address"),
    Column("token", Text, ForeignKey("tokens.digest"), nullable=False),
    instant("started_at"),
    word("state", SandboxState),
    Column("ended_at", UtcDateTime),
    Column("why", words(SandboxEnd)),
)
UNFINISHED = sql("state <> 'ended'")
"""Of a sandbox: it may still be there. Two of these never have the same slot, nor the same person and contract."""

for columns in (("slot",), ("person", "contract")):
    Index(
        None,
        *(sandboxes.c[name] for name in columns),
        unique=True,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )

audit = Table(
    "audit",
    METADATA,
    Column("position", SERIAL, primary_key=True, autoincrement=False),
    *(text(name) for name in ("at", "kind", "actor", "subject", "rule", "body", "previous", "hash")),
)
ACKNOWLEDGEMENTS = sql("kind = 'end.acknowledged'")
"""The records the partial index below is about: a handful for an end of a contract, among those of all its queries."""

for name in ("kind", "actor", "subject"):
    Index(None, audit.c[name], audit.c.position)
Index(None, audit.c.at)
Index("ix_audit_acknowledgements", audit.c.subject, sqlite_where=ACKNOWLEDGEMENTS, postgresql_where=ACKNOWLEDGEMENTS)
audit_checkpoints = Table(
    "audit_checkpoints",
    METADATA,
    Column("position", SERIAL, ForeignKey("audit.position"), primary_key=True, autoincrement=False),
    text("hash"),
    text("signature"),
)
