"""The door: Arrow Flight SQL in, Arrow out. Each request is logged in, read, and handed to who answers it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight

from access_broker.domain.decisions import Refused
from access_broker.gateway import sql_info, type_info
from access_broker.gateway.actions import ACTIONS, Actions
from access_broker.gateway.calls import Call, HeaderReader, open_call
from access_broker.gateway.errors import Errors, hide_tracebacks
from access_broker.gateway.handles import Shared
from access_broker.gateway.hang_up import hang_up
from access_broker.gateway.messages import unwrap
from access_broker.gateway.metadata import COMMANDS, metadata_schema, metadata_table
from access_broker.gateway.patience import PATIENCE_SECONDS, Patience
from access_broker.gateway.prepared import PreparedStatements
from access_broker.gateway.service import Describe, QueryService
from access_broker.gateway.statements import LARGEST_STATEMENT, Statements
from access_broker.gateway.stream import slices

_LARGEST_COMMAND = 1 << 16
_UPDATES = frozenset({"CommandStatementUpdate", "CommandPreparedStatementUpdate", "CommandStatementIngest"})


class FlightSqlServer(flight.FlightServerBase):  # type: ignore[misc]  # pyarrow is not typed
    """Serves `service` at `location` (`grpc://127.0.0.1:0` takes a free port, then in `port`) from construction on.

    `shared`: how many statements may run at once, in all and for one person and contract (the next is refused BUSY),
    and what is remembered between requests; the same for every door of a gateway. A reader who leaves a message untaken
    for `patience` seconds is not waited for. Raises pyarrow.ArrowException when the port is taken.
    """

    def __init__(
        self,
        location: str,
        service: QueryService,
        describe: Describe,
        shared: Shared | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._service = service
        self._errors = Errors(describe)
        self._closing = threading.Event()
        shared = shared or Shared()
        handles, slots = shared.handles, shared.slots
        self._patience = Patience(patience)
        self._statements = Statements(service, self._errors, handles, slots, self._patience, self._closing)
        self._prepared = PreparedStatements(self._statements, handles)
        self._actions = Actions(self._statements, self._prepared)
        self._sql_info = sql_info.SqlInfo(LARGEST_STATEMENT, slots.total)
        super().__init__(location, middleware=HeaderReader(self._errors).middleware())
        self._patience.start()

    def stop(self, seconds: float = 2.0) -> bool:
        """End every stream at its next batch, refuse new ones, and wait for the requests under way.

        Clients that are still there after `seconds` are hung up on. False when even that did not end all requests
        within as long again: a service that does not come back.
        """
        self._closing.set()
        self._patience.stop()
        port = self.port
        waiting = threading.Thread(target=self.shutdown, daemon=True)
        waiting.start()
        waiting.join(seconds)
        if waiting.is_alive():
            hang_up(port)
            waiting.join(seconds)
        return not waiting.is_alive()

    # What Flight calls. Nothing but a FlightError may leave these: Arrow would send anything else with its traceback.

    def get_flight_info(self, context: Any, descriptor: Any) -> Any:
        with self._request(context) as call:
            name, message = self._command(call, descriptor)
            if name == "CommandStatementQuery":
                return self._statements.info(call, message, descriptor)
            if name == "CommandPreparedStatementQuery":
                return self._prepared.info(call, message, descriptor)
            endpoint = flight.FlightEndpoint(flight.Ticket(descriptor.command), [])
            return flight.FlightInfo(_metadata_schema(name, message), descriptor, [endpoint], -1, -1)

    def get_schema(self, context: Any, descriptor: Any) -> Any:
        try:
            with self._request(context) as call:
                return flight.SchemaResult(self._schema(call, *self._command(call, descriptor)))
        except flight.FlightError as error:
            # Arrow knows no Flight errors here; of what it knows, this is the one clients show as the user's own.
            hide_tracebacks()  # a process that has not done so would send this one's
            raise pa.ArrowInvalid(str(error)) from None

    def do_get(self, context: Any, ticket: Any) -> Any:
        with self._request(context) as call:
            name, message = self._read(call, ticket.ticket)
            if name == "TicketStatementQuery":
                return self._statements.open(call, context, message)
            table = self._metadata_table(call, name, message)
            pieces = [piece for batch in table.to_batches() for piece in slices(batch)]
            return flight.GeneratorStream(table.schema, pieces)

    def do_put(self, context: Any, descriptor: Any, reader: Any, writer: Any) -> None:
        with self._request(context) as call:
            name, message = self._command(call, descriptor)
            if name != "CommandPreparedStatementQuery":
                raise Refused("NOT_SUPPORTED")
            self._prepared.bind(call, message, reader, writer)

    def do_action(self, context: Any, action: Any) -> list[Any]:
        with self._request(context) as call:
            body = action.body.to_pybytes()
            return [flight.Result(pa.py_buffer(r)) for r in self._actions.answer(call, action.type, body)]

    def list_actions(self, context: Any) -> list[Any]:
        with self._request(context) as call:
            call.check_login()
            return [flight.ActionType(name, description) for name, description in ACTIONS.items()]

    def list_flights(self, context: Any, criteria: bytes) -> list[Any]:
        with self._request(context) as call:
            call.check_login()
            return []

    def do_exchange(self, context: Any, descriptor: Any, reader: Any, writer: Any) -> None:
        with self._request(context) as call:
            call.check_login()
            raise Refused("NOT_SUPPORTED")

    @contextmanager
    def _request(self, context: Any) -> Iterator[Call]:
        call = None
        try:
            call = open_call(self._service, context)
            yield call
        except Exception as error:
            raise self._errors.to_flight(error, call.language if call else "en") from None

    def _command(self, call: Call, descriptor: Any) -> tuple[str, Any]:
        is_command = descriptor.descriptor_type == flight.DescriptorType.CMD
        name, message = self._read(call, descriptor.command if is_command else b"")
        if name in _UPDATES:
            raise Refused("NOT_A_QUERY")
        return name, message

    def _read(self, call: Call, body: bytes) -> tuple[str, Any]:
        """The command or ticket in `body`. Whoever is not logged in learns nothing about it, save one public fact."""
        try:
            if len(body) > _LARGEST_COMMAND:
                raise Refused("TOO_COMPLEX", bytes=len(body), limit=_LARGEST_COMMAND)
            name, message = unwrap(body)
        except Refused:
            call.check_login()
            raise
        if name != "CommandGetSqlInfo" or not sql_info.is_public(message.info):
            call.check_login()
        return name, message

    def _schema(self, call: Call, name: str, message: Any) -> Any:
        if name == "CommandStatementQuery":
            return self._statements.schema(call, message)
        if name == "CommandPreparedStatementQuery":
            return self._prepared.schema(call, message)
        return _metadata_schema(name, message)

    def _metadata_table(self, call: Call, name: str, message: Any) -> Any:
        if name == "CommandGetSqlInfo":
            return self._sql_info.table(message.info)
        if name == "CommandGetXdbcTypeInfo":
            return type_info.type_info_table(message)
        if name in COMMANDS:
            return metadata_table(name, message, self._service.catalogue(call.login))
        raise Refused("NOT_SUPPORTED")


def _metadata_schema(name: str, message: Any) -> Any:
    if name == "CommandGetSqlInfo":
        return sql_info.SCHEMA
    if name == "CommandGetXdbcTypeInfo":
        return type_info.SCHEMA
    if name in COMMANDS:
        return metadata_schema(name, message)
    raise Refused("NOT_SUPPORTED")
