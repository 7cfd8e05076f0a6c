"""Between verifying and running, for contracts that ask for it: what the answer would tell, beside all told before.

A group or cell that too few people dominate, or that with earlier answers would tell of too few, is withheld; an
answer without groups is refused. What remains is in the ledger, durably, before anything of it runs.

A refusal says that there was something to hide, and is therefore an answer of its own kind (docs/disclosure.md).
"""

from __future__ import annotations

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from threading import Lock
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Differencing
from access_broker.domain.decisions import Obligations, Refused
from access_broker.sql.statement import Statement
from access_broker.use_cases import ledger as memory_of
from access_broker.use_cases.gate_ports import Ledger, ShouldStop, Worker
from access_broker.use_cases.in_time import turn
from access_broker.use_cases.ledger import Kind, MemoryFull
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.weighing import Memory, Weighing

log = logging.getLogger("amanat.query")

GATEWAY = "gateway"
"""Who records that a ledger is nearly full."""

_KEEP = 256
_NESTED = 200  # the latest answers, which are looked through for figures in each other after a restart


def asks_for_it(obligations: Obligations, statement: Statement) -> bool:
    remembers = obligations.differencing != Differencing.OFF
    return statement.guarded and (remembers or obligations.dominance is not None)


class Admission:
    """Thread-safe; statements of one contract wait for each other here, so that no two slip past one another."""

    def __init__(self, ledger: Ledger, record: Callable[[AuditEvent], None]) -> None:
        """`record`: where the operator is told that a ledger is nearly full."""
        self._ledger, self._record = ledger, record
        self._lock = Lock()
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._memories: dict[str, Memory] = {}
        self._admitted: OrderedDict[Any, Statement] = OrderedDict()

    def admit(
        self,
        key: Any,
        publication: Publication,
        obligations: Obligations,
        statement: Statement,
        worker: Worker,
        should_stop: ShouldStop,
    ) -> Statement:
        """The statement to run instead: all of it, or without what is withheld. `key`: what it follows from.

        Raises Refused BELOW_K (whose `why` is DIFFERENCING or DOMINATED), NOT_SUPPORTED, RESOURCE_LIMIT,
        TOO_SLOW or LEDGER_FULL, and Unavailable("LEDGER_UNAVAILABLE").
        """
        with self._lock:
            lock = self._locks[publication.contract]
            known = self._admitted.get(key)
        if known is not None:  # told before: it tells nothing new now
            return known
        if any(select.correlated for select in statement.audits):
            raise Refused("NOT_SUPPORTED", name="SUBQUERY")
        with turn(lock, worker):
            memory = self._memory(publication.contract) if obligations.differencing != Differencing.OFF else None
            one = Weighing(publication, obligations, worker, should_stop, memory)
            admitted = one.admitted(statement)
            self._keep(publication, one)
        with self._lock:
            self._admitted[key] = admitted
            while len(self._admitted) > _KEEP:
                self._admitted.popitem(last=False)
        return admitted

    def _memory(self, contract: str) -> Memory:
        """Read once, then kept: this process alone writes it."""
        found = self._memories.get(contract)
        if found is None:
            found, told = {}, self._ledger.told(contract)
            try:
                for place, (domain, kind, one) in enumerate(told):
                    found.setdefault((domain, kind), Kind()).restore(one, nest=place >= len(told) - _NESTED)
            except (MemoryFull, IndexError, ValueError) as error:  # not what was written there
                raise Unavailable("LEDGER_UNAVAILABLE", f"cannot be read again: {error!r}") from error
            self._memories[contract] = found
        return found

    def _keep(self, publication: Publication, one: Weighing) -> None:
        if not one.told:
            return
        try:
            self._ledger.keep(publication.contract, publication.version, one.told)
        except BaseException:
            one.forget()
            raise
        for kind, figures in one.filled():
            log.warning("the ledger of contract %s is nearly full: %s", publication.contract, kind)
            body = {"kind": kind, "figures": figures, "most": memory_of.MAX_VECTORS}
            self._record(AuditEvent("ledger.nearly_full", GATEWAY, publication.contract, "S3-P5", body))
