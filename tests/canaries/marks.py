"""Knows every mark, and finds one in whatever left the gate: values, texts, and the bytes that would travel."""

from __future__ import annotations

import datetime
import decimal
import re
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy
import pyarrow as pa

HERE = Path(__file__).parent
_NUMBERS = (
    "income FROM citizens", "wealth FROM citizens", "weight FROM citizens", "height FROM citizens",
    "points FROM citizens", "score FROM citizens", "salary FROM citizens", "cost FROM visits", '"مبلغ" FROM "دستمزد"',
)  # fmt: skip
_LETTER = "[\u13a0-\u13ff\uab70-\uabbf]"
_LETTERS, _TWO_LETTERS = re.compile(_LETTER), re.compile(_LETTER * 2)
_INSTANTS = "since FROM citizens", "seen FROM citizens", "visit_date FROM visits WHERE visit_date > '2400-01-01'"
_WIDTHS = "hour", "day", "month", "year"
_FIGURES = re.compile(r"\d[\d.]{8,}(?:e[+-]?\d+)?", re.IGNORECASE)
_FACTORS = (1, -1, 2, 0.5, 10, 0.1, 100, 0.01, 1000, 0.001, 12, 1 / 12, 1.2, 1e-14, 1e-12)
"""A mark is given away by a simple multiple of it as well."""
_CLOSE = 1e-12


class Marks:
    """`connection`: the raw data. `numbers`: numeric marks as float, sorted. `words`: their 8 bytes in a buffer."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute((HERE / "marked.sql").read_text())
        found: list[Any] = []
        for column in _NUMBERS:
            found += [row[0] for row in self.connection.execute(f"SELECT {column}").fetchall() if row[0] is not None]
        self.numbers = numpy.unique(numpy.array([float(v) for v in found]))
        words = {_word(v) for v in found} | {int(numpy.float64(v).view("<i8")) for v in map(float, found)}
        self.words = numpy.array(sorted(words), dtype="<i8")
        self.instants = {instant for column in _INSTANTS for instant in self._instants(column)}

    def in_text(self, text: str) -> list[str]:
        """Letters of the alphabet of marks, and long figures that are one."""
        letters = _LETTERS.findall(text)
        figures = [float(f) for f in _FIGURES.findall(text) if f.count(".") < 2]
        return letters[:1] + self._among(numpy.array(figures))

    def in_table(self, table: pa.Table) -> list[str]:
        """Names of columns included: they leave as well."""
        found = self.in_text(" ".join(table.column_names))
        for column in table.columns:
            values = [v for v in column.to_pylist() if v is not None]
            figures = [float(v) for v in values if isinstance(v, int | float | decimal.Decimal)]
            dates = [v for v in values if isinstance(v, datetime.date) and _moment(v) in self.instants]
            found += self._among(numpy.array(figures)) + [str(d) for d in dates[:1]]
            found += self.in_text(" ".join(str(v) for v in values if not isinstance(v, int | float | decimal.Decimal)))
        return found + self.in_bytes(_stream(table))

    def in_bytes(self, sent: bytes) -> list[str]:
        """Marks anywhere in a message: also what a client would never show, such as the rest of a buffer."""
        whole = numpy.frombuffer(sent[: len(sent) // 8 * 8], dtype="<i8")
        places = numpy.searchsorted(self.words, whole).clip(max=len(self.words) - 1)
        hits = whole[self.words[places] == whole]
        found = [f"bytes of {hits[0]}"] if len(hits) else []
        # three bytes of a number may happen to spell one letter, hardly two
        return found + _TWO_LETTERS.findall(sent.decode("utf-8", "ignore"))[:1]

    def _instants(self, column: str) -> set[datetime.datetime]:
        """With what is left of them when they are cut to whole hours, days, months or years."""
        name = column.split()[0]
        cut = ", ".join([name, *(f"date_trunc('{width}', {name})" for width in _WIDTHS)])
        rows = self.connection.execute(column.replace(name, f"SELECT {cut}", 1)).fetchall()
        return {_moment(value) for row in rows for value in row}

    def _among(self, figures: Any) -> list[str]:
        figures = figures[numpy.isfinite(figures)] if len(figures) else figures
        for factor in _FACTORS:
            if not len(figures):
                return []
            wanted = figures * factor
            places = numpy.searchsorted(self.numbers, wanted)
            for near in (places.clip(max=len(self.numbers) - 1), (places - 1).clip(min=0)):
                close = numpy.abs(self.numbers[near] - wanted) <= _CLOSE * self.numbers[near]
                if close.any():
                    return [f"{figures[close][0]!r} × {factor}"]
        return []


@cache
def marks() -> Marks:
    return Marks()


def _moment(value: datetime.date) -> datetime.datetime:
    """Of a date: its beginning."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return datetime.datetime.combine(value, datetime.time())


def _word(value: Any) -> int:
    """The low 8 bytes of an integer or of a decimal's unscaled value."""
    if isinstance(value, decimal.Decimal):
        return int(value.scaleb(-int(value.as_tuple().exponent)))
    return int(value) if isinstance(value, int) else int(numpy.float32(value).view("<i4")) << 32


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    sent: bytes = sink.getvalue().to_pybytes()
    return sent
