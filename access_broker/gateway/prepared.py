"""Prepared statements: what every ADBC and JDBC client does with every statement."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pyarrow as pa

from access_broker.domain.decisions import Refused
from access_broker.gateway.calls import Call
from access_broker.gateway.handles import PREPARED_SECONDS, Handles, Statement
from access_broker.gateway.messages import make, wrap
from access_broker.gateway.service import Parameters
from access_broker.gateway.sql_info import check_transaction
from access_broker.gateway.statements import Statements, check_size
from access_broker.use_cases.ports import Unavailable


class PreparedStatements:
    """Prepare, bind one row of parameters, announce, close. The statement is decided anew whenever it is run."""

    def __init__(self, statements: Statements, handles: Handles) -> None:
        self._statements = statements
        self._handles = handles

    def create(self, call: Call, request: Any) -> bytes:
        """A handle and, for a statement without parameters, the schema of its answer."""
        check_transaction(request)
        if "?" in request.query or "$" in request.query:
            # With a parameter missing there is nothing to decide yet, and a refusal for it would stand in the audit.
            # One that is part of a literal costs no more than a schema that comes one request later.
            check_size(request.query, None)
            statement = Statement(request.query)
        else:
            statement = self._statements.described(call, request.query)
        statement.seconds = PREPARED_SECONDS
        handle = self._handles.keep(call.owner, statement)
        # An old JDBC driver takes a missing schema for an update; `is_update` tells the others.
        result = make("ActionCreatePreparedStatementResult", prepared_statement_handle=handle, is_update=False)
        if statement.schema is not None:
            result.dataset_schema = statement.schema.serialize().to_pybytes()
        return wrap(result)

    def bind(self, call: Call, message: Any, reader: Any, writer: Any) -> None:
        """Take one row of parameters from the client's stream."""
        statement = self._handles.find(call.owner, message.prepared_statement_handle)
        parameters = _one_row(reader)
        check_size(statement.sql, parameters)
        statement.parameters, statement.schema = parameters, None
        handle = message.prepared_statement_handle
        result = make("DoPutPreparedStatementResult", prepared_statement_handle=handle)
        writer.write(pa.py_buffer(result.SerializeToString()))

    def info(self, call: Call, message: Any, descriptor: Any) -> Any:
        """FlightInfo with a ticket for the statement as it is bound now; binding it anew leaves the ticket alone."""
        return self._statements.ticket_for(call, self._snapshot(call, message), descriptor)

    def schema(self, call: Call, message: Any) -> Any:
        """Schema of the answer with the parameters bound."""
        return self._snapshot(call, message).schema

    def close(self, call: Call, request: Any) -> None:
        """Forget the statement. Never refused: who was cut while reading can still leave in good order."""
        with suppress(Refused, Unavailable):
            self._handles.forget(call.owner, request.prepared_statement_handle)

    def _snapshot(self, call: Call, message: Any) -> Statement:
        prepared = self._handles.find(call.owner, message.prepared_statement_handle)
        sql, parameters, schema = prepared.sql, prepared.parameters, prepared.schema
        if schema is None:
            schema = self._statements.described(call, sql, parameters).schema
        return Statement(sql, parameters, schema)


def _one_row(reader: Any) -> Parameters:
    """The values of the only row in a stream of record batches. Raises Refused BAD_PARAMETERS for anything else."""
    row: Parameters | None = None
    try:
        for chunk in reader:
            if chunk.data is None or chunk.data.num_rows == 0:
                continue
            if row is not None or chunk.data.num_rows > 1:
                raise Refused("BAD_PARAMETERS", rows="many")
            row = tuple(_value(column) for column in chunk.data.columns)
    except (pa.ArrowException, ValueError, OverflowError):
        raise Refused("BAD_PARAMETERS") from None
    if row is None:
        raise Refused("BAD_PARAMETERS")
    return row


def _value(column: Any) -> Any:
    """One scalar as a Python value. Nested and binary values have no place in a statement."""
    arrow = column.type
    if pa.types.is_timestamp(arrow):
        column = column.cast(pa.timestamp("us", arrow.tz))  # nanoseconds would come as a pandas object, if at all
    elif not (
        pa.types.is_null(arrow)
        or pa.types.is_boolean(arrow)
        or pa.types.is_integer(arrow)
        or pa.types.is_floating(arrow)
        or pa.types.is_decimal(arrow)
        or pa.types.is_date(arrow)
        or pa.types.is_time(arrow)
        or pa.types.is_string(arrow)
        or pa.types.is_large_string(arrow)
        or pa.types.is_string_view(arrow)
    ):
        raise Refused("BAD_PARAMETERS", type=str(arrow))
    return column[0].as_py()
