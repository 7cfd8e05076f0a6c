"""The Flight SQL messages the door reads and writes, built from a table instead of a generated file.

Field numbers and types are those of Arrow's `FlightSql.proto`; they are a wire contract and never change. Enumerations
are `int32` here: both are varints on the wire. The messages live in a pool of their own, so that another library
registering the same names in the process-wide pool does not clash with ours.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from access_broker.domain.decisions import Refused

PACKAGE = "arrow.flight.protocol.sql"
_TYPE_URL = "type.googleapis.com/"

# message → "number name type", `?` for a field whose presence counts, `*` for a repeated one
_FIELDS: dict[str, tuple[str, ...]] = {
    "CommandGetSqlInfo": ("1 info uint32*",),
    "CommandGetXdbcTypeInfo": ("1 data_type int32?",),
    "CommandGetCatalogs": (),
    "CommandGetDbSchemas": ("1 catalog string?", "2 db_schema_filter_pattern string?"),
    "CommandGetTables": (
        "1 catalog string?",
        "2 db_schema_filter_pattern string?",
        "3 table_name_filter_pattern string?",
        "4 table_types string*",
        "5 include_schema bool",
    ),
    "CommandGetTableTypes": (),
    "CommandGetPrimaryKeys": ("1 catalog string?", "2 db_schema string?", "3 table string"),
    "CommandGetExportedKeys": ("1 catalog string?", "2 db_schema string?", "3 table string"),
    "CommandGetImportedKeys": ("1 catalog string?", "2 db_schema string?", "3 table string"),
    "CommandGetCrossReference": (
        "1 pk_catalog string?",
        "2 pk_db_schema string?",
        "3 pk_table string",
        "4 fk_catalog string?",
        "5 fk_db_schema string?",
        "6 fk_table string",
    ),
    "CommandStatementQuery": ("1 query string", "2 transaction_id bytes?"),
    "TicketStatementQuery": ("1 statement_handle bytes",),
    "CommandPreparedStatementQuery": ("1 prepared_statement_handle bytes",),
    "CommandStatementUpdate": ("1 query string", "2 transaction_id bytes?"),
    "CommandPreparedStatementUpdate": ("1 prepared_statement_handle bytes",),
    "CommandStatementIngest": ("2 table string",),
    "DoPutPreparedStatementResult": ("1 prepared_statement_handle bytes?",),
    "ActionCreatePreparedStatementRequest": ("1 query string", "2 transaction_id bytes?"),
    "ActionCreatePreparedStatementResult": (
        "1 prepared_statement_handle bytes",
        "2 dataset_schema bytes",
        "3 parameter_schema bytes",
        "4 is_update bool?",
    ),
    "ActionClosePreparedStatementRequest": ("1 prepared_statement_handle bytes",),
    "ActionBeginTransactionRequest": (),
    "ActionBeginTransactionResult": ("1 transaction_id bytes",),
    "ActionEndTransactionRequest": ("1 transaction_id bytes", "2 action int32"),
    "ActionCancelQueryRequest": ("1 info bytes",),
    "ActionCancelQueryResult": ("1 result int32",),
    # Of Arrow's `Flight.proto`; never wrapped, so that their package does not show on the wire.
    "CancelFlightInfoRequest": ("1 info bytes",),
    "CancelFlightInfoResult": ("1 status int32",),
    "CloseSessionResult": ("1 status int32",),
}
_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "bool": _Field.TYPE_BOOL,
    "bytes": _Field.TYPE_BYTES,
    "int32": _Field.TYPE_INT32,
    "string": _Field.TYPE_STRING,
    "uint32": _Field.TYPE_UINT32,
}


def _add_field(message: descriptor_pb2.DescriptorProto, line: str) -> None:
    number, name, kind = line.split()
    field = message.field.add(name=name, number=int(number), type=_TYPES[kind.rstrip("?*")])
    field.label = _Field.LABEL_REPEATED if kind.endswith("*") else _Field.LABEL_OPTIONAL
    if kind.endswith("?"):  # proto3 tells "absent" from "empty" by a oneof with one member
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{name}")


def _build() -> dict[str, type[Message]]:
    file = descriptor_pb2.FileDescriptorProto(name="amanat/flight_sql.proto", package=PACKAGE, syntax="proto3")
    for name, lines in _FIELDS.items():
        message = file.message_type.add(name=name)
        for line in lines:
            _add_field(message, line)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {n: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{n}")) for n in _FIELDS}


_CLASSES = _build()


def make(name: str, **fields: Any) -> Any:
    """A new message of that name; a field left out is absent."""
    return _CLASSES[name](**fields)


def read(name: str, body: bytes) -> Any:
    """The message of that name in `body`. Raises Refused INVALID when the bytes are something else."""
    try:
        return _CLASSES[name].FromString(body)
    except DecodeError:
        raise Refused("INVALID") from None


def wrap(message: Message) -> bytes:
    """`message` in a `google.protobuf.Any`, as Flight SQL carries every command, ticket and action."""
    return any_pb2.Any(
        type_url=_TYPE_URL + message.DESCRIPTOR.full_name, value=message.SerializeToString()
    ).SerializeToString()


def unwrap(body: bytes) -> tuple[str, Any]:
    """(short name, message) of the `Any` in `body`.

    Raises Refused: INVALID for bytes that are no such thing, NOT_SUPPORTED for a message the door does not know.
    """
    try:
        any_message = any_pb2.Any.FromString(body)
    except DecodeError:
        raise Refused("INVALID") from None
    package, _, name = any_message.type_url.rpartition("/")[2].rpartition(".")
    if package != PACKAGE or name not in _CLASSES:
        raise Refused("NOT_SUPPORTED" if any_message.type_url else "INVALID")
    return name, read(name, any_message.value)


def unwrap_as(name: str, body: bytes) -> Any:
    """The message in `body`, which must be of that name; Refused INVALID otherwise."""
    found, message = unwrap(body)
    if found != name:
        raise Refused("INVALID")
    return message
