"""The way of a query, in nine steps. Notebook, BI client, REST and command line all take it; nothing skips one.

(1) who → (2) analyse → (3) decide → (4) record → (5) rewrite → (6) verify → (7) run → (8) deliver → (9) close.
Contracts that ask for memory or dominance are weighed between (6) and (7), see `admission`.
A step that cannot be done is a refusal. Anything not understood is a refusal.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Catalogue
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door, digest_of
from access_broker.sql.rewrite import Statement
from access_broker.sql.verify import check
from access_broker.use_cases.admission import Admission, asks_for_it
from access_broker.use_cases.alarm import alarm_event
from access_broker.use_cases.asked import Asked, Login, text_of, told_use
from access_broker.use_cases.compiled import Compiler, Question
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.delivery import Delivery
from access_broker.use_cases.even_time import EvenTime
from access_broker.use_cases.failing import Failing
from access_broker.use_cases.gate_ports import Budget, DataEngine, Ledger, ShouldStop, Worker
from access_broker.use_cases.known import Memory
from access_broker.use_cases.left_today import day_of
from access_broker.use_cases.noising import Noising, asks_for_noise
from access_broker.use_cases.ports import AuditLog, Clock, PolicyEngine, Records
from access_broker.use_cases.query_facts import query_facts
from access_broker.use_cases.refusing import detail_of
from access_broker.use_cases.running import Running
from access_broker.use_cases.settling import Settling
from access_broker.use_cases.verdicts import decision_from

log = logging.getLogger("amanat.query")
_REFUSED, _EXPLAINED = "query.refused", "query.explained"


class QueryGate:
    """The gateway's inside. Every method may raise Refused or Unavailable; calls come from many threads."""

    def __init__(
        self,
        records: Records,
        policy: PolicyEngine,
        engine: DataEngine,
        audit: AuditLog,
        budget: Budget,
        ledger: Ledger,
        noising: Noising,
        clock: Clock,
    ) -> None:
        self._policy, self._engine = policy, engine
        self._audit, self._budget, self._clock = audit, budget, clock
        self._compiler, self._memory = Compiler(), Memory(records)
        self._admission, self._noising, self._settling = Admission(ledger, audit.post), noising, Settling()
        self.running = Running()

    # --- the five things a client can ask -----------------------------------------------------------------------

    def login(self, token: str | None, peer: str, door_hint: Door) -> Login:
        """(1) Token → person, door, contract, generation; the policy's `login` decision must allow."""
        now = self._clock()
        known = self._memory.of(digest_of(token or ""), now)
        if not token:
            raise Refused("NO_TOKEN")
        shown = known.visitor.admitted(now, door_hint, peer)
        if shown.contract is None:
            raise Refused("WRONG_DOOR", "S3-P8")
        require(ask(self._policy, "login", known.login_facts(shown, door_hint, now)).reasons)
        return Login(shown, door_hint, known.visitor.person.language if known.visitor.person else "en")

    def catalogue(self, login: Login) -> Catalogue:
        return self._memory.of(login.token.digest, self._clock()).published().catalogue

    def describe(self, login: Login, sql: str, parameters: tuple[Any, ...] | None) -> Any:
        """The answer's Arrow schema; nothing is run, a refusal is recorded."""
        asked = self._decide(login, sql, parameters)
        told = self._compiler.schema(asked.question, asked.decision.obligations)
        if told is not None:
            return told
        with self._alarmed(asked), self._worker(asked) as worker:
            statement = self._verified(asked, worker)
            try:
                answer = worker.run(f"SELECT * FROM ({statement.sql}) LIMIT 0")
            except Refused as refused:
                raise (self._failing(asked).told(refused) if statement.guarded else refused) from refused
            statement.schema = Delivery.schema_of(answer, statement)
        return statement.schema

    def explain(self, login: Login, sql: str, parameters: tuple[Any, ...] | None) -> dict[str, Any]:
        """What would happen and why; runs nothing. Recorded as what it is, so that asking first is no refusal."""
        try:
            asked = self._decide(login, sql, parameters, _EXPLAINED)
            with self._alarmed(asked), self._worker(asked) as worker:
                statement = self._verified(asked, worker)
            self._noising.check(asked.question.publication, asked.decision.obligations, asked.contract.terms, statement)
        except Refused as refused:
            reason = refused.reason
            return {
                "verdict": "refuse",
                "code": reason.code,
                "rule": reason.rule,
                "detail": refused.detail,
                "uses": [told_use(u) for u in refused.uses],
                "obligations": [],
            }
        self._audit.record(asked.event(_EXPLAINED))
        obligations = asked.told
        for one in obligations:
            if one["kind"] == "epsilon":
                one["left"] = self._noising.left(login.contract, asked.decision.obligations)
        uses = [told_use(u) for u in asked.decision.uses]
        return {"verdict": "allow", "code": None, "rule": None, "uses": uses, "obligations": obligations}

    def run(
        self, login: Login, sql: str, parameters: tuple[Any, ...] | None, is_cancelled: Callable[[], bool]
    ) -> Delivery:
        """Steps 2 to 9. The answer streams; closing it closes the record."""
        asked = self._decide(login, sql, parameters)
        terms = asked.contract.terms
        self._budget.spend(login.contract, day_of(self._clock()), terms.daily_queries)
        position = self._audit.record(asked.event("query.allowed"))  # (4)
        stack = ExitStack()
        stack.callback(self.running.begin(login.contract))
        delivery = Delivery(
            standing=lambda: self._why_not(login),
            close_record=lambda body: self._audit.post(
                AuditEvent("query.closed", login.person, login.contract, "S3-P5", {"query": position, **body})
            ),
            max_rows=asked.decision.obligations.max_rows,
            spend_rows=partial(self._spend_rows, asked.contract),
            even_time=EvenTime(terms.answer_ms),
            failing=self._failing(asked),
            resources=stack,
        )
        try:
            worker = stack.enter_context(self._worker(asked))
            with self._alarmed(asked):
                statement = self._verified(asked, worker)  # (5) (6)
                delivery.guarded = statement.guarded
                statement = self._weighed(asked, statement, worker, is_cancelled)
                answer = self._settling.run(worker, asked.question.publication, statement, is_cancelled)  # (7)
            delivery.start(answer, statement)
        except BaseException as error:
            raise delivery.failed(error) from error
        return delivery  # (8) (9)

    # --- the steps ----------------------------------------------------------------------------------------------

    def _decide(self, login: Login, sql: str, parameters: tuple[Any, ...] | None, refused_as: str = _REFUSED) -> Asked:
        """(2) (3), and (4) for a refusal."""
        now = self._clock()
        known = self._memory.of(login.token.digest, now)
        contract, publication = known.lent(), known.published()
        question = Question(sql, parameters, publication, now.date())
        try:
            footprint = self._compiler.footprint(question)  # (2)
        except Refused as refused:
            self._record_refusal(login, sql, refused, refused_as)
            raise
        spent = self._budget.spent(contract.id, day_of(now))
        document = self._policy.decide(
            "access",
            query_facts(known.login_facts(login.token, login.door, now), footprint, publication.catalogue, spent),
        )  # (3)
        decision = decision_from(document, {s.id: s.table for s in footprint.sources})
        if not decision.allowed:
            detail = detail_of(decision, footprint, publication.catalogue, contract)
            denial = Refused(decision.reasons[0].code, decision.reasons[0].rule, **detail)
            denial.uses = decision.uses
            self._record_refusal(login, sql, denial, refused_as)
            raise denial
        return Asked(login, contract, question, decision, footprint)

    def _worker(self, asked: Asked) -> AbstractContextManager[Worker]:
        login, contract = asked.login, asked.contract
        return self._engine.get(login.person, contract.id, contract.generation, asked.question.publication)

    def _verified(self, asked: Asked, worker: Worker) -> Statement:
        """(5) rewrite, (6) verify on the worker's own bound plan."""
        statement, known = self._compiler.statement(asked.question, asked.decision.obligations)
        if known:
            return statement
        try:
            check(worker.plan(statement.sql), statement)
        except Refused as refused:
            self._record_refusal(asked.login, asked.question.text, refused)
            raise
        self._compiler.verified(asked.question, asked.decision.obligations, statement)
        return statement

    def _weighed(self, asked: Asked, statement: Statement, worker: Worker, is_cancelled: ShouldStop) -> Statement:
        """What of it may be told beside what was told before, or with noise; durably remembered then."""
        obligations, publication = asked.decision.obligations, asked.question.publication
        key = asked.question.key, obligations
        if asks_for_noise(obligations, statement):
            terms = asked.contract.terms
            return self._noising.noised(key, publication, obligations, terms, statement, worker, is_cancelled)
        if not asks_for_it(obligations, statement):
            return statement
        return self._admission.admit(key, publication, obligations, statement, worker, is_cancelled)

    def _failing(self, asked: Asked) -> Failing:
        return Failing(self._budget, self._audit, asked, day_of(self._clock()))

    def _spend_rows(self, contract: Contract, rows: int) -> None:
        if contract.terms.daily_rows is not None:
            self._budget.spend_rows(contract.id, day_of(self._clock()), rows, contract.terms.daily_rows)

    @contextmanager
    def _alarmed(self, asked: Asked) -> Iterator[None]:
        """A plan of ours that differs from what was decided is our bug or an attack: an operator wants to know."""
        try:
            yield
        except Refused as refused:
            alarm = alarm_event(asked.login.person, asked.contract.id, asked.question.text, refused)
            if alarm is not None:
                log.error("plan differs from decision: %s", refused.__cause__)
                self._audit.record(alarm)
            raise

    def _why_not(self, login: Login) -> tuple[str, str] | None:
        """The reason that ends this login now, as the records say at this moment."""
        now = self._clock()
        return self._memory.of(login.token.digest, now).visitor.why_ended(login.token.generation, now)

    def _record_refusal(self, login: Login, sql: str, refused: Refused, kind: str = _REFUSED) -> None:
        body = text_of(sql) | {"code": refused.reason.code, "uses": [told_use(u) for u in refused.uses]}
        self._audit.record(AuditEvent(kind, login.person, login.contract, refused.reason.rule, body))
