"""What the server says about itself (GetSqlInfo), under the ids of Arrow's `SqlInfo` enumeration.

Every id of the specification has a value: a BI tool that misses one fails on a null pointer. Each value sits in the
member of the dense union that the specification names for it: another member makes the Go driver panic.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import pyarrow as pa

from access_broker.domain.decisions import Refused

_TEXT, _BOOL, _BIGINT, _INT, _TEXTS, _MAP = range(6)
_UNION = pa.dense_union(
    [
        pa.field("string_value", pa.string(), False),
        pa.field("bool_value", pa.bool_(), False),
        pa.field("bigint_value", pa.int64(), False),
        pa.field("int32_bitmask", pa.int32(), False),
        pa.field("string_list", pa.list_(pa.string()), False),
        pa.field("int32_to_int32_list_map", pa.map_(pa.int32(), pa.list_(pa.int32())), False),
    ]
)
SCHEMA = pa.schema([pa.field("info_name", pa.uint32(), False), pa.field("value", _UNION, False)])

PUBLIC = frozenset({8})
"""Told without a login: whether there are transactions. ADBC asks it before anything else and takes an error for no;
it would then warn about transactions, when what ails the connection is the token."""

_SUPPORTED_TRANSACTION = 1
_CASE_INSENSITIVE = 1
_NULLS_LAST = 3
_READ_COMMITTED = 2
_FORWARD_ONLY = 1
_READ_ONLY = 1


def _values(largest_statement: int, most_statements: int) -> dict[int, tuple[int, Any]]:
    """id → (union member, value)."""
    said: dict[int, tuple[int, Any]] = {
        0: (_TEXT, "Amanat"),
        1: (_TEXT, version("amanat")),
        2: (_TEXT, pa.__version__),
        3: (_BOOL, True),  # read only
        4: (_BOOL, True),  # SQL
        5: (_BOOL, False),  # Substrait
        6: (_TEXT, ""),
        7: (_TEXT, ""),
        # A transaction of reads over what is published: each statement sees the publication in force, and commit and
        # rollback both have nothing to do. Saying "none" would only make every Python client warn.
        8: (_INT, _SUPPORTED_TRANSACTION),
        9: (_BOOL, True),  # cancel
        100: (_INT, 8 * 3600 * 1000),  # prepared statement, ms
        101: (_INT, 0),  # transaction
        503: (_INT, _CASE_INSENSITIVE),
        504: (_TEXT, '"'),
        505: (_INT, _CASE_INSENSITIVE),
        507: (_INT, _NULLS_LAST),
        513: (_TEXT, "\\"),
        514: (_TEXT, ""),
        517: (_MAP, []),
        522: (_INT, 0b11),
        525: (_INT, 0b11),
        526: (_INT, 0b1),
        528: (_INT, 2),  # full outer joins
        529: (_TEXT, "dataset"),
        530: (_TEXT, ""),
        531: (_TEXT, ""),
        533: (_INT, 0),
        534: (_INT, 0),
        535: (_INT, 0),
        538: (_INT, 0b1111),
        540: (_INT, 0b11),
        557: (_BIGINT, largest_statement),
        558: (_BIGINT, most_statements),
        562: (_INT, _READ_COMMITTED),
        564: (_INT, 1 << _READ_COMMITTED),
        567: (_INT, 1 << _FORWARD_ONLY),
        568: (_INT, 0),
        569: (_INT, 1 << _READ_ONLY),
        570: (_INT, 0),
        571: (_INT, 0),
    }
    said |= dict.fromkeys((506, 515, 516, 518, 520, 521, 523, 539, 563), (_BOOL, True))
    said |= dict.fromkeys((500, 501, 502, 519, 524, 527, 532, 536, 537, 556), (_BOOL, False))
    said |= dict.fromkeys((565, 566, 572, 573, 574, 575, 576), (_BOOL, False))
    said |= dict.fromkeys(
        range(508, 513), (_TEXTS, [])
    )  # keywords and functions: those of DuckDB, minus what the gate refuses
    said |= dict.fromkeys((*range(541, 556), *range(559, 562)), (_BIGINT, 0))  # 0: no limit of ours
    return said


class SqlInfo:
    """The answers to GetSqlInfo. `largest_statement` in bytes, `most_statements` at once."""

    def __init__(self, largest_statement: int, most_statements: int) -> None:
        self._values = _values(largest_statement, most_statements)

    def table(self, asked: Iterable[int]) -> Any:
        """One row per id asked for and known; all of them when none is asked for."""
        ids = [i for i in dict.fromkeys(asked) if i in self._values] if asked else sorted(self._values)
        return pa.Table.from_arrays([pa.array(ids, pa.uint32()), self._union(ids)], schema=SCHEMA)

    def _union(self, ids: list[int]) -> Any:
        columns: list[list[Any]] = [[] for _ in range(6)]
        members, offsets = [], []
        for info in ids:
            member, value = self._values[info]
            members.append(member)
            offsets.append(len(columns[member]))
            columns[member].append(value)
        children = [pa.array(v, _UNION.field(i).type) for i, v in enumerate(columns)]
        buffers = [None, pa.array(members, pa.int8()).buffers()[1], pa.array(offsets, pa.int32()).buffers()[1]]
        # `UnionArray.from_dense` makes every member nullable, which is another type than the announced one.
        return pa.Array.from_buffers(_UNION, len(ids), buffers, children=children)


def is_public(asked: Iterable[int]) -> bool:
    """May be answered before the caller is known?"""
    return bool(asked) and PUBLIC.issuperset(asked)


READ_TRANSACTION = b"reads"
"""The id of every transaction: there is nothing to tell them apart by."""


def check_transaction(message: Any) -> None:
    """A transaction id, where one is given, must be one that was handed out here. Raises Refused TOKEN_NOT_VALID."""
    if message.transaction_id not in (b"", READ_TRANSACTION):
        raise Refused("TOKEN_NOT_VALID", subject="handle")
