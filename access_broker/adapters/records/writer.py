"""A transaction that changes the records. A change cannot be made without the event that tells of it."""

from __future__ import annotations

from access_broker.adapters.records import contract_rows, dataset_rows, journal_rows, people_rows
from access_broker.adapters.records.chain import Chain, Entry
from access_broker.adapters.records.filed import save_filed
from access_broker.adapters.records.reader import SqlReader
from access_broker.adapters.records.transaction import Transaction
from access_broker.domain.acts import CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract
from access_broker.domain.datasets import Dataset
from access_broker.domain.filed import Filed
from access_broker.domain.people import Organisation, Person, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Token
from access_broker.use_cases.ports import Clock


class SqlWriter(SqlReader):
    """Implements `Writer`. Refused CONFLICT or INVALID for a value that the tables cannot hold."""

    def __init__(self, tx: Transaction, chain: Chain, clock: Clock) -> None:
        super().__init__(tx)
        self._chain = chain
        self._clock = clock

    def save_organisation(self, organisation: Organisation, event: AuditEvent) -> None:
        people_rows.save_organisation(self._tx, organisation)
        self.record(event)

    def save_person(self, person: Person, event: AuditEvent) -> None:
        people_rows.save_person(self._tx, person)
        self.record(event)

    def save_password(self, person: str, password_hash: str, event: AuditEvent) -> None:
        people_rows.save_password(self._tx, person, password_hash)
        self.record(event)

    def save_seat(self, seat: Seat, event: AuditEvent) -> None:
        people_rows.save_seat(self._tx, seat)
        self.record(event)

    def save_dataset(self, dataset: Dataset, event: AuditEvent) -> None:
        dataset_rows.save_dataset(self._tx, dataset)
        self.record(event)

    def save_problem(self, problem: Problem, event: AuditEvent) -> None:
        dataset_rows.save_problem(self._tx, problem)
        self.record(event)

    def save_contract(self, contract: Contract, event: AuditEvent) -> None:
        """Refused CONFLICT for a lower generation than the stored one, STATE_FORBIDS for leaving cut or ended."""
        contract_rows.save_contract(self._tx, contract)
        self.record(event)

    def save_warning(self, warning: WarningNotice, event: AuditEvent) -> None:
        journal_rows.save_warning(self._tx, warning)
        self.record(event)

    def save_act(self, act: CommitteeAct, event: AuditEvent) -> None:
        journal_rows.save_act(self._tx, act)
        self.record(event)

    def file(self, thing: Filed, event: AuditEvent) -> None:
        save_filed(self._tx, thing)
        self.record(event)

    def save_publication(self, publication: Publication, event: AuditEvent) -> None:
        """Refused STATE_FORBIDS when the contract was cut or ended meanwhile, CONFLICT for an older version."""
        journal_rows.save_publication(self._tx, publication)
        self.record(event)

    def drop_publication(self, contract: str, event: AuditEvent) -> None:
        journal_rows.drop_publication(self._tx, contract)
        self.record(event)

    def fail_publication(self, contract: str, message: str, event: AuditEvent) -> None:
        journal_rows.fail_publication(self._tx, contract, message)
        self.record(event)

    def save_token(self, token: Token, event: AuditEvent) -> None:
        """Refused CONFLICT for making a revoked token good again."""
        journal_rows.save_token(self._tx, token)
        self.record(event)

    def revoke_tokens(self, contract: str, event: AuditEvent) -> int:
        revoked = journal_rows.revoke_tokens(self._tx, contract)
        self.record(event)
        return revoked

    def revoke_tokens_of(self, person: str, event: AuditEvent) -> int:
        revoked = journal_rows.revoke_tokens_of(self._tx, person)
        self.record(event)
        return revoked

    def revoke_token(self, digest: str, event: AuditEvent) -> int:
        revoked = journal_rows.revoke_token(self._tx, digest)
        self.record(event)
        return revoked

    def save_sandbox(self, sandbox: Sandbox, event: AuditEvent) -> None:
        """Refused CONFLICT for a place that another unfinished one has, and for bringing an ended one back."""
        journal_rows.save_sandbox(self._tx, sandbox)
        self.record(event)

    def record(self, event: AuditEvent) -> int:
        return self._chain.append([Entry.of(event)], self._clock())[0]
