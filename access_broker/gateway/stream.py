"""An answer on its way out, in messages of bounded size, to an end that is always reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from access_broker.domain.decisions import Refused
from access_broker.gateway.arrow_types import plain_batch
from access_broker.gateway.errors import Errors
from access_broker.gateway.patience import Taken, Watch
from access_broker.gateway.service import Answer

MESSAGE_BYTES = 1 << 20
"""Aim of one message. A reader who prefetches ten of them holds ten when his contract is cut, so they are small."""

_LARGEST_ROW = (4 << 20) - (64 << 10)
"""Go and C# clients drop the connection at 4 MiB; a row cannot be sliced, so a larger one is refused in words."""


def slices(batch: Any, limit: int = MESSAGE_BYTES) -> Iterator[Any]:
    """`batch` in pieces of at most `limit` bytes, empty ones left out. Raises Refused RESOURCE_LIMIT for a huge row."""
    if batch.nbytes > limit and batch.num_rows > 1:
        half = batch.num_rows // 2
        yield from slices(batch.slice(0, half), limit)
        yield from slices(batch.slice(half), limit)
    elif batch.nbytes > _LARGEST_ROW:
        raise Refused("RESOURCE_LIMIT")
    elif batch.num_rows:
        yield batch


class AnswerStream:
    """The iterator Flight pulls batches from: one at a time, when the client has taken the last.

    An object and not a generator: a client that leaves before the first batch would leave a generator unstarted, and
    its `finally` would never run. Flight drops its reference when the request ends, whatever the reason. `schema` is
    the plain form of the answer's own.
    """

    def __init__(
        self, answer: Answer, schema: Any, taken: Taken, is_cancelled: Watch, errors: Errors, language: str
    ) -> None:
        self._source_schema = answer.schema
        self._schema = schema
        self._batches = iter(answer.batches())
        self._pieces: Iterator[Any] = iter(())
        self._is_cancelled = is_cancelled
        self._errors = errors
        self._language = language
        self._taken: Taken | None = taken  # last: a stream that could not be made has nothing to give back

    def __iter__(self) -> AnswerStream:
        return self

    def __next__(self) -> Any:
        try:
            return self._next()
        except StopIteration:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise self._errors.to_flight(error, self._language) from None

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Give back what the answer has taken; a second time does nothing. Never raises."""
        taken, self._taken = getattr(self, "_taken", None), None
        if taken is not None:
            self._batches = self._pieces = iter(())
            taken.give_back()

    def _next(self) -> Any:
        if self._taken is None:
            raise StopIteration
        self._taken.reader_returns()
        piece = self._piece()
        self._taken.reader_owes()
        return piece

    def _piece(self) -> Any:
        while True:
            piece = next(self._pieces, None)
            if self._is_cancelled():
                raise Refused("CANCELLED")
            if piece is not None:
                return piece
            self._pieces = slices(self._plain(next(self._batches)))

    def _plain(self, batch: Any) -> Any:
        if batch.schema.types != self._source_schema.types or batch.schema.names != self._source_schema.names:
            raise pa.ArrowInvalid("a batch does not have the schema of its answer")
        return plain_batch(batch, self._schema)
