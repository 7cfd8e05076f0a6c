"""Noising for tests: a book in memory, and noise that is none, so that what stands under it can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from access_broker.domain.decisions import Refused
from access_broker.use_cases.gate_ports import Drawn
from access_broker.use_cases.noising import Noising


class NoNoise:
    """gate_ports.Noise of size zero; remembers what it was allowed to spend."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, float]] = []

    def groups(self, counts: Mapping[str, int], most: int, epsilon: float, least: int) -> dict[str, int]:
        self.asked.append(("groups", most, epsilon))
        return {key: count for key, count in counts.items() if count >= least}

    def values(self, exact: Sequence[int], most: int, epsilon: float) -> list[int]:
        self.asked.append(("values", most, epsilon))
        return list(exact)


class Book:
    """gate_ports.NoiseBook in memory."""

    def __init__(self) -> None:
        self.charges: dict[str, int] = {}
        self.kept: dict[str, Drawn] = {}

    def drawn(self, contract: str, questions: Sequence[str]) -> dict[str, Drawn]:
        return {question: self.kept[question] for question in questions if question in self.kept}

    def charge(self, contract: str, wanted: Mapping[str, int], most: int) -> dict[str, int]:
        charges = dict(wanted) | self.charges
        if sum(charges.values()) > most or min(charges.values()) < 1:
            raise Refused("EPSILON_SPENT", "S3-P5")
        self.charges = charges
        return {question: charges[question] for question in wanted}

    def keep(self, contract: str, drawn: Mapping[str, Drawn]) -> None:
        self.kept |= drawn

    def spent(self, contract: str) -> int:
        return sum(self.charges.values())


def no_noise() -> Noising:
    return Noising(NoNoise(), Book())
