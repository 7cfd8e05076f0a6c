"""What the gate knows of a token, its contract and its person, kept as long as the records say nothing was changed.

Every question still reads the records: their stamp. A change of anything but the records of queries changes the stamp
in its own transaction, so nothing older than the last commit is ever used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door, Token
from access_broker.use_cases.facts import contract_facts, epoch, visitor_facts
from access_broker.use_cases.ports import Reader, Records
from access_broker.use_cases.tokens import Visitor, visitor_of

_MOST = 2000


@dataclass(frozen=True)
class Known:
    """One consistent view of the records. `facts`: those of the contract, without time and visitor."""

    stamp: str
    visitor: Visitor
    contract: Contract | None
    publication: Publication | None
    facts: dict[str, Any]

    def login_facts(self, token: Token, door: Door, now: datetime) -> dict[str, Any]:
        """The facts of policy `login` at `now`."""
        return self.facts | {"now": epoch(now)} | visitor_facts(self.visitor.person, token, door)

    def lent(self) -> Contract:
        """The contract. Raises Refused TOKEN_NOT_VALID when none is on record."""
        if self.contract is None:
            raise Refused("TOKEN_NOT_VALID")
        return self.contract

    def published(self) -> Publication:
        """Raises Refused NOT_PUBLISHED when there is nothing yet."""
        if self.publication is None:
            raise Refused("NOT_PUBLISHED", "S2-C3")
        return self.publication


class Memory:
    """Thread-safe; bounded by forgetting everything when full, which costs a read and no more."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = Lock()
        self._known: dict[str, Known] = {}

    def of(self, digest: str, now: datetime) -> Known:
        """What the records say now about the token of that digest, known or not."""
        known = self._known.get(digest)
        if known is not None and known.stamp and known.stamp == self._records.stamp():
            return known
        with self._records.read() as reader:
            known = _read(reader, digest, now)
        if known.contract is not None:
            with self._lock:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[digest] = known
        return known


def _read(reader: Reader, digest: str, now: datetime) -> Known:
    stamp, visitor = reader.stamp(), visitor_of(reader, digest)
    contract = reader.contract((visitor.token.contract if visitor.token else None) or "")
    if contract is None:
        return Known(stamp, visitor, None, None, {})
    return Known(stamp, visitor, contract, reader.publication(contract.id), contract_facts(reader, contract, now))
