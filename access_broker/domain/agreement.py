"""The frozen text of a contract: what everybody signs, approves and consents to, and its digest (S3-P1).

The text is what was agreed: parties, people, purpose, level, term, scope, disclosure terms, reports. Neither the keys
nor how far the contract has come are part of it. A key holds the digest of the text it was given for and counts for no
other.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeVar

from access_broker.domain.contracts import Approval, Consent, Contract, Signature

Key = TypeVar("Key", Approval, Signature, Consent)


def text_digest(contract: Contract) -> str:
    """SHA-256 of the contract's text, in hexadecimal digits."""
    return sha256(json.dumps(_text(contract), sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def current(contract: Contract, keys: tuple[Key, ...]) -> tuple[Key, ...]:
    """Those of the keys that were given for the present text."""
    digest = text_digest(contract)
    return tuple(key for key in keys if key.digest == digest)


def lost_keys(contract: Contract) -> tuple[str, ...]:
    """What was signed, approved or consented to for an earlier text and is to be given again."""
    digest = text_digest(contract)
    lost = [s.signatory.value for s in contract.signatures if s.digest != digest]
    lost += [a.committee.value for a in contract.approvals if a.digest != digest]
    return tuple(lost + [c.dataset for c in contract.consents if c.digest != digest])


def bound(contract: Contract) -> Contract:
    """The contract with all its keys bound to its own text: for whoever brings the text and its keys as one."""
    digest = text_digest(contract)
    return replace(
        contract,
        signatures=tuple(replace(key, digest=digest) for key in contract.signatures),
        approvals=tuple(replace(key, digest=digest) for key in contract.approvals),
        consents=tuple(replace(key, digest=digest) for key in contract.consents),
    )


def _text(contract: Contract) -> dict[str, Any]:
    return (
        {
            "id": contract.id,
            "problem": contract.problem,
            "executor": contract.executor,
            "owner": contract.owner,
            "type": contract.type.value,
            "purpose": contract.purpose,
            "level": contract.level.value,
            "starts_at": _instant(contract.starts_at),
            "ends_at": _instant(contract.ends_at),
            "people": list(contract.people),
            "report_every_days": contract.report_every_days,
            "legal_access_level_ref": contract.legal_access_level_ref,
            "terms": _said(contract.terms),
            "scope": [
                [grant.dataset, grant.table, grant.row_filter, [_column(column) for column in grant.columns]]
                for grant in contract.scope
            ],
        }
        | _clauses(contract)
        | _market(contract)
    )


def _clauses(contract: Contract) -> dict[str, Any]:
    """Nothing where there are none: a contract of before there were any must stay the text that was signed."""
    told = [[clause.kind.value, clause.text_en, clause.text_fa] for clause in contract.clauses]
    return {"clauses": told} if told else {}


def _market(contract: Contract) -> dict[str, Any]:
    """Nothing but for market access, which is asked for by naming the contract that it follows."""
    return {"follows": contract.follows} if contract.follows is not None else {}


def _column(column: Any) -> list[Any]:
    mask = column.mask
    return [column.column, column.mode.value, *([mask.template, mask.arguments] if mask else [None, None])]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _said(value: Any) -> Any:
    """The fields that differ from their defaults.

    A term that a later version adds, with a default that means what was so before, must not change the text that people
    have signed. Whoever changes a default has to say what becomes of the contracts that rest on it.
    """
    if not is_dataclass(value):
        return value
    told = {field.name: (getattr(value, field.name), field.default) for field in fields(value)}
    return {name: _said(own) for name, (own, default) in told.items() if default is MISSING or own != default}
