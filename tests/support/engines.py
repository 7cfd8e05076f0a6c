"""What engines of tests have in common."""

from __future__ import annotations


class NoProcesses:
    """The part of gate_ports.DataEngine about workers as processes, for an engine that has none."""

    def live(self) -> set[tuple[str, int]]:
        return set()

    def live_people(self) -> set[str]:
        return set()

    def kill_of(self, person: str) -> int:
        return 0

    def kill_older(self, contract: str, generation: int | None) -> int:
        return 0
