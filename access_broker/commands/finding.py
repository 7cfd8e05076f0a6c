"""One thing this machine has or lacks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`essential`: without it queries are refused; otherwise one wall or one choice fewer."""

    what: str
    ok: bool
    essential: bool
    remedy: str = ""
