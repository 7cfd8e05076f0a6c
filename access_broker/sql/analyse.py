"""The analyser: a qualified tree in, the footprint and the shape of every SELECT out.

It knows entities and declared structure, never modes: whether a use is allowed is the policy's to say. What it must
get right is that every way a value can reach an answer, decide a row or be counted ends in a `Touch`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Footprint, SourceUse, Use
from access_broker.sql import allowed
from access_broker.sql.constants import is_literal, kept_apart
from access_broker.sql.copies import set_copies
from access_broker.sql.forms import group_key_names, keys_kept, ordering, plain_grouping
from access_broker.sql.joining import Joining
from access_broker.sql.names import Resolved
from access_broker.sql.open_values import OpenValues
from access_broker.sql.probing import as_shapes, is_probe
from access_broker.sql.recording import Recording
from access_broker.sql.relations import (
    RELEASED,
    BaseTable,
    Relation,
    SelectInfo,
    Shape,
    Value,
)
from access_broker.sql.scopes import Frame, components, has_aggregate, has_window, render, strip
from access_broker.sql.single_row import is_cut_to_one, is_of_one_row
from access_broker.sql.sources import Sources
from access_broker.sql.tame import MAX_WITHIN, is_tame, puts_texts
from access_broker.sql.values import Values


@dataclass
class Analysis:
    """What the rewriter and the policy need. `tree` is the tree the infos point into.

    `lookups`: every `entity IN (SELECT entity …)`, as it is rendered.
    """

    tree: exp.Query
    footprint: Footprint
    bases: list[BaseTable]
    selects: list[SelectInfo]
    top: Relation
    output_names: list[str]
    lookups: set[str] = field(default_factory=set)


def analyse(resolved: Resolved) -> Analysis:
    """Raises Refused NOT_SUPPORTED | TOO_COMPLEX for what it cannot account for."""
    return Analyser(resolved=resolved).run()


@dataclass
class Analyser(Recording, Sources, Values, Joining, OpenValues):
    resolved: Resolved = field(kw_only=True)
    selects: list[SelectInfo] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    lookups: set[str] = field(default_factory=set)

    def run(self) -> Analysis:
        tree = self.resolved.tree
        probe = is_probe(tree)
        top = self.query(tree, None)
        self.expose(top)
        self._check_nothing_was_passed_over(tree)
        functions = sorted({name for n in tree.walk() if (name := _function_of(n))})
        for packing in allowed.PACKING.intersection(functions):
            self.touch_rows(frozenset(b.source for b in self.bases), Use.AGGREGATE, packing)
        footprint = Footprint(
            tuple(SourceUse(b.source, b.table.key) for b in self.bases),
            as_shapes(self.touches) if probe else tuple(self.touches),
            tuple(self.joins),
            tuple(self.unknowns),
            tuple(functions),
            probe,
        )
        return Analysis(tree, footprint, self.bases, self.selects, top, self.resolved.output_names, self.lookups)

    def _check_nothing_was_passed_over(self, tree: exp.Query) -> None:
        """A column or a query that no rule looked at would be a way round all of them."""
        for node in tree.find_all(exp.Column, exp.Query):
            if id(node) not in self.seen:
                raise Refused("NOT_SUPPORTED", name=node.parent.key.upper() if node.parent else "")

    # --- queries ------------------------------------------------------------------------------------------------

    def query(self, node: exp.Expr, outer: Frame | None) -> Relation:
        """The relation a query yields; `outer` is the SELECT it may be correlated with."""
        self.seen.add(id(node))
        if isinstance(node, exp.Subquery):
            return self.query(node.this, outer)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, outer)
        if isinstance(node, exp.Select):
            return self._select(node, outer)
        raise Refused("NOT_SUPPORTED", name=type(node).__name__)

    def _set_operation(self, node: exp.SetOperation, outer: Frame | None) -> Relation:
        left, right = (self.query(side, outer) for side in (node.this, node.expression))
        self.expose(left)
        self.expose(right)
        order = node.args.get("order")
        for ordered in order.expressions if order else []:
            if not isinstance(ordered.this, exp.Column | exp.Literal):
                raise Refused("NOT_SUPPORTED", name="ORDER BY")
            self.seen.add(id(ordered.this))
        self._check_limit(node)
        outputs, most = dict.fromkeys(left.outputs, RELEASED), left.most + right.most
        return Relation(outputs, twice=left.twice, most=most, one=is_cut_to_one(node))

    def _select(self, node: exp.Select, outer: Frame | None) -> Relation:
        info = SelectInfo(node, {})
        frame = Frame(info, outer)
        self.read_from(node, frame)
        plain_grouping(node)
        parts = [*node.expressions, *(node.args.get(k) for k in ("having", "qualify", "order"))]
        info.grouped = bool(node.args.get("group"))
        info.aggregated = (
            info.grouped or bool(node.args.get("having")) or any(p is not None and has_aggregate(p) for p in parts)
        )
        self.rows_phase(node, frame)
        result = self._group_phase(node, frame) if info.aggregated else self._row_outputs(node, frame)
        if outer is not None:
            outer.inner |= frame.correlated
            if info.aggregated and not info.deferred and frame.correlated and self._is_within_people(outer):
                # each row has its own figure, of itself and enough others: all but these can be taken off again
                self.touch_rows(frame.sources, Use.ROWS)
        entities = frozenset(n for n, v in result.outputs.items() if v.plain and self.is_entity(v.plain))
        set_copies(result, frame, entities, self.is_of_people)
        result.one = is_of_one_row(node, result, frame)
        result.most = math.prod(r.most for r in info.relations.values())
        info.result = result
        self.selects.append(info)
        return result

    def _is_within_people(self, frame: Frame | None) -> bool:
        """Is it asked of single rows of people?"""
        if frame is None:
            return False
        single = frame.groups is None or frame.info.deferred  # groups of one person each
        rows = single and any(map(self.is_of_people, frame.info.relations.values()))
        return rows or self._is_within_people(frame.outer)

    # --- rows out -----------------------------------------------------------------------------------------------

    def _row_outputs(self, node: exp.Select, frame: Frame) -> Relation:
        outputs, twice = self._outputs(node, frame)
        for key in ("qualify", "order"):
            part = node.args.get(key)
            for e in ordering(part):
                self.touch(self._output_named(e, outputs) or self.value(e, frame), Use.PROJECT)
            if key == "qualify" and part:
                self.touch_rows(frame.sources, Use.ROWS)
        for window in node.args.get("windows") or []:
            self.window_parts(window, frame)
        self._check_limit(node)
        if node.args.get("limit") or node.args.get("offset"):
            self.touch_rows(frame.sources, Use.ROWS)
        single = not frame.info.relations
        literal = is_literal(node, frame.info.relations)
        keys, apart = keys_kept(node, frame), kept_apart(node, frame.info.relations)
        nobodys = self.holds_nobody(frame)
        return Relation(outputs, frame.sources, keys, single, twice, literal=literal, apart=apart, nobodys=nobodys)

    def _outputs(self, node: exp.Select, frame: Frame) -> tuple[dict[str, Value], str]:
        """(the outputs by name, a name that stands for two of them); of two under one name both are kept."""
        outputs: dict[str, Value] = {}
        twice = ""
        for place, e in enumerate(node.expressions):
            name = e.alias_or_name
            if name in outputs:
                name, twice = f"{name}#{place}", name
            outputs[name] = self._computed_within(e, self.value(e, frame))
        return outputs, twice

    def _computed_within(self, item: exp.Expr, value: Value) -> Value:
        """A query around it cannot see which constants are in what this one computes, or that two parts cancel.

        `sum(income + 1e21 - 1e21)` would be what the largest have, and merging brings most of it to the aggregate.
        """
        node = strip(item)
        told = isinstance(node, exp.Column | exp.Filter) or type(node) in allowed.AGGREGATES
        if told or value.released or value.plain or value.shape is not Shape.AFFINE:
            return value
        known = bool(value.columns) and not value.rows and not any(map(self.is_hidden, value.columns))
        tame = known and is_tame([node], MAX_WITHIN) and not puts_texts([node])
        return value if tame else replace(value, shape=Shape.OPAQUE)

    def _output_named(self, node: exp.Expr, outputs: dict[str, Value]) -> Value | None:
        """The output that a bare name in ORDER BY stands for."""
        if isinstance(node, exp.Column) and not node.table and node.name in outputs:
            self.seen.add(id(node))
            return outputs[node.name]
        return None

    # --- groups -------------------------------------------------------------------------------------------------

    def _group_phase(self, node: exp.Select, frame: Frame) -> Relation:
        keys = node.args["group"].expressions if node.args.get("group") else []
        groups: dict[str, Value] = {}
        entity_sources: set[str] = set()
        for key in keys:
            if has_aggregate(key) or has_window(key):
                raise Refused("NOT_SUPPORTED", name="GROUP BY")
            value = self.value(key, frame)
            groups[render(key)] = value
            if value.plain and self.is_entity(value.plain):
                self.touch(value, Use.ENTITY_GROUP)
                if value.padded:  # the group of NULL is everybody an outer join found nothing for
                    self.touch_rows(frame.sources, Use.ROWS)
                entity_sources.add(value.plain.source)
                if len(keys) == 1 and self.is_numbered(value.plain):
                    frame.info.one_per_entity = value.plain.source
            else:
                self.touch(value, Use.GROUP)
        frame.info.deferred = bool(entity_sources)
        if frame.info.deferred:
            frame.info.attributes = frozenset() if frame.loosely_tied else frozenset(frame.nullable)
            self.touch_rows(self._not_of_the_entity(frame, entity_sources), Use.ROWS)
            if node.args.get("distinct"):
                raise Refused("NOT_SUPPORTED", name="DISTINCT")
        frame.groups = groups
        self.touch_rows(frame.sources, Use.COUNT_ROWS)
        return self._group_outputs(node, frame)

    @staticmethod
    def _not_of_the_entity(frame: Frame, entity_sources: set[str]) -> frozenset[str]:
        """Sources whose rows in a group need not belong to the entity the group is of."""
        relations = frame.info.relations
        own = {a for a, r in relations.items() if r.sources & entity_sources}
        tied = set().union(*(part for part in components(list(relations), frame.ties) if part & own))
        return frozenset().union(*(r.sources for a, r in relations.items() if a not in tied))

    def _group_outputs(self, node: exp.Select, frame: Frame) -> Relation:
        outputs, twice = self._outputs(node, frame)
        for key in ("having", "qualify", "order"):
            for e in ordering(node.args.get(key)):
                if self._output_named(e, outputs) is None:
                    self.touch(self.value(e, frame), Use.FILTER)
        for window in node.args.get("windows") or []:
            self.window_parts(window, frame)
        self._check_limit(node)
        if not frame.info.deferred:
            released = {n: Value(shape=Shape.PLAIN, type=v.type if v.released else "") for n, v in outputs.items()}
            return Relation(released, keys=group_key_names(node), single=not frame.info.grouped, twice=twice)
        if node.args.get("limit") or node.args.get("offset") or node.args.get("qualify"):
            self.touch_rows(frame.sources, Use.ROWS)
        return Relation(outputs, frame.sources, group_key_names(node), twice=twice)

    def _check_limit(self, node: exp.Expr) -> None:
        for key in ("limit", "offset"):
            part = node.args.get(key)
            if part is not None and not (isinstance(part.expression, exp.Literal) and part.expression.is_int):
                raise Refused("NOT_SUPPORTED", name=key.upper())


def _function_of(node: exp.Expr) -> str:
    kind = type(node)
    if kind in allowed.AGGREGATES:
        name = allowed.AGGREGATES[kind]
        return "count_star" if name == "count" and (not node.this or isinstance(node.this, exp.Star)) else name
    if kind in allowed.WINDOW_ONLY:
        return allowed.WINDOW_ONLY[kind]
    return kind.__name__.lower() if kind in allowed.SCALARS else node.name.lower() if kind is exp.Anonymous else ""
