"""Windows: whatever one reads of single rows shows; over groups that are told it is reckoning with figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql import allowed
from access_broker.sql.relations import RELEASED, Shape, Value
from access_broker.sql.scopes import Frame

_FARTHEST = 1_000_000


class Windows:
    """Mixed into the analyser."""

    if TYPE_CHECKING:

        def value(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr] | None = None) -> Value: ...
        def touch(self, value: Value, use: Use, function: str = "") -> None: ...
        def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None: ...

    def window(self, node: exp.Window, frame: Frame) -> Value:
        call = node.this
        if isinstance(call, exp.Filter):
            self._window_value(call.expression, frame)
            call = call.this
        known = type(call) in allowed.AGGREGATES or type(call) in allowed.WINDOW_ONLY
        if not known or isinstance(call, exp.Quantile):
            raise Refused("NOT_SUPPORTED", name="WINDOW")
        if not _is_placed(call):
            raise Refused("NOT_SUPPORTED", name="WINDOW")
        for child in call.iter_expressions():
            if not isinstance(child, exp.Star):
                for part in child.expressions if isinstance(child, exp.Distinct) else [child]:
                    self._window_value(part, frame)
        self.window_parts(node, frame)
        if frame.groups is None or frame.info.deferred:  # over groups of one person each it counts, ranks, names people
            self.touch_rows(frame.sources, Use.ROWS)
            return Value(frozenset(), frame.sources, None, Shape.OPAQUE)
        return RELEASED

    def window_parts(self, node: exp.Window, frame: Frame) -> None:
        for part in node.args.get("partition_by") or []:
            self._window_value(part, frame)
        order = node.args.get("order")
        for ordered in order.expressions if order else []:
            self._window_value(ordered.this, frame)
        spec = node.args.get("spec")
        for bound in (spec.args.get("start"), spec.args.get("end")) if spec else ():
            if isinstance(bound, exp.Expr) and (not isinstance(bound, exp.Literal) or bound.is_string):
                raise Refused("NOT_SUPPORTED", name="WINDOW")

    def _window_value(self, node: exp.Expr, frame: Frame) -> None:
        value = self.value(node, frame)
        self.touch(value, Use.PROJECT)
        self.touch_rows(value.rows, Use.ROWS)


def _is_placed(call: exp.Expr) -> bool:
    """Is how far it looks, and in how many parts it cuts, a number that fails for nobody's row?"""
    place = call.this if isinstance(call, exp.Ntile) else call.args.get("offset")
    least = 1 if isinstance(call, exp.Ntile) else 0
    return place is None or (isinstance(place, exp.Literal) and place.is_int and least <= int(place.name) <= _FARTHEST)
