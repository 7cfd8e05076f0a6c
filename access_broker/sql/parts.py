"""What stands many times in a query of ours: hardened and printed once, and put as text wherever else it stands.

Where it stands first it is the tree that was looked at, elsewhere a blank of the same number.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.brackets import printed

_MARK = "amanat_part"
_HOLDERS = (exp.Sum, exp.Where)
"""What holds a part and nothing beside it. Hardening leaves these as they are, whatever it makes of what they hold."""


class Parts:
    """Of one SELECT: how a part is hardened follows from its keys and its FROM as well."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[type, str], int] = {}

    def put(self, holder: exp.Expr, part: exp.Expr, text: str) -> exp.Expr:
        """`holder`, a Sum or a Where, with a copy of `part` or a blank. `text`: of this part and of no other."""
        key = type(holder), text
        blank = key in self._numbers
        holder.meta[_MARK] = self._numbers.setdefault(key, len(self._numbers))
        holder.set("this", exp.Var(this="") if blank else part.copy())
        return holder


def printed_with_parts(tree: exp.Query) -> str:
    """The text of a hardened query. Consumes it."""
    holders = [node for node in tree.find_all(*_HOLDERS) if _MARK in node.meta]
    texts = {h.meta[_MARK]: printed(h.this) for h in holders if not isinstance(h.this, exp.Var)}
    for holder in holders:
        holder.set("this", exp.Var(this=texts[holder.meta[_MARK]]))
    return printed(tree)
