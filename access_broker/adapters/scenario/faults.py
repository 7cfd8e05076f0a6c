"""Where the faults of one reading gather, each with its line and its place in the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from access_broker.adapters.scenario.messages import SHAPE
from access_broker.adapters.scenario.messages_meaning import KINDS_FA, MEANING
from access_broker.domain.text import has_invisible
from access_broker.use_cases.scenario import Fault, ScenarioFaulty

Path = tuple[str | int, ...]
"""A place in the document: keys and list positions from the top."""

_LONGEST_SHOWN = 80
_SENTENCES = SHAPE | MEANING


@dataclass
class Faults:
    """`lines`: place → line of the file. `origins`: place in an inheriting contract → where its value was written."""

    lines: dict[Path, int] = field(default_factory=dict)
    origins: dict[Path, Path] = field(default_factory=dict)
    _found: dict[tuple[Path, int | None, str, str], Fault] = field(default_factory=dict)

    def add(self, path: Path, code: str, *, line: int | None = None, **detail: Any) -> None:
        """Note a fault once, however many contracts inherit it. `detail` fills the sentences of `messages`."""
        place = self.written_at(path)
        english, persian = _sentences(code, detail)
        fault = Fault(line or self.line_of(place), spell(place), english, persian)
        self._found.setdefault((place, line, code, english), fault)

    def written_at(self, path: Path) -> Path:
        """The place in the file that `path` takes its value from."""
        for length in range(len(path), 0, -1):
            if origin := self.origins.get(path[:length]):
                return self.written_at(origin + path[length:])
        return path

    def line_of(self, path: Path) -> int | None:
        """The line of the nearest enclosing place that has one."""
        lengths = range(len(path), -1, -1)
        return next((self.lines[path[:length]] for length in lengths if path[:length] in self.lines), None)

    def are_at(self, path: Path, *codes: str) -> bool:
        """True when a fault (with one of `codes`, if any are named) is known exactly there."""
        place = self.written_at(path)
        return any(at == place and (not codes or code in codes) for at, _, code, _ in self._found)

    def raise_if_any(self) -> None:
        """Raises ScenarioFaulty with everything found, in the order of the file."""
        if self._found:
            raise ScenarioFaulty(tuple(sorted(self._found.values(), key=lambda f: (f.line or 0, f.where))))


def spell(path: Path) -> str:
    """`contracts[2].terms.k`"""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _sentences(code: str, detail: dict[str, Any]) -> tuple[str, str]:
    english, persian = _SENTENCES[code]
    said = {name: _plain(value) for name, value in detail.items()}
    said["kind_fa"] = KINDS_FA.get(str(detail.get("kind")), "")
    return english.format(**said), persian.format(**said)


def _plain(value: Any) -> str:
    """What was written, shown so that nothing in it stays unseen and one fault stays one line."""
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value)
    shown = "".join(f"<U+{ord(ch):04X}>" if has_invisible(ch) and ch != "\u200c" else ch for ch in str(value))
    shown = " ".join(shown.split())
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"
