"""Who am I, which datasets there are, and what the audit says."""

from __future__ import annotations

from fastapi import APIRouter

from access_broker.api.bodies import AfterId, AfterPosition, Limit, Moment, Sought
from access_broker.api.callers import SignedIn
from access_broker.api.dataset_views import DatasetView
from access_broker.api.services import Desk
from access_broker.api.views import AuditEntry, Health, Me, Verification
from access_broker.domain.audit import AuditSearch
from access_broker.domain.dataset_records import RowCount
from access_broker.use_cases.permissions import check_may_read_audit

router = APIRouter(tags=["records"])


@router.get("/health")
def health(desk: Desk) -> Health:
    """Answers when the records can be read. Needs no token and tells nothing else."""
    with desk.records.read() as reader:
        reader.audit_head()
    return Health()


@router.get("/me")
def me(caller: SignedIn) -> Me:
    """Person, seats and roles behind the token."""
    return Me.of(caller)


@router.get("/datasets")
def datasets(caller: SignedIn, desk: Desk, after: AfterId = "", limit: Limit = 100) -> list[DatasetView]:
    """Descriptions of the datasets there are, in the order of their ids; no rows (S1-P2-R1)."""
    with desk.records.read() as reader:
        known, counts = sorted(reader.datasets(), key=lambda dataset: dataset.id), reader.filed(RowCount)
    return [DatasetView.of(dataset, counts) for dataset in known if dataset.id > after][:limit]


@router.get("/audit")
def audit(
    caller: SignedIn,
    desk: Desk,
    after: AfterPosition = 0,
    limit: Limit = 100,
    kind: Sought = "",
    actor: Sought = "",
    subject: Sought = "",
    since: Moment | None = None,
    until: Moment | None = None,
) -> list[AuditEntry]:
    """The chain of audit records after a position, for auditors and committee seats.

    `kind` is the beginning of one, e.g. `query.`; what is left out does not narrow.
    """
    check_may_read_audit(caller)
    search = AuditSearch(kind, actor, subject, since, until, after)
    with desk.records.read() as reader:
        return [AuditEntry.of(record) for record in reader.search_audit(search, limit)]


@router.get("/audit/verification")
def audit_verification(caller: SignedIn, desk: Desk) -> Verification:
    """Reads the whole chain anew and says whether it holds, or where it first breaks."""
    check_may_read_audit(caller)
    found = desk.extras.verify_audit()
    return Verification(ok=found.ok, records=found.records, first_broken=found.first_broken)
