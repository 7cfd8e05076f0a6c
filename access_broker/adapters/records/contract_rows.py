"""Contracts as rows: parties, people, scope, signatures, approvals, consents, guarantees, acknowledgements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Table, bindparam, delete, select

from access_broker.adapters.records import tables as t
from access_broker.adapters.records.leaves import mask_from, terms_document, terms_from
from access_broker.adapters.records.transaction import Children, Transaction, load
from access_broker.domain.clauses import ContractClause
from access_broker.domain.contracts import (
    Approval,
    ColumnGrant,
    Consent,
    Contract,
    ContractState,
    Guarantee,
    Signature,
    Standing,
    TableGrant,
)
from access_broker.domain.decisions import Refused

_FINAL = {ContractState.CUT: "F-13", ContractState.ENDED: "D-2"}
_STANDINGS = select(*(t.contracts.c[name] for name in ("id", "state", "generation", "starts_at", "ends_at")))
_STANDING = _STANDINGS.where(t.contracts.c.id == bindparam("key"))


def load_contracts(tx: Transaction, id: str | None = None) -> list[Contract]:
    children = Children(tx, "contract", id)
    people, acknowledged = children(t.contract_people), children(t.contract_acknowledgements)
    tables, columns = children(t.contract_tables), children(t.contract_columns, "dataset", "table_id")
    signatures, approvals = children(t.contract_signatures), children(t.contract_approvals)
    clauses = children(t.contract_clauses)
    guarantees, consents = children(t.contract_guarantees), children(t.contract_consents)
    return [
        Contract(
            **{**row._mapping, "terms": terms_from(row.terms)},
            people=tuple(p.person for p in people.get(row.id, ())),
            scope=tuple(_table(g, columns.get((row.id, g.dataset, g.table_id), [])) for g in tables.get(row.id, ())),
            signatures=tuple(Signature(s.signatory, s.person, s.at, s.digest) for s in signatures.get(row.id, ())),
            approvals=tuple(
                Approval(a.committee, a.person, a.decision, a.at, a.digest) for a in approvals.get(row.id, ())
            ),
            consents=tuple(Consent(c.dataset, c.person, c.at, c.digest) for c in consents.get(row.id, ())),
            guarantees=tuple(Guarantee(g.kind, g.expires_at) for g in guarantees.get(row.id, ())),
            acknowledged=tuple(a.person for a in acknowledged.get(row.id, ())),
            clauses=tuple(ContractClause(c.kind, c.text_en, c.text_fa) for c in clauses.get(row.id, ())),
        )
        for row in load(tx, t.contracts, "id", id)
    ]


def _table(row: Row[Any], columns: list[Row[Any]]) -> TableGrant:
    return TableGrant(row.dataset, row.table_id, tuple(_column(c) for c in columns), row.row_filter)


def _column(row: Row[Any]) -> ColumnGrant:
    return ColumnGrant(row.column_id, row.mode, mask_from(row.mask_template, row.mask_arguments))


def load_contracts_of(tx: Transaction, person: str) -> list[Contract]:
    """Those that name the person."""
    named = sorted(row.contract for row in load(tx, t.contract_people, "person", person))
    return [contract for id in named for contract in load_contracts(tx, id)]


def load_standing(tx: Transaction, id: str) -> Standing | None:
    return next((_standing(row) for row in tx.rows(_STANDING, {"key": id})), None)


def load_standings(tx: Transaction) -> dict[str, Standing]:
    return {row.id: _standing(row) for row in tx.rows(_STANDINGS)}


def _standing(row: Row[Any]) -> Standing:
    return Standing(row.state, row.generation, row.starts_at, row.ends_at)


def save_contract(tx: Transaction, contract: Contract) -> None:
    """Refused CONFLICT for a generation lower than the stored one, STATE_FORBIDS for leaving a final state.

    The use-cases see to both; here they hold against a replayed request and a process that slept through a cut.
    """
    for stored in load(tx, t.contracts, "id", contract.id):
        if stored.state in _FINAL and contract.state is not stored.state:
            raise Refused("STATE_FORBIDS", _FINAL[stored.state], contract=contract.id)
        if contract.generation < stored.generation:
            raise Refused("CONFLICT", contract=contract.id)
    row = {column.name: getattr(contract, column.name) for column in t.contracts.columns}
    tx.upsert(t.contracts, {**row, "terms": terms_document(contract.terms)})
    _save_scope(tx, contract)
    _save_parts(tx, contract)


def _save_scope(tx: Transaction, contract: Contract) -> None:
    tx.run(delete(t.contract_columns).where(t.contract_columns.c.contract == contract.id))
    tables = [{"dataset": g.dataset, "table_id": g.table, "row_filter": g.row_filter} for g in contract.scope]
    columns = [
        {"dataset": grant.dataset, "table_id": grant.table, "position": position, **_column_row(column)}
        for grant in contract.scope
        for position, column in enumerate(grant.columns)
    ]
    tx.replace(t.contract_tables, "contract", contract.id, _numbered(tables))
    tx.replace(t.contract_columns, "contract", contract.id, columns)


def _column_row(column: ColumnGrant) -> dict[str, Any]:
    return {
        "column_id": column.column,
        "mode": column.mode,
        "mask_template": column.mask.template if column.mask else None,
        "mask_arguments": [list(pair) for pair in column.mask.arguments] if column.mask else None,
    }


def _save_parts(tx: Transaction, contract: Contract) -> None:
    parts: tuple[tuple[Table, Sequence[dict[str, Any]]], ...] = (
        (t.contract_people, [{"person": person} for person in contract.people]),
        (t.contract_clauses, [vars(clause) for clause in contract.clauses]),
        (t.contract_acknowledgements, [{"person": person} for person in contract.acknowledged]),
        (t.contract_signatures, [vars(signature) for signature in contract.signatures]),
        (t.contract_approvals, [vars(approval) for approval in contract.approvals]),
        (t.contract_consents, [vars(consent) for consent in contract.consents]),
        (t.contract_guarantees, [vars(guarantee) for guarantee in contract.guarantees]),
    )
    for table, rows in parts:
        tx.replace(table, "contract", contract.id, _numbered(rows))


def _numbered(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"position": position, **row} for position, row in enumerate(rows)]
