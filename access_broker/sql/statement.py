"""What runs instead of the user's text, and the two things that can be made of it: an audit query, a narrower one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from access_broker.sql.auditing import AuditSelect
from access_broker.sql.brackets import printed
from access_broker.sql.conditions import balanced
from access_broker.sql.harden import harden
from access_broker.sql.parts import printed_with_parts

MARK_SELECT, MARK_CELL, MARK_READ, MARK_GUARD = "amanat_select", "amanat_cell", "amanat_read", "amanat_guard"
"""Marks on nodes (`meta`), which survive copying: number of the SELECT, (SELECT, cell), place in `reads`, a test for
k people that costs much."""
MARK_HELD = "amanat_held"
"""The test of a whole SELECT for k people, number of the SELECT."""

HELD = "__held"
"""The column that says whether an ungrouped answer holds."""


@dataclass(frozen=True)
class Withheld:
    """A group that must not be shown, or one cell of it.

    `keys`: texts that the engine reads as the group's keys, in the order of `AuditSelect.keys`, None for NULL; empty
    for a SELECT without GROUP BY. `cell`: only that cell, which becomes NULL.
    """

    select: int
    keys: tuple[str | None, ...]
    cell: int | None = None


@dataclass
class Cheaper:
    """The same statement with tests for k people that cost less and may be in doubt (`sql/guards.py`).

    It may be used when no statement of `suspects` yields a row and, if it is `flagged`, its answer has rows whose
    column after the asker's is true. `in_doubt`: it was tried on this publication and could not be used.
    """

    statement: Statement
    suspects: list[Statement]
    flagged: bool
    in_doubt: bool = False


@dataclass
class Statement:
    """What the worker runs and how its answer is read.

    `reads`: (physical table, physical columns) the plan must show, per occurrence. `aggregates`: the engine's
    aggregate names it may show. `held`: the last column says whether every guard of an ungrouped answer held; it is
    taken off, and false means the answer is refused. `guarded`: it reads people's rows. `schema`: of the answer, once
    the engine has told it. `audits`: its aggregating SELECTs over guarded sources. `tree`: what `sql` was printed
    from; never changed. `functions`: scalar functions of our own that its plan may call. `costly`: published tables on
    which counting people costs much → their entity column. `cheaper`: cheaper forms of it for one publication, the
    cheapest first; None before somebody has made them. `series`: arguments of the series of constants that its plan may
    show, as `Series.parameters`. `probe`: it reads no row and yields none, and its plan must show that.
    `told`: names of the lists of our own values that its plan may show, as `told.name_of`.
    `derived`: from one that was verified, with the engine's own values as constants beside those that were typed.
    """

    sql: str
    output_names: list[str]
    reads: list[tuple[str, frozenset[str]]]
    aggregates: frozenset[str]
    held: bool = False
    guarded: bool = False
    schema: Any = None
    audits: list[AuditSelect] = field(default_factory=list, repr=False, compare=False)
    tree: exp.Query | None = field(default=None, repr=False, compare=False)
    functions: frozenset[str] = frozenset()
    costly: dict[str, str] = field(default_factory=dict)
    cheaper: list[Cheaper] | None = field(default=None, repr=False, compare=False)
    series: frozenset[tuple[Any, ...]] = frozenset()
    probe: bool = False
    derived: bool = False
    told: frozenset[str] = frozenset()

    def beside(self, select: exp.Select, aggregates: Iterable[str] = (), functions: Iterable[str] = ()) -> Statement:
        """A query of our own over the sources of this one, made of an `AuditSelect.source`, ready to be verified.

        Consumes `select`, which may have `Parts`. It is hardened like the statement itself, and reads only what that
        reads.
        """
        places = sorted({n.meta[MARK_READ] for n in select.find_all(exp.Subquery) if MARK_READ in n.meta})
        names = [e.alias_or_name for e in select.expressions]
        tree = harden(select)
        return Statement(
            sql=printed_with_parts(tree),
            output_names=names,
            reads=[self.reads[place] for place in places],
            aggregates=self.aggregates | frozenset(aggregates),
            guarded=True,
            functions=self.functions | frozenset(functions),
            series=self.series,
            told=self.told,
        )

    def printed_from(self, tree: exp.Query, aggregates: Iterable[str] = (), functions: Iterable[str] = ()) -> Statement:
        """The statement that `tree`, a changed copy of this one's, is: same sources, same answer columns."""
        return Statement(
            sql=printed(tree),
            output_names=self.output_names,
            reads=self.reads,
            aggregates=self.aggregates | frozenset(aggregates),
            held=self.held,
            guarded=self.guarded,
            schema=self.schema,
            tree=tree,
            functions=self.functions | frozenset(functions),
            series=self.series,
            derived=True,
        )

    def withholding(self, withheld: Iterable[Withheld]) -> Statement:
        """The same statement without these groups and cells, before windows, ORDER BY and LIMIT look at them.

        To be verified anew like any other text. An ungrouped answer without its one group is an answer of no row.
        """
        if self.tree is None:
            raise ValueError("a statement without its tree")
        tree = self.tree.copy()
        selects = {n.meta[MARK_SELECT]: n for n in tree.find_all(exp.Select) if MARK_SELECT in n.meta}
        cells = {n.meta[MARK_CELL]: n for n in tree.find_all(exp.Paren) if MARK_CELL in n.meta}
        by_place: dict[tuple[int, int | None], list[tuple[str | None, ...]]] = defaultdict(list)
        for one in withheld:
            by_place[one.select, one.cell].append(one.keys)
        for (number, cell), groups in by_place.items():
            select = selects[number]
            other = _none_of(select, groups)
            if cell is None:
                having = select.args.get("having")
                select.set("having", exp.Having(this=exp.and_(having.this, other) if having else other))
            else:
                arm = cells[number, cell].this.args["ifs"][0]
                arm.set("this", exp.and_(arm.this, other))
        return self.printed_from(tree)


def _none_of(select: exp.Select, groups: list[tuple[str | None, ...]]) -> exp.Expr:
    """`NOT (key IS NOT DISTINCT FROM 'value' AND …) AND NOT (…)`, for every group."""
    group = select.args.get("group")
    keys = group.expressions if group else []
    return balanced([exp.Not(this=exp.Paren(this=_is_group(keys, values))) for values in groups])


def _is_group(keys: list[exp.Expr], values: tuple[str | None, ...]) -> exp.Expr:
    """The engine reads a literal as what it is compared with: 30 days and one month are one key, though two texts."""
    same = [
        exp.NullSafeEQ(
            this=exp.paren(key.copy()),
            expression=exp.null() if value is None else exp.Literal.string(value),
        )
        for key, value in zip(keys, values, strict=True)
    ]
    return exp.and_(*same) if same else exp.true()
