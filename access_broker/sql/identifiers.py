"""Names as they were typed, and as the tree knows them: folded, and never one that the rewriter gives itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold

_OWN, _SET_ASIDE = "__", "~"
"""How the rewriter's own names begin, and what is put before one that was typed: tools like them as well. It stands
before the number of an item as well, whose name another one has."""


def known_as(name: str) -> str:
    """The typed `name` in the tree. Raises Refused NOT_SUPPORTED for one that already looks as if it were set aside."""
    folded = fold(name)
    if folded.startswith(_SET_ASIDE):
        raise Refused("NOT_SUPPORTED", name=name)
    return set_aside(folded) if folded.startswith(_OWN) else folded


def set_aside(name: str) -> str:
    """A name that nobody can type."""
    return _SET_ASIDE + name


def numbered(name: str, number: int) -> str:
    """Another name for an item of FROM."""
    return f"{name}{_SET_ASIDE}{number}"


def as_asked(known: str) -> str:
    """What was typed for a name of the tree, folded."""
    return re.sub(f"^{_SET_ASIDE}|({_SET_ASIDE}[0-9]+)+$", "", known)


def typed_names(tree: exp.Query) -> dict[str, str]:
    """Name in the tree → as typed, of everything that may become a column of the answer; before names are folded.

    Of two that differ in their capitals only, the one nearer to the answer counts.
    """
    names: dict[str, str] = {}
    for name in (*_given(tree), *(e.name for e in tree.selects if isinstance(e, exp.Column))):
        if name and name != "*":
            names.setdefault(known_as(name), name)
    return names


def _given(tree: exp.Query) -> Iterator[str]:
    for node in tree.find_all(exp.Alias, exp.TableAlias):
        if isinstance(node, exp.TableAlias):
            yield from (column.name for column in node.columns)
        else:
            yield node.alias
