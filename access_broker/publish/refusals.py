"""How the publisher says no. `place` is an id or a file name, never a path or a value; `why` is a stable word."""

from __future__ import annotations

from access_broker.domain.decisions import Refused


def invalid(place: str, why: str) -> Refused:
    """A description that cannot be published as it stands: the steward or the drafter of the contract must mend it."""
    return Refused("INVALID", place=place, why=why)


def source_changed(file_name: str, why: str) -> Refused:
    """The file is not the one that was registered (S2-C3). `why`: missing | unreadable | digest | while_reading."""
    return Refused("SOURCE_CHANGED", "S2-C3", source=file_name, why=why)
