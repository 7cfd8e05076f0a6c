"""The records on SQLite or PostgreSQL, with the audit chain that every change is written to."""

from access_broker.adapters.records.checkpoints import anchor_path
from access_broker.adapters.records.columns import METADATA
from access_broker.adapters.records.group_commit import GroupCommitAudit
from access_broker.adapters.records.records import SqlRecords
from access_broker.adapters.records.roles import DbRole
from access_broker.adapters.records.verification import Verification, verify

__all__ = ["METADATA", "DbRole", "GroupCommitAudit", "SqlRecords", "Verification", "anchor_path", "verify"]
