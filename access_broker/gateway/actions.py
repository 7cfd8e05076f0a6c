"""The actions of Flight SQL, and the one of our own: what would happen to a statement, and why."""

from __future__ import annotations

from access_broker.domain.decisions import Refused
from access_broker.gateway.calls import Call
from access_broker.gateway.messages import make, read, unwrap_as, wrap
from access_broker.gateway.prepared import PreparedStatements
from access_broker.gateway.sql_info import READ_TRANSACTION, check_transaction
from access_broker.gateway.statements import Statements

EXPLAIN = "amanat.explain"

ACTIONS = {
    "CreatePreparedStatement": "Prepare a statement",
    "ClosePreparedStatement": "Forget a prepared statement",
    "BeginTransaction": "Begin a transaction of reads",
    "EndTransaction": "Commit or roll back: both do nothing",
    "CancelQuery": "Cancel a running statement",
    "CancelFlightInfo": "Cancel a running statement",
    "GetSessionOptions": "Options of the connection: none",
    "CloseSession": "Leave",
    EXPLAIN: "What would happen to a statement and why, as JSON; runs nothing",
}
_DONE = 1  # CANCELLED and CLOSED in the enumerations of their messages


class Actions:
    """Each method of the table answers with the bodies of its results."""

    def __init__(self, statements: Statements, prepared: PreparedStatements) -> None:
        self._statements = statements
        self._prepared = prepared
        self._of = {
            "CreatePreparedStatement": self._create_prepared,
            "ClosePreparedStatement": self._close_prepared,
            "BeginTransaction": self._begin,
            "EndTransaction": self._end,
            "CancelQuery": self._cancel_query,
            "CancelFlightInfo": self._cancel_flight,
            "GetSessionOptions": self._session_options,
            "CloseSession": self._close_session,
            EXPLAIN: self._explain,
        }

    def answer(self, call: Call, name: str, body: bytes) -> list[bytes]:
        """The results of one action. Raises Refused, NOT_SUPPORTED for one that is not in the table."""
        act = self._of.get(name)
        if act is None:
            call.check_login()
            raise Refused("NOT_SUPPORTED")
        return act(call, body)

    def _create_prepared(self, call: Call, body: bytes) -> list[bytes]:
        call.check_login()
        return [self._prepared.create(call, unwrap_as("ActionCreatePreparedStatementRequest", body))]

    def _close_prepared(self, call: Call, body: bytes) -> list[bytes]:
        self._prepared.close(call, unwrap_as("ActionClosePreparedStatementRequest", body))
        return []

    def _begin(self, call: Call, body: bytes) -> list[bytes]:
        call.check_login()
        unwrap_as("ActionBeginTransactionRequest", body)
        return [wrap(make("ActionBeginTransactionResult", transaction_id=READ_TRANSACTION))]

    def _end(self, call: Call, body: bytes) -> list[bytes]:
        call.check_login()
        check_transaction(unwrap_as("ActionEndTransactionRequest", body))
        return []

    def _cancel_query(self, call: Call, body: bytes) -> list[bytes]:
        call.check_login()
        self._statements.cancel(call, unwrap_as("ActionCancelQueryRequest", body).info)
        return [wrap(make("ActionCancelQueryResult", result=_DONE))]

    def _cancel_flight(self, call: Call, body: bytes) -> list[bytes]:
        call.check_login()
        self._statements.cancel(call, read("CancelFlightInfoRequest", body).info)
        return [make("CancelFlightInfoResult", status=_DONE).SerializeToString()]

    def _session_options(self, call: Call, body: bytes) -> list[bytes]:
        call.check_login()
        return [b""]  # a GetSessionOptionsResult without options

    def _close_session(self, call: Call, body: bytes) -> list[bytes]:
        return [make("CloseSessionResult", status=_DONE).SerializeToString()]  # nothing is kept, whoever asks

    def _explain(self, call: Call, body: bytes) -> list[bytes]:
        return [self._statements.explain(call, body)]
