"""Statements: announced with a ticket, run when the ticket is brought back, explained without running."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight

from access_broker.domain.decisions import Refused
from access_broker.gateway.arrow_types import plain_schema
from access_broker.gateway.calls import Call
from access_broker.gateway.errors import Errors
from access_broker.gateway.handles import Handles, Slots, Statement
from access_broker.gateway.messages import make, unwrap, wrap
from access_broker.gateway.patience import Patience, Taken, Watch
from access_broker.gateway.service import Parameters, QueryService
from access_broker.gateway.sql_info import check_transaction
from access_broker.gateway.stream import AnswerStream

LARGEST_STATEMENT = 20_000
"""Bytes of one statement with its parameters. Beyond it nobody looks at it: parsing alone could take minutes."""

_PLAIN = bool | int | float | str | None
_LARGEST_EXPLAIN = 4 * LARGEST_STATEMENT  # as JSON, where a letter may be spelt in six


class Statements:
    """Ad-hoc statements. `closing` is set when the server stops: streams end, nothing new begins."""

    def __init__(
        self,
        service: QueryService,
        errors: Errors,
        handles: Handles,
        slots: Slots,
        patience: Patience,
        closing: threading.Event,
    ) -> None:
        self._service = service
        self._errors = errors
        self._handles = handles
        self._slots = slots
        self._patience = patience
        self._closing = closing

    def info(self, call: Call, message: Any, descriptor: Any) -> Any:
        """FlightInfo of a CommandStatementQuery: decided and bound, not run."""
        check_transaction(message)
        return self.ticket_for(call, self.described(call, message.query), descriptor)

    def schema(self, call: Call, message: Any) -> Any:
        """Schema of the answer to a CommandStatementQuery."""
        check_transaction(message)
        return self.described(call, message.query).schema

    def described(self, call: Call, sql: str, parameters: Parameters | None = None) -> Statement:
        """The statement with the schema of its answer. Raises whatever the decision is, if it is no."""
        owner = call.owner
        check_size(sql, parameters)
        with self._slots.take(owner):
            schema = self._service.describe(call.login, sql, parameters)
        return Statement(sql, parameters, plain_schema(schema))

    def ticket_for(self, call: Call, statement: Statement, descriptor: Any) -> Any:
        """FlightInfo with one ticket, good for its owner only and for a few minutes."""
        handle = self._handles.keep(call.owner, statement)
        ticket = flight.Ticket(wrap(make("TicketStatementQuery", statement_handle=handle)))
        # No location: the client comes back over the connection it has.
        return flight.FlightInfo(statement.schema, descriptor, [flight.FlightEndpoint(ticket, [])], -1, -1)

    def open(self, call: Call, context: Any, message: Any) -> Any:
        """The stream behind a TicketStatementQuery. What is taken here is given back when the stream ends."""
        statement = self._handles.find(call.owner, message.statement_handle)
        if self._closing.is_set():
            raise Refused("BUSY")
        with ExitStack() as undo:
            slot = undo.enter_context(self._slots.take(call.owner))
            watch = Watch(context, statement.cancelled, self._closing)
            undo.callback(watch.end)
            if watch():
                raise Refused("CANCELLED")
            answer = self._service.run(call.login, statement.sql, statement.parameters, watch)
            undo.callback(answer.close)
            schema = plain_schema(answer.schema)
            if not schema.equals(statement.schema):
                raise Refused("CONFLICT")  # published anew in between; the client holds the old schema
            taken = Taken(answer, watch, slot)
            stream = AnswerStream(answer, schema, taken, watch, self._errors, call.language)
            undo.pop_all()
        self._patience.watch_over(taken)
        return flight.GeneratorStream(schema, stream)

    def cancel(self, call: Call, info: bytes) -> None:
        """Cancel what runs under the tickets of a serialised FlightInfo. Raises Refused for another's."""
        owner = call.owner
        try:
            tickets = [e.ticket.ticket for e in flight.FlightInfo.deserialize(info).endpoints]
        except (pa.ArrowException, ValueError):
            raise Refused("INVALID") from None
        for ticket in tickets:
            name, message = unwrap(ticket)
            if name == "TicketStatementQuery":
                self._handles.find(owner, message.statement_handle).cancelled.set()

    def explain(self, call: Call, body: bytes) -> bytes:
        """`{"sql": …, "parameters": […]|null}` → the service's explanation, both as UTF-8 JSON."""
        login = call.login
        sql, parameters = _read_explain(body)
        check_size(sql, parameters)
        with self._slots.take(call.owner):
            explanation = self._service.explain(login, sql, parameters)
        return json.dumps(explanation, ensure_ascii=False).encode()


def check_size(sql: str, parameters: Parameters | None) -> None:
    """Raises Refused TOO_COMPLEX for a statement too large to be looked at."""
    size = sum(len(str(part).encode()) for part in (sql, *(parameters or ())))
    if size > LARGEST_STATEMENT:
        raise Refused("TOO_COMPLEX", bytes=size, limit=LARGEST_STATEMENT)


def _read_explain(body: bytes) -> tuple[str, Parameters | None]:
    if len(body) > _LARGEST_EXPLAIN:
        raise Refused("TOO_COMPLEX", bytes=len(body), limit=_LARGEST_EXPLAIN)
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("INVALID") from None
    if not isinstance(request, dict) or not isinstance(request.get("sql"), str):
        raise Refused("INVALID")
    sql, parameters = request["sql"], request.get("parameters")
    if not isinstance(parameters, list | None) or not all(isinstance(p, _PLAIN) for p in parameters or ()):
        raise Refused("BAD_PARAMETERS")
    if not all(_is_text(part) for part in (sql, *(parameters or ()))):
        raise Refused("BAD_TEXT")
    return sql, None if parameters is None else tuple(parameters)


def _is_text(part: Any) -> bool:
    """JSON can spell half a letter (`"\\ud800"`), which is text nowhere else."""
    return not isinstance(part, str) or not any("\ud800" <= letter <= "\udfff" for letter in part)
