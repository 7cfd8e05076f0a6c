"""Is a batch that came out of a worker what it says it is? The worker may be in other hands.

Offsets that point outside their buffer would send our own memory to the client, text that is not UTF-8 breaks clients.
"""

from __future__ import annotations

from typing import Any

import numpy
import pyarrow as pa


def check_sound(batch: pa.RecordBatch) -> None:
    """Raises ArrowInvalid. Arrow looks at every value; plain text, most of what is sent, is looked at as a whole."""
    batch.validate()
    for column in batch.columns:
        if not _is_plain_text(column):
            column.validate(full=True)


def _is_plain_text(column: Any) -> bool:
    """Text of ASCII alone, its offsets in order and within their buffer: then wherever it is cut, it is UTF-8."""
    if column.type != pa.string() or len(column) == 0:
        return False
    _, offsets, data = column.buffers()
    if offsets is None or data is None:
        return False
    places = numpy.frombuffer(offsets, dtype="<i4")[column.offset : column.offset + len(column) + 1]
    first, last = int(places[0]), int(places[-1])
    if len(places) <= len(column) or first < 0 or last > data.size or bool((places[1:] < places[:-1]).any()):
        return False
    letters = numpy.frombuffer(data, dtype="u1")[first:last]
    return not len(letters) or int(letters.max()) < 128
