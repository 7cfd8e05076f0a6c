"""The people by whom a lot is drawn, whether a figure is rounded up or down (`sql/rounding.py`)."""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.sql.auditing import Guard
from access_broker.sql.conditions import filtered
from access_broker.sql.relations import SelectInfo


class People:
    """Whose rows decide a lot. `entities`: with each of them, whether somebody may have several rows."""

    def __init__(self, entities: list[tuple[exp.Expr, bool]]) -> None:
        self._entities = entities

    def lot(self, rows: exp.Expr | None, kind: str, value: exp.Expr) -> exp.Expr:
        """A number that follows from who has these rows, and from the value that is rounded, and from nothing else.

        Of how many rows somebody has it says nothing: whoever groups them otherwise would draw again.
        """
        return exp.func("hash", *self._each_once(exp.BitwiseXorAgg, rows), value, exp.Literal.string(kind))

    @property
    def have_one_row(self) -> bool:
        return not any(several for _, several in self._entities)

    def number(self, rows: exp.Expr | None) -> exp.Expr:
        """How many they are, of several kinds of people the fewest; NULL where nobody is."""
        counts = self._each_once(exp.Count, rows)
        least = exp.Least(this=counts[0], expressions=counts[1:]) if counts[1:] else counts[0]
        return exp.Nullif(this=least, expression=exp.Literal.number(0))

    def _each_once(self, call: type[exp.AggFunc], rows: exp.Expr | None) -> list[exp.Expr]:
        """An aggregate of each kind of people, everybody in it once."""
        return [
            filtered(call(this=exp.Distinct(expressions=[e.copy()]) if several else e.copy()), rows)
            for e, several in self._entities
        ]


def drawn_from(info: SelectInfo, guards: list[Guard], tables: dict[str, GrantedTable]) -> list[exp.Expr]:
    """The entities whose rows these are, whatever else is joined to them, and in whatever order it is named."""
    in_order = sorted(guards, key=lambda guard: tables[guard.source].physical)
    single = [guard.entity for guard in in_order if guard.entity.text("table") in info.single_in_group]
    if single:
        return single[:1]
    chosen: dict[str, exp.Expr] = {}
    tied = False
    for guard in in_order:
        is_tied = guard.entity.text("table") in info.tied_in_group
        if not (is_tied and tied):
            chosen.setdefault(tables[guard.source].physical, guard.entity)
        tied = tied or is_tied
    return list(chosen.values())
