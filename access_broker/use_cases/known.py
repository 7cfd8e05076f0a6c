"""What the gate knows of a contract and a person, kept as long as the records say that nothing was changed.

Every question still reads the records: the stamp, in the same consistent view as the token. A change of anything but
the records of queries changes the stamp in its own transaction, so nothing older than the last commit is ever used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Person
from access_broker.domain.tokens import Door, Token
from access_broker.use_cases.facts import contract_facts, epoch, visitor_facts
from access_broker.use_cases.ports import Reader

_MOST = 2000


@dataclass(frozen=True)
class Known:
    """`publication` None: nothing is published yet. `facts`: those of the contract, without time and visitor."""

    stamp: str
    contract: Contract
    person: Person | None
    publication: Publication | None
    facts: dict[str, Any]

    def login_facts(self, token: Token, door: Door, now: datetime) -> dict[str, Any]:
        """The facts of policy `login` at `now`."""
        return self.facts | {"now": epoch(now)} | visitor_facts(self.person, token, door)

    def published(self) -> Publication:
        if self.publication is None:
            raise Refused("NOT_PUBLISHED", "S2-C3")
        return self.publication


class Memory:
    """Thread-safe; bounded by forgetting everything when full, which costs a read and no more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[str, str], Known] = {}

    def of(self, reader: Reader, token: Token, now: datetime) -> Known:
        """Raises Refused TOKEN_NOT_VALID when the token's contract is not on record."""
        key, stamp = (token.contract or "", token.person), reader.stamp()
        known = self._known.get(key)
        if known is not None and stamp and known.stamp == stamp:
            return known
        contract = reader.contract(key[0])
        if contract is None:
            raise Refused("TOKEN_NOT_VALID")
        facts = contract_facts(reader, contract, now)
        known = Known(stamp, contract, reader.person(token.person), reader.publication(contract.id), facts)
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = known
        return known
