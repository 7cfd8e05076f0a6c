"""The steward describes a dataset and tags its columns; a stricter tag takes effect at once.

Rights follow the tag, not the other way round: a contract in force whose level no longer covers a column it grants is
suspended in the same transaction (F-13, protective). The rule is the actor then; the committee ratifies, lifts or cuts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.datasets import Column, ColumnRef, DataClass, Dataset, Mode, Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.text import misleading_character
from access_broker.use_cases.contracts import level_covers
from access_broker.use_cases.permissions import Caller, check_is_steward_of
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.register import is_stricter, register_dataset
from access_broker.use_cases.scenario import OnRecord
from access_broker.use_cases.suspending import suspend_by_rule

_IN_FORCE = (ContractState.ACTIVE, ContractState.SUSPENDED)


@dataclass(frozen=True)
class Tagged:
    """The dataset as it is now, and the contracts that lost their access by it."""

    dataset: Dataset
    suspended: tuple[str, ...]


def describe_dataset(writer: Writer, caller: Caller, dataset: Dataset) -> bool:
    """Put a steward's own description on record; True when it is new.

    Raises Refused NOT_PERMITTED for a dataset of somebody else, and for a sovereignty, which only the Monitoring
    Committee decides (S1-P4-R4); CONFLICT for an id under which another description is on record.
    """
    check_is_steward_of(caller, dataset)
    if dataset.sovereignty is not Sovereignty.UNDETERMINED:
        raise Refused("NOT_PERMITTED", "S1-P4-R4", name=dataset.id)
    _check_sources_are_own(writer, dataset)
    return register_dataset(writer, dataset, caller.person.id)


def on_record(reader: Reader) -> OnRecord:
    """What a description may refer to beside itself."""
    return OnRecord(
        organisations=frozenset(organisation.id for organisation in reader.organisations()),
        people=tuple(reader.people()),
        columns=frozenset(ColumnRef(d.id, t.id, c.id) for d in reader.datasets() for t in d.tables for c in t.columns),
    )


def tag_column(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    ref: ColumnRef,
    data_class: DataClass,
    now: datetime,
    titles: tuple[str, str] | None = None,
) -> Tagged:
    """Give a column its class, and `titles` (English, Persian) when there are new ones.

    Raises Refused NOT_FOUND, NOT_PERMITTED for anyone but its steward, CONFLICT for a laxer class as long as a contract
    in force grants the column: what people were promised is not loosened under their feet.
    """
    dataset, before = described(writer, ref)
    check_is_steward_of(caller, dataset)
    title_en, title_fa = titles or (before.title_en, before.title_fa)
    if misleading_character(title_en + title_fa) is not None:
        raise Refused("INVALID", where="titles")
    after = replace(before, data_class=data_class, title_en=title_en, title_fa=title_fa)
    if after == before:
        return Tagged(dataset, ())
    granting = [c for c in writer.contracts() if c.state in _IN_FORCE and _grants(c, ref)]
    if is_stricter(before.data_class, data_class) and granting:
        raise Refused("CONFLICT", "S2-C3", name=str(ref))
    tagged = _with_column(dataset, ref, after)
    body = {"column": str(ref), "from": before.data_class.value, "to": data_class.value, "title": title_en}
    writer.save_dataset(tagged, AuditEvent("column.tagged", caller.person.id, dataset.id, "S2-C3", body))
    uncovered = [c for c in granting if c.state is ContractState.ACTIVE and not level_covers(writer, c)]
    for contract in uncovered:
        suspend_by_rule(writer, policy, contract, {"column": str(ref), "why": "LEVEL_TOO_LOW"}, now)
    return Tagged(tagged, tuple(contract.id for contract in uncovered))


def described(reader: Reader, ref: ColumnRef) -> tuple[Dataset, Column]:
    """The dataset and column `ref` names. Raises Refused NOT_FOUND."""
    dataset = reader.dataset(ref.dataset)
    table = dataset.table(ref.table) if dataset else None
    column = next((c for c in table.columns if c.id == ref.column), None) if table else None
    if dataset is None or column is None:
        raise Refused("NOT_FOUND", name=str(ref))
    return dataset, column


def _check_sources_are_own(reader: Reader, dataset: Dataset) -> None:
    """The operator may register any file for an owner: what is one organisation's is not described by another."""
    taken = {source.path for other in reader.datasets() if other.owner != dataset.owner for source in other.sources}
    if any(source.path in taken for source in dataset.sources):
        raise Refused("NOT_PERMITTED", "F-2", name=dataset.id)


def _grants(contract: Contract, ref: ColumnRef) -> bool:
    grant = contract.grants_of(ref.dataset, ref.table)
    return grant is not None and any(g.column == ref.column and g.mode is not Mode.DENY for g in grant.columns)


def _with_column(dataset: Dataset, ref: ColumnRef, column: Column) -> Dataset:
    tables = tuple(
        replace(table, columns=tuple(column if c.id == column.id else c for c in table.columns))
        if table.id == ref.table
        else table
        for table in dataset.tables
    )
    return replace(dataset, tables=tables)
