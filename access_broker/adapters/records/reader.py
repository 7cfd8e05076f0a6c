"""One consistent view of the records."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from access_broker.adapters.records import audit_rows, contract_rows, dataset_rows, journal_rows, people_rows
from access_broker.adapters.records.chain import record_of, stored_head
from access_broker.adapters.records.filed import load_filed
from access_broker.adapters.records.journal import audit, stamp
from access_broker.adapters.records.transaction import Transaction, rows_of
from access_broker.domain.acts import CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditRecord, AuditSearch
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract, Standing
from access_broker.domain.datasets import Dataset
from access_broker.domain.filed import AnyFiled
from access_broker.domain.people import Organisation, Person, Seat
from access_broker.domain.problems import Problem
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Token


class SqlReader:
    """Implements `Reader`. Lists come in the order of their ids."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def organisation(self, id: str) -> Organisation | None:
        return next(iter(people_rows.load_organisations(self._tx, id)), None)

    def organisations(self) -> list[Organisation]:
        return people_rows.load_organisations(self._tx)

    def person(self, id: str) -> Person | None:
        return next(iter(people_rows.load_people(self._tx, id)), None)

    def people(self) -> list[Person]:
        return people_rows.load_people(self._tx)

    def password_hash(self, person: str) -> str | None:
        return people_rows.load_password(self._tx, person)

    def seats(self) -> list[Seat]:
        return people_rows.load_seats(self._tx)

    def seats_of(self, person: str) -> list[Seat]:
        return people_rows.load_seats(self._tx, person)

    def dataset(self, id: str) -> Dataset | None:
        return next(iter(dataset_rows.load_datasets(self._tx, id)), None)

    def datasets(self) -> list[Dataset]:
        return dataset_rows.load_datasets(self._tx)

    def problem(self, id: str) -> Problem | None:
        return next(iter(dataset_rows.load_problems(self._tx, id)), None)

    def problems(self) -> list[Problem]:
        return dataset_rows.load_problems(self._tx)

    def contract(self, id: str) -> Contract | None:
        return next(iter(contract_rows.load_contracts(self._tx, id)), None)

    def contracts(self) -> list[Contract]:
        return contract_rows.load_contracts(self._tx)

    def contracts_of(self, person: str) -> list[Contract]:
        return contract_rows.load_contracts_of(self._tx, person)

    def standing(self, contract: str) -> Standing | None:
        return contract_rows.load_standing(self._tx, contract)

    def standings(self) -> dict[str, Standing]:
        return contract_rows.load_standings(self._tx)

    def stamp(self) -> str:
        return next((str(row.value) for row in self._tx.rows(rows_of(stamp))), "")

    def filed(self, kind: type[AnyFiled], /, **having: Any) -> list[AnyFiled]:
        return load_filed(self._tx, kind, having)

    def warnings(self, contract: str) -> list[WarningNotice]:
        return journal_rows.load_warnings(self._tx, contract)

    def acts(self, contract: str) -> list[CommitteeAct]:
        return journal_rows.load_acts(self._tx, contract)

    def publication(self, contract: str) -> Publication | None:
        return next(iter(journal_rows.load_publications(self._tx, contract)), None)

    def publications(self) -> list[Publication]:
        return journal_rows.load_publications(self._tx)

    def publication_failure(self, contract: str) -> str | None:
        return journal_rows.load_failure(self._tx, contract)

    def token(self, digest: str) -> Token | None:
        return journal_rows.load_token(self._tx, digest)

    def sandbox(self, id: str) -> Sandbox | None:
        return journal_rows.load_sandbox(self._tx, id)

    def sandboxes(self) -> list[Sandbox]:
        return journal_rows.load_unfinished_sandboxes(self._tx)

    def audit(self, after: int = 0, limit: int = 1000) -> list[AuditRecord]:
        query = select(audit).where(audit.c.position > after).order_by(audit.c.position).limit(limit)
        return [record_of(row) for row in self._tx.rows(query)]

    def search_audit(self, search: AuditSearch, limit: int = 1000) -> list[AuditRecord]:
        return audit_rows.search(self._tx, search, limit)

    def audit_about(self, contract: str, after: int = 0, limit: int = 1000) -> list[AuditRecord]:
        return audit_rows.about(self._tx, contract, after, limit)

    def audit_kinds(self) -> list[str]:
        return audit_rows.kinds(self._tx)

    def acknowledgements(self, contract: str) -> list[AuditRecord]:
        return audit_rows.acknowledgements(self._tx, contract)

    def open_statements(self, last: int) -> list[AuditRecord]:
        return audit_rows.open_statements(self._tx, last)

    def audit_head(self) -> tuple[int, str]:
        head = stored_head(self._tx)
        return head.position, head.hash
