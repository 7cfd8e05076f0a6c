"""Results that somebody wants to take out of the platform (S3-P5). Nothing leaves before there is an output review."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OutputKind(StrEnum):
    """What a result is. Rows are none: only what is analysed and aggregated can ever leave (S3-P5)."""

    TABLE = "table"
    FIGURE = "figure"
    TEXT = "text"
    MODEL = "model"
    CODE = "code"


@dataclass(frozen=True)
class Output:
    """A file by what can be known of it without it: `digest`, its SHA-256 in hexadecimal digits; `size` in bytes."""

    digest: str
    kind: OutputKind
    size: int
