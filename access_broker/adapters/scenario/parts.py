"""Reading values that may have any shape. What does not fit reads as absent; the schema has already said so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from access_broker.adapters.scenario.faults import Path

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Part:
    """A value of the document together with its place."""

    value: Any
    path: Path

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str) -> Part:
        return Part(self.value.get(key) if isinstance(self.value, dict) else None, (*self.path, key))

    def items(self) -> Iterator[Part]:
        """The parts of a list; nothing for anything else."""
        if isinstance(self.value, list):
            yield from (Part(item, (*self.path, at)) for at, item in enumerate(self.value))

    def entries(self) -> Iterator[tuple[str, Part]]:
        """The keys of a map with their parts; nothing for anything else."""
        if isinstance(self.value, dict):
            yield from ((key, self.at(key)) for key in self.value)

    def text(self, key: str, default: str = "") -> str:
        value = self.at(key).value
        return value if isinstance(value, str) else default

    def whole(self, key: str, default: int) -> int:
        value = self.at(key).value
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def number(self, key: str, default: float = 0.0) -> float:
        value = self.at(key).value
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.at(key).value
        return value if isinstance(value, bool) else default

    def choice(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        value = self.text(key)
        return kind(value) if value in set(kind) else default

    def choices(self, key: str, kind: type[Choice]) -> tuple[Choice, ...]:
        return tuple(kind(value) for value in self.texts(key) if value in set(kind))

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(item.value for item in self.at(key).items() if isinstance(item.value, str))
