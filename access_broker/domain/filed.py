"""Things of their own that are filed under a contract, a committee or an organisation: votes, violations, reports."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar


class Filed(Protocol):
    """A frozen dataclass of plain values, enumerations, instants and tuples. `KEY`: the fields that tell it apart.

    One that is filed again under the same key takes the place of the first; the audit keeps both.
    """

    KEY: ClassVar[tuple[str, ...]]


AnyFiled = TypeVar("AnyFiled", bound=Filed)
