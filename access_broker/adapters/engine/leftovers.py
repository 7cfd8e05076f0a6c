"""What the engine leaves behind a NULL: the value that was withheld, or somebody else's, in the 8 bytes nobody shows.

Arrow says of a NULL only that it is one. The place of its value is sent as well, and DuckDB leaves there whatever the
memory held before. So it is overwritten before anything is sent.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_PLAIN = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64(), 128: pa.binary(16)}
"""By width in bits: what a value is taken for while it is overwritten."""

_ZERO = {width: pa.scalar(bytes(16) if width == 128 else 0, kind) for width, kind in _PLAIN.items()}


def without_leftovers(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same batch with zeros behind its NULLs; a column without any is not touched."""
    if not any(column.null_count for column in batch.columns):
        return batch
    columns = [_overwritten(column) if column.null_count else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _overwritten(column: Any) -> Any:
    kind = column.type
    filled = None if column.offset else _filled(column)
    if filled is None:
        return pa.array(column.to_pylist(), type=kind)  # built anew, value by value
    buffers = [column.buffers()[0], *filled.buffers()[1:]]
    return pa.Array.from_buffers(kind, len(column), buffers, offset=filled.offset)


def _filled(column: Any) -> Any:
    """The column with something in every place; None for a type that has no place of fixed width, nor is text."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return pc.fill_null(column, False)
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return pc.fill_null(column, pa.scalar("" if pa.types.is_string(kind) else b"", kind))
    if (pa.types.is_primitive(kind) or pa.types.is_decimal(kind)) and kind.bit_width in _PLAIN:
        return pc.fill_null(column.view(_PLAIN[kind.bit_width]), _ZERO[kind.bit_width])
    return None
