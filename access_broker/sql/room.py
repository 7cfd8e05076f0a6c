"""How much a statement may still grow while it is rewritten.

What is printed for an aggregate holds its argument many times over, and an argument has many parts: each limit of its
own would be multiplied by the others. So all that is added to a statement is counted in one place.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.scopes import size_of

MOST = 6 * allowed.MAX_NODES
"""About a second of work, and a tenth of a megabyte of text."""
_MARK_GROWN = "amanat_grown"


class Room:
    """Of the whole statement in which `node` stands, whoever asks for it."""

    def __init__(self, node: exp.Expr) -> None:
        self._meta = node.root().meta

    def take(self, *parts: exp.Expr | None, times: int = 1) -> None:
        """Raises Refused TOO_COMPLEX where `parts`, printed so often, are more than is left."""
        self.check(*parts, times=times)
        self._meta[_MARK_GROWN] = self._taken + self._size(parts, times)

    def check(self, *parts: exp.Expr | None, times: int = 1) -> None:
        """The same, before anything of it is made, and nothing is taken."""
        if self._taken + self._size(parts, times) > MOST:
            raise Refused("TOO_COMPLEX", limit=MOST)

    @property
    def _taken(self) -> int:
        return int(self._meta.get(_MARK_GROWN, 0))

    @staticmethod
    def _size(parts: tuple[exp.Expr | None, ...], times: int) -> int:
        return times * size_of(*(part for part in parts if part is not None))
