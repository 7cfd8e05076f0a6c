"""YAML text → plain values, with the line of every place.

Composed, never constructed by the library: no tag can make an object, an alias cannot make the file grow without
bound, and a date stays the text it is, so that a day no calendar has is told like any other fault.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import yaml

from access_broker.adapters.scenario.faults import Faults, Path
from access_broker.domain.text import misleading_character

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 100_000

_CORE = "tag:yaml.org,2002:"


class _TooDeep(yaml.MarkedYAMLError):
    """Raised before the recursion of the composer meets the interpreter's own limit."""


class _Loader(yaml.SafeLoader):
    """The scalars of YAML 1.2's core: `no` and `12:30` are words, and a leading zero keeps its digits text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - the library's hook
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeep(problem_mark=self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", list("-+0123456789")),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(_CORE + _tag, re.compile(rf"(?:{_pattern})\Z", re.ASCII), _first)

_SCALARS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": {"true": True, "false": False}.__getitem__,
    "int": int,
    "float": float,
}


def read_document(text: str, faults: Faults, place: Path = ()) -> Any:
    """The value of the text; fills `faults.lines`. Raises ScenarioFaulty at once for text that cannot be read on.

    `place`: where in the whole document this text belongs.
    """
    faults.lines[()] = 1
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        faults.add((), "FILE_TOO_LARGE", mebibytes=MAX_BYTES >> 20)
        faults.raise_if_any()
    values = _Values(faults)
    try:
        value = values.read(_compose(text), place, 0)
    except yaml.YAMLError as error:
        _add_syntax_fault(text, error, faults)
    except _TooMany:
        faults.add((), "TOO_MANY_VALUES", limit=MAX_VALUES)
    else:
        return value
    return faults.raise_if_any()


def _compose(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _add_syntax_fault(text: str, error: yaml.YAMLError, faults: Faults) -> None:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        faults.add((), "CHARACTER_NOT_ALLOWED", line=line, character=f"U+{int(error.character):04X}")
        return
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    if isinstance(error, _TooDeep):
        faults.add((), "TOO_DEEP", line=line, limit=MAX_DEPTH)
    else:
        faults.add((), "NOT_YAML", line=line, problem=getattr(error, "problem", None) or "unreadable")


class _TooMany(Exception):  # noqa: N818 - ends the walk, told by the caller
    pass


class _Values:
    """One walk over the composed nodes. Aliased nodes are walked as often as they are named, and counted each time."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.seen = 0

    def read(self, node: yaml.Node | None, path: Path, depth: int) -> Any:
        self.seen += 1
        if self.seen > MAX_VALUES:
            raise _TooMany
        if depth > MAX_DEPTH:  # an alias inside its own anchor
            raise _TooDeep(problem_mark=node.start_mark if node else None)
        if isinstance(node, yaml.MappingNode) and node.tag == _CORE + "map":
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode) and node.tag == _CORE + "seq":
            return [self._item(item, (*path, at), depth) for at, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: yaml.Node, path: Path, depth: int) -> Any:
        self.faults.lines[path] = node.start_mark.line + 1
        return self.read(node, path, depth + 1)

    def _mapping(self, node: yaml.MappingNode, path: Path, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.add(path, "KEY_NOT_TEXT", line=line)
                continue
            key = key_node.value  # as written: a column may be called `null`
            place = (*path, key)
            if hidden := misleading_character(key):
                self.faults.add(place, "INVISIBLE_CHARACTER", line=line, character=hidden)
            if key in out:
                self.faults.add(place, "DUPLICATE_KEY", line=line, key=key, first=self.faults.lines[place])
            else:
                self.faults.lines[place] = line
                out[key] = self.read(value_node, place, depth + 1)
        return out

    def _scalar(self, node: yaml.Node | None, path: Path) -> Any:
        if node is None:
            return None
        read = _SCALARS.get(node.tag.removeprefix(_CORE)) if isinstance(node, yaml.ScalarNode) else None
        try:
            value = read(node.value) if read else None
        except (ValueError, KeyError):
            read = value = None
        if read is None:
            self.faults.add(path, "TAG_NOT_ALLOWED", tag=node.tag.replace(_CORE, "!!"))
        if isinstance(value, float) and not math.isfinite(value):
            return node.value  # a number too large to be one is told as text in the wrong place
        if isinstance(value, str) and (hidden := misleading_character(value)):
            self.faults.add(path, "INVISIBLE_CHARACTER", character=hidden)
        return value
