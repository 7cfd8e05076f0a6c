"""Aggregates over rows of people: which arguments are read, and the regions that must each hold enough entities.

The forms follow Snowflake's aggregation policies; the regions close what those leave open: a branch of a CASE, a
FILTER and the people it leaves out, and an argument that is NULL for all but one person of a large group.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql import allowed
from access_broker.sql.arguments import measured_in
from access_broker.sql.branches import BRANCHES, selector_of
from access_broker.sql.conditions import both_sides, call_and_filter, is_there
from access_broker.sql.copies import MOST_COPIES, weight_in
from access_broker.sql.multiplied import Multiplied, Multiplying
from access_broker.sql.relations import RELEASED, Cell, Shape, Value, combine
from access_broker.sql.scopes import Frame, is_window_call, own_nodes, size_of, strip
from access_broker.sql.shapes import is_measured
from access_broker.sql.tame import is_tame, puts_texts, tells_apart
from access_broker.sql.truths import column_compared, is_truth_as_number, spell_out_chosen, without_not

if TYPE_CHECKING:
    from access_broker.sql.relations import BaseColumn, Relation

MAX_REGIONS = 24
MAX_COPIED = 15_000  # nodes of a statement's tests for k people: each region repeats the conditions of its figure
_OF_EVERYBODY = frozenset(
    """
    amanat_percentile avg corr count covar_pop covar_samp regr_intercept regr_r2 regr_slope stddev_pop stddev_samp sum
    var_pop var_samp
    """.split()
)
"""What tells no single one of the values it is given. Of a column the contract's list says what may; what was counted
per person is no column."""
_ADD_UP = frozenset("avg count stddev_pop stddev_samp sum var_pop var_samp".split())
_OF_SQUARES = frozenset("stddev_pop stddev_samp var_pop var_samp".split())
_PERCENTILE = "amanat_percentile"
_PER_ENTITY_AFFINE = frozenset({"count", "count_star", "sum", "avg"})


class Aggregates(Multiplying):
    """Mixed into the analyser. `copied`: about how many nodes the tests of all figures will have."""

    copied: int = 0

    if TYPE_CHECKING:

        def value(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr] | None = None) -> Value: ...
        def condition(self, node: exp.Expr, frame: Frame) -> None: ...
        def shows_open_values(self, call: exp.Expr, frame: Frame) -> bool: ...
        def counts_nobody(self, call: exp.Expr, frame: Frame) -> bool: ...
        def is_of_people(self, relation: Relation) -> bool: ...
        def is_known_of_group(self, node: exp.Expr, frame: Frame) -> bool: ...
        def is_entity(self, column: BaseColumn) -> bool: ...
        def type_of(self, column: BaseColumn) -> str: ...

    def aggregate(self, node: exp.Expr, frame: Frame) -> Value:
        """One aggregate call, with its FILTER if it has one. Only legal where groups are known."""
        if frame.groups is None or is_window_call(node):
            raise Refused("NOT_SUPPORTED", name="AGGREGATE")
        call, taken = call_and_filter(node)
        if type(call) not in allowed.AGGREGATES:
            raise Refused("FUNCTION_NOT_ALLOWED", name=call.sql_name().lower() if isinstance(call, exp.Func) else "")
        if not frame.info.deferred and any(map(self.is_of_people, frame.info.relations.values())):
            spell_out_chosen(call)
        own = set(frame.info.relations)
        rows = replace(frame, groups=None)
        # over figures that are told already, a query within is one value like others
        columns = [n for n in (call.walk() if frame.sources else own_nodes(call)) if isinstance(n, exp.Column)]
        if any(c.table and c.table not in own for c in columns):
            raise Refused("NOT_SUPPORTED", name="AGGREGATE")  # the engine would count it in the query around this one
        if any(not c.table for c in columns):  # a name nobody knows: that alone is told, and refuses the statement
            for column in columns:
                self.value(column, rows)
            return RELEASED
        if taken is not None and _is_of_people_around(taken, frame):
            raise Refused("NOT_SUPPORTED", name="AGGREGATE")  # nor those that the FILTER takes
        regions: list[exp.Expr] = []
        multiplied = Multiplied([], [])
        if taken is not None:
            self._indicator(taken, rows)
        function, value = self._arguments(call, rows, regions, multiplied)
        if not frame.info.deferred and (self.shows_open_values(call, frame) or self.counts_nobody(call, frame)):
            self.touch_rows(frame.sources, Use.TRANSFORM, function)
        counts_once = function == "count" and isinstance(call.this, exp.Distinct)
        read = {column.table for column in call.find_all(exp.Column)}
        # somebody with a few rows would outweigh all others
        if not counts_once and weight_in(frame, self.is_of_people, read) > MOST_COPIES:
            self.touch_rows(frame.sources, Use.CROSS, function)
        self.copied += (len(regions) + 2) * size_of(node)
        if len(regions) > MAX_REGIONS or self.copied > MAX_COPIED:
            raise Refused("TOO_COMPLEX", limit=MAX_REGIONS)
        if frame.info.deferred:
            # else a 0 marks who is absent; that of a count is told from what was counted
            there = function == "count" or not {c.table for c in columns} & frame.nullable
            plain = there and taken is None and all(isinstance(r, exp.Not) for r in regions)
            plain = plain and call.find(exp.Coalesce) is None  # a value for who has none: nobody would count the rest
            # a constant in it counts rows; among what nobody knows nobody would see that
            plain = plain and not (any(map(self.is_hidden, value.columns)) and _adds_a_constant(call))
            affine = plain and function in _PER_ENTITY_AFFINE and value.shape <= Shape.AFFINE
            shape = Shape.AFFINE if affine else Shape.OPAQUE
            counted, summed = function == "count" or value.counted, function == "sum" or value.summed
            return Value(value.columns, frame.sources, None, shape, counted=counted, summed=summed)
        if frame.sources:
            known = self.is_known_of_group(node, frame)
            frame.info.cells.append(Cell(node, function, taken, regions, known, *multiplied))
        return RELEASED

    def _arguments(
        self, call: exp.Expr, rows: Frame, regions: list[exp.Expr], multiplied: Multiplied
    ) -> tuple[str, Value]:
        name = allowed.AGGREGATES[type(call)]
        argument = call.this
        if name == "count" and (argument is None or isinstance(argument, exp.Star)):
            return "count_star", Value(rows=rows.sources, shape=Shape.PLAIN)
        if name == "count_if":
            self._indicator(argument, rows)
            regions += both_sides(argument)
            return name, Value(rows=rows.sources, shape=Shape.OPAQUE)
        if isinstance(argument, exp.Distinct):
            return name, self._distinct(name, argument, rows, regions)
        arguments = list(call.iter_expressions())
        if isinstance(call, exp.Quantile):
            arguments = [argument]
            if any(tells_apart(n) or isinstance(n, exp.Coalesce) for n in argument.walk()):
                raise Refused("NOT_SUPPORTED", name="CASE")  # neighbours of nobody would be counted among the k
        values = [self._measure(name, e, rows, regions) for e in arguments]
        if len(arguments) > 1 and rows.sources:
            self.pair(name, list(zip(arguments, values, strict=True)), rows, regions, multiplied)
        if not is_tame(arguments) or (name != "count" and puts_texts(arguments)):
            self.touch_rows(rows.sources, Use.TRANSFORM, name)
        return name, combine(*values, shape=max(v.shape for v in values)) if values else Value()

    def presence_of(self, argument: exp.Expr, rows: Frame) -> list[exp.Expr]:
        """A condition for each thing it is made of. Whoever has a count of 0 has nothing to count."""
        found = []
        for leaf in _leaves(argument):
            counted = isinstance(leaf, exp.Column) and self.value(leaf, rows).counted
            found.append(is_there(exp.Nullif(this=leaf, expression=exp.Literal.number(0)) if counted else leaf))
        return found

    def _indicator(self, condition: exp.Expr, rows: Frame) -> None:
        """A condition inside an aggregate. It is copied into guards, so it may hold no query of its own."""
        if any(isinstance(n, exp.Query) for n in condition.walk()):
            raise Refused("NOT_SUPPORTED", name="SUBQUERY IN AGGREGATE")
        self.condition(condition, rows)

    def _measure(self, name: str, node: exp.Expr, rows: Frame, regions: list[exp.Expr]) -> Value:
        column = None
        if isinstance(node, exp.Order):  # only string_agg has a use for it, and that is for open data
            parts = [self.value(e, rows) for e in [node.this, *(o.this for o in node.expressions)] if e is not None]
            value = combine(*parts)
        else:
            column = _zero_for_the_absent(node, rows) if name in _ADD_UP else None
            value = self.value(column or node, rows, regions)
        self.touch(value, Use.AGGREGATE, name)
        # who has nothing chooses a branch as in WHERE, where it is known of each person
        known = frozenset() if rows.info.deferred else rows.info.attributes
        chooses = known - {c.table for c in measured_in(node)}
        padded = {c.table for c in node.find_all(exp.Column)} & (rows.nullable - chooses)
        lost = padded and not isinstance(node, exp.Column) and column is None
        picks = bool(value.rows) and not value.columns and name not in _OF_EVERYBODY
        # a truth is a 1 or a 0: added up, it counts people, and nobody would count those it leaves out
        truths = name in _OF_EVERYBODY - {"count"} and not value.is_count
        truths = truths and not all(is_measured(self.type_of(c)) for c in value.columns)
        mixed = self._is_weighed_within(name, node, value)
        if value.shape is Shape.OPAQUE or lost or value.chosen or picks or truths or mixed:
            self.touch(value, Use.TRANSFORM, name)
            self.touch_rows(rows.sources, Use.TRANSFORM, name)
        present = self.presence_of(node, rows)
        regions += [exp.and_(*present)] if present else []  # a value is there where all that it is made of is
        return value

    def _is_weighed_within(self, name: str, node: exp.Expr, value: Value) -> bool:
        """Does what is known multiply something else in a square, or decide the order of it? In the square of a sum

        stands twice the product of its parts; days from one column to another are such a sum as well.
        """
        hidden = {self.is_hidden(column) for column in value.columns}
        known = value.is_count or False in hidden
        parts = sum(leaf.find(exp.Column) is not None for leaf in _leaves(node))  # this year is one for everybody
        several = parts > 1 or (name in _OF_SQUARES and len(value.columns) > 1)
        return name in (*_OF_SQUARES, _PERCENTILE) and (len(hidden) > 1 or (known and several))

    def _distinct(self, name: str, node: exp.Distinct, rows: Frame, regions: list[exp.Expr]) -> Value:
        if len(node.expressions) != 1:
            raise Refused("NOT_SUPPORTED", name="DISTINCT")
        inner = node.expressions[0]
        value = self.value(inner, rows)
        self.touch(value, Use.COUNT_DISTINCT)
        if name != "count":
            self.touch(value, Use.AGGREGATE, name)
        if name != "count" or value.plain is None:  # which values are there tells who is there
            self.touch(value, Use.TRANSFORM, name)
            self.touch_rows(rows.sources, Use.TRANSFORM, name)
        regions += [is_there(c) for c in _leaves(inner)]
        return Value(value.columns, value.rows, None, Shape.OPAQUE)

    def branches(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr]) -> Value:
        """CASE, IF or NULLIF as (part of) an argument: each branch and what is left is a region of its own,

        together with the values it shows. Never a constant: which branch a row takes depends on the row.
        """
        selector, conditions, results = selector_of(node)
        for condition in conditions:
            self._indicator(condition, frame)
        values = [self.value(r, frame, regions) for r in results]
        # those without a value are no branch, unless who has none was chosen
        first = 1 if is_truth_as_number(node) and self._is_as_it_was(without_not(conditions[0]), frame) else 0
        for number in range(first, len(selector.args["ifs"]) + 1):
            taken: exp.Expr = exp.EQ(this=selector.copy(), expression=exp.Literal.number(number))
            shown = results[number - 1] if 0 < number <= len(results) else results[-1]
            rest_shows = len(results) > 1 or isinstance(node, exp.Nullif)
            present = self.presence_of(shown, frame) if number or rest_shows else []
            regions.append(exp.and_(taken, *present) if present else taken)
        shape = max((v.shape for v in values), default=Shape.CONSTANT)
        merged = combine(*values)
        rows = merged.rows | frame.sources
        shape = max(shape, Shape.AFFINE)
        return Value(merged.columns, rows, None, shape, counted=merged.counted, summed=merged.summed)

    def _is_as_it_was(self, comparison: exp.Expr, frame: Frame) -> bool:
        """Is its column one of a table, NULL only where it is NULL there?"""
        compared = self.value(column_compared(comparison), frame)
        return compared.plain is not None and not compared.padded


def _is_of_people_around(condition: exp.Expr, frame: Frame) -> bool:
    """Does it read a column of a query further out, where people's rows are?"""
    own, level, sources = set(frame.info.relations), frame.outer, frame.sources
    while level is not None:
        sources, level = sources | level.sources, level.outer
    return bool(sources) and any(c.table and c.table not in own for c in condition.find_all(exp.Column))


def _zero_for_the_absent(node: exp.Expr, rows: Frame) -> exp.Expr | None:
    """x of `coalesce(x, 0)`, of what a LEFT JOIN knows of each person, in one row or none: it adds up what x does."""
    node = strip(node)
    if not isinstance(node, exp.Coalesce) or len(node.expressions) != 1 or rows.info.deferred:
        return None
    column, other = strip(node.this), strip(node.expressions[0])
    zero = isinstance(other, exp.Literal) and not other.is_string and float(other.name) == 0
    return column if zero and isinstance(column, exp.Column) and column.table in rows.info.attributes else None


def _adds_a_constant(call: exp.Expr) -> bool:
    """A year, and days from or to a day, are nearly one as well."""
    if call.find(exp.DateDiff, exp.Year, exp.Extract) is not None:
        return True
    sides = [side for n in call.find_all(exp.Add, exp.Sub) for side in (n.left, n.right)]
    return any(side.find(exp.Column) is None for side in sides)


def _leaves(node: exp.Expr) -> list[exp.Expr]:
    """What of an argument may be NULL, outside CASE and its kin, each once: columns, and parts of endless dates."""
    if isinstance(node, exp.Column | exp.DateDiff | exp.Year | exp.Extract):
        return [node]
    if isinstance(node, (*BRANCHES, exp.Query)):
        return []
    found = {c.sql(): c for child in node.iter_expressions() for c in _leaves(child)}
    return list(found.values())
