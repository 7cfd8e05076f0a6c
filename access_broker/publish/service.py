"""The publisher's loop: every contract that may be read has a file of its present scope, every other has none.

The loop compares and repairs; it remembers nothing it needs, only that there was nothing to do. A publisher killed
anywhere finishes at its next step.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Refused
from access_broker.domain.endings import Component
from access_broker.publish.build import Report, publish
from access_broker.publish.calm import Calm, Seen, quiet_until
from access_broker.publish.files import PublishedFile, delete, published_files, remove, retire
from access_broker.publish.freshness import Basis, basis_noted, basis_of, last_version, note_basis
from access_broker.publish.keyed import SecretOf
from access_broker.publish.patience import Patience, circumstances
from access_broker.publish.sources import digest_of
from access_broker.publish.workshop import clear_workshops
from access_broker.use_cases.acknowledging import FILE_REMOVED, Step, acknowledge_end, end_of, is_acknowledged
from access_broker.use_cases.ports import Reader, Records

ACTOR = "publisher"
_log = logging.getLogger(__name__)


def may_have_file(contract: Contract, now: datetime) -> bool:
    """A suspended contract keeps its file, unread; lifting the suspension then costs no build."""
    return contract.state in (ContractState.ACTIVE, ContractState.SUSPENDED) and now < contract.ends_at


def should_be_readable(contract: Contract, now: datetime) -> bool:
    return contract.state is ContractState.ACTIVE and now < contract.ends_at


def _rule_of_removal(contract: Contract) -> str:
    """The rule a file goes under: breach or repetition, end of the work, else the end of the term."""
    return {ContractState.CUT: "F-13", ContractState.ENDED: "D-2"}.get(contract.state, "S3-P9-R1")


@dataclass
class PublicationRunner:
    """`directory`: published files; `private`: workshops and numberings; `uid_for`: contract → who may read its file.

    One runner per pair of directories; `withdraw` may also be called from other threads while `step` builds.
    """

    directory: Path
    private: Path
    secret_of: SecretOf
    uid_for: Callable[[str], int] | None = None
    on_progress: Callable[[str, str, int, int], None] = lambda contract, step, done, total: None
    _patience: Patience = field(default_factory=Patience)
    _told: set[tuple[str, int]] = field(default_factory=set)
    _calm: Calm | None = None

    def start(self, records: Records) -> int:
        """Clear away what a killed publisher left and every file the records do not vouch for, byte by byte.

        Call once before the first step, never while a build runs. Returns how many files went.
        """
        clear_workshops(self.private)
        with records.read() as reader:
            vouched = {Path(p.path).name: p.sha256 for p in reader.publications()}
        return delete(f.path for f in published_files(self.directory) if not _is_vouched_for(f, vouched))

    def step(self, records: Records, now: datetime) -> int:
        """Withdraw what must go, then build what is missing; returns how many contracts it did something for.

        Hardly costs anything as long as nothing can have changed since a step that had nothing to do.
        """
        seen = self._seen(records)  # before the look, so that what changes during it is noticed at the next step
        if self._calm is not None and self._calm.holds(seen, now) and self._patience.has_nothing_new(now):
            return 0
        self._calm = None
        changed = self.withdraw(records, now)
        with records.read() as reader:
            contracts = reader.contracts()
        waiting = [c.id for c in contracts if should_be_readable(c, now)]
        self._patience.forget_others(waiting)
        for contract_id in waiting:
            if self._bring_up_to_date(records, contract_id, now):
                changed += 1 + self.withdraw(records, now)  # a cut must not wait for the other builds
        if changed == 0:
            self._calm = Calm(seen, now, quiet_until(contracts, now))
        return changed

    def _seen(self, records: Records) -> Seen:
        with records.read() as reader:
            stamp = reader.stamp()
        return Seen(stamp, frozenset(file.path for file in published_files(self.directory)))

    def withdraw(self, records: Records, now: datetime) -> int:
        """Delete the files of every contract that is cut, ended, expired or not yet in force (F-13, D-2, S3-P9-R1).

        That a contract has ended is acknowledged once, when its files are gone, or when it had none.
        """
        holding = {f.contract for f in published_files(self.directory)}
        with records.read() as reader:
            holding |= {p.contract for p in reader.publications()}
            over = [c for c in reader.contracts() if not may_have_file(c, now)]
            owed = {c.id for c in over if self._owes_word(reader, c, now)}
        removed = {c.id: self._withdraw(records, c.id, _rule_of_removal(c)) for c in over if c.id in holding}
        for contract in [c for c in over if c.id in owed]:
            self._acknowledge(records, contract, removed.get(contract.id, 0), now)
        return len(removed)

    def _owes_word(self, reader: Reader, contract: Contract, now: datetime) -> bool:
        """Whether the end of this contract has not been acknowledged; what is found on record is remembered."""
        ended = (contract.id, contract.generation)
        if ended in self._told or contract.state is ContractState.DRAFTED:
            return False
        end = end_of(reader, contract.id, now)
        if end is None or not is_acknowledged(reader, end, Component.PUBLISHER):
            return end is not None
        self._told.add(ended)
        return False

    def _acknowledge(self, records: Records, contract: Contract, files: int, now: datetime) -> None:
        with records.write() as writer:
            step = Step(Component.PUBLISHER, FILE_REMOVED)
            acknowledge_end(writer, contract.id, contract.generation, step, now, {"files": files})
        self._told.add((contract.id, contract.generation))

    def _withdraw(self, records: Records, contract: str, rule: str) -> int:
        """Files first: should the records be out of reach, the file is gone all the same. How many there were."""
        removed = remove(contract, self.directory)
        event = AuditEvent("publication.removed", ACTOR, contract, rule, {"files": removed})
        with records.write() as writer:
            if writer.publication(contract) is None:
                writer.record(event)
            else:
                writer.drop_publication(contract, event)
        return removed

    def _bring_up_to_date(self, records: Records, contract_id: str, now: datetime) -> bool:
        """Whether there was anything to do, a failed attempt included."""
        with records.read() as reader:
            contract, datasets = _described(reader, contract_id)
            published = reader.publication(contract_id)
        if contract is None or not should_be_readable(contract, now):
            return False
        basis = basis_of(contract, datasets)
        noted = basis_noted(self.private, published) if published and Path(published.path).exists() else None
        if noted == basis:
            return False
        conditions = circumstances(basis, datasets)
        if self._patience.must_wait(contract_id, conditions, now):
            return False
        if published is not None and (noted is None or noted.rights != basis.rights):
            # the new rights may be narrower: better no file for a while than one that holds too much
            self._withdraw(records, contract_id, "S3-P5")
        try:
            self._publish(records, contract, datasets, published, basis, now)
        except (Refused, duckdb.Error, OSError, ValueError) as error:
            self._patience.failed(contract_id, conditions, now)
            _record_failure(records, contract_id, error)
        else:
            self._patience.succeeded(contract_id)
        return True

    def _publish(
        self,
        records: Records,
        contract: Contract,
        datasets: list[Dataset],
        previous: Publication | None,
        basis: Basis,
        now: datetime,
    ) -> None:
        reports: list[Report] = []
        made = publish(
            contract,
            datasets,
            self.directory,
            self.secret_of,
            max(previous.version if previous else 0, last_version(self.private, contract.id)),
            self.uid_for(contract.id) if self.uid_for else None,
            private=self.private,
            on_progress=lambda step, done, total: self.on_progress(contract.id, step, done, total),
            on_report=reports.append,
        )
        note_basis(self.private, made, basis)
        with records.write() as writer:
            # the build took its time: what was granted then may be cut or changed now
            present, described = _described(writer, contract.id)
            still_wanted = (
                present is not None and should_be_readable(present, now) and basis_of(present, described) == basis
            )
            if still_wanted:
                writer.save_publication(made, _event_of(made, reports))
        if not still_wanted:
            retire(made)
        elif previous is not None:
            retire(previous)


def _described(reader: Reader, contract_id: str) -> tuple[Contract | None, list[Dataset]]:
    """The contract and those datasets of its scope that are registered, as the records say now."""
    contract = reader.contract(contract_id)
    named = dict.fromkeys(grant.dataset for grant in contract.scope) if contract else {}
    return contract, [dataset for name in named if (dataset := reader.dataset(name)) is not None]


def _is_vouched_for(file: PublishedFile, vouched: dict[str, str]) -> bool:
    expected = vouched.get(file.path.name)
    return file.finished and expected is not None and digest_of(file.path) == expected


def _event_of(made: Publication, reports: list[Report]) -> AuditEvent:
    tables = [asdict(table) for report in reports for table in report]
    body = {"version": made.version, "sha256": made.sha256, "tables": tables}
    return AuditEvent("publication.made", ACTOR, made.contract, "S3-P5", body)


def _record_failure(records: Records, contract: str, error: Exception) -> None:
    """One record per new reason. What the engine said stays in the operator's log: it may quote values."""
    if isinstance(error, Refused):
        code, rule, detail = error.reason.code, error.reason.rule, error.detail
    else:
        _log.error("publication of %s failed", contract, exc_info=error)
        code, rule, detail = "INTERNAL", "S3-P8", {}
    with records.write() as writer:
        if writer.publication_failure(contract) != code:
            event = AuditEvent("publication.failed", ACTOR, contract, rule, {"code": code, **detail})
            writer.fail_publication(contract, code, event)
