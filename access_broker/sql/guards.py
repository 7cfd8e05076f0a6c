"""Are there k people behind a figure? The exact test, and a cheap one that knows when it does not know.

Exact is `count(DISTINCT entity)`, or `count(entity)` where no entity stands in two rows. The former is dear: it
remembers every person of every group. Fewer than k rows are fewer than k people. More rows than the k - 1 people with
most rows have in the whole table are k people at least; and entities sown into a set of 64 bits are at least as many as
bits are set. What is left is *in doubt*, and a statement with any doubt in it runs again in a form that costs more, at
last in the exact one. The answer is the same always.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import sqlglot
from sqlglot import exp

from access_broker.sql.auditing import Guard
from access_broker.sql.conditions import call_and_filter, filtered
from access_broker.sql.parse import DIALECT
from access_broker.sql.statement import MARK_GUARD, MARK_SELECT, Cheaper, Statement

SETTLED = "__settled"
LEAST_ROWS = 100_000
"""Rows of the largest protected table from which on the cheap test is worth a second text."""
_MOST_K = 24  # for more people 64 bits are too few: groups much larger than k would be in doubt
_MOST_PEOPLE = 64
Heaviest = Mapping[str, Sequence[int]]
_BITS = "BIT_COUNT(BIT_OR(CAST(1 AS UBIGINT) << CAST(x & 63 AS UBIGINT)))"
_AGGREGATES, _FUNCTIONS = frozenset({"count", "bit_or", "bool_or"}), frozenset({"<<", "&", "bit_count"})


def enough(guard: Guard, region: exp.Expr | None) -> exp.Expr:
    """`count(DISTINCT entity) [FILTER (WHERE region)] >= k`"""
    entity = guard.entity.copy()
    counted: exp.Expr = exp.Count(this=entity if guard.times == () else exp.Distinct(expressions=[entity]))
    test = exp.GTE(this=filtered(counted, region), expression=exp.Literal.number(guard.k))
    if guard.times != ():
        test.meta[MARK_GUARD] = guard.times
    return test


def group_is_enough(guards: list[Guard]) -> exp.Expr:
    return exp.and_(*(enough(guard, None) for guard in guards))


def cheaper(statement: Statement, heaviest: Heaviest) -> list[Cheaper]:
    """The cheap forms of `statement`, cheapest first; none where they would gain nothing.

    `heaviest`: published table → the most rows that single people have in it, largest first (see `heaviest_of`).
    """
    tests = list(statement.tree.find_all(exp.GTE)) if statement.tree is not None else []
    marked = [n for n in tests if MARK_GUARD in n.meta]
    by_rows = any(_least_rows(n, heaviest) for n in marked)
    found = [_cheaper(statement, h) for h in ([heaviest, {}] if by_rows else [{}])] if marked else []
    return [one for one in found if one is not None]


def heaviest_of(table: str, entity: str) -> Statement:
    """The question how many rows the people with most rows have in a published table."""
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n", quoted=True))
    counted = counted.from_(exp.table_(table, db="main", quoted=True)).group_by(exp.column(entity, quoted=True))
    asked = exp.select(exp.column("n", quoted=True)).from_(counted.subquery("people"))
    asked = asked.order_by(exp.Ordered(this=exp.column("n", quoted=True), desc=True)).limit(_MOST_PEOPLE)
    return Statement(asked.sql(dialect=DIALECT), ["n"], [(table, frozenset({entity}))], frozenset({"count_star"}))


def _cheaper(statement: Statement, heaviest: Heaviest) -> Cheaper | None:
    if statement.tree is None:
        return None
    tree = statement.tree.copy()
    doubts = _make_cheap(tree, heaviest)
    if doubts is None or any(audit.correlated and doubts.get(audit.number) for audit in statement.audits):
        return None
    top = tree.unnest()
    suspects = [
        _suspects(statement, select, doubts[select.meta[MARK_SELECT]])
        for select in _marked(tree)
        if select is not top and doubts.get(select.meta[MARK_SELECT])
    ]
    flagged = isinstance(top, exp.Select) and bool(doubts.get(top.meta.get(MARK_SELECT, -1)))
    if isinstance(top, exp.Select) and flagged:
        _flag(top, doubts[top.meta[MARK_SELECT]], len(statement.output_names))
    cheap = statement.printed_from(tree, _AGGREGATES, _FUNCTIONS)
    return Cheaper(cheap, suspects, flagged)


def _make_cheap(tree: exp.Expr, heaviest: Heaviest) -> dict[int, list[exp.Expr]] | None:
    """Replace every exact test in `tree`; what each SELECT is in doubt about, by its number. None: k is too large."""
    doubts: dict[int, dict[str, exp.Expr]] = {}
    for test in [n for n in tree.find_all(exp.GTE) if MARK_GUARD in n.meta]:
        number = _select_of(test)
        k = int(test.expression.name)
        least = _least_rows(test, heaviest)
        if number is None or (least is None and k > _MOST_K):
            return None
        counted, region = call_and_filter(test.this)
        entity = counted.this.expressions[0]
        rows = filtered(exp.Count(this=entity.copy()), region)
        sure, at_least = (rows.copy(), least) if least is not None else (_bits(entity, region), k)
        unsure = exp.and_(_at_least(rows, k), exp.LT(this=sure.copy(), expression=exp.Literal.number(at_least)))
        test.replace(_at_least(sure, at_least))
        doubts.setdefault(number, {}).setdefault(unsure.sql(), unsure)
    return {number: list(found.values()) for number, found in doubts.items()}


def _least_rows(test: exp.Expr, heaviest: Heaviest) -> int | None:
    """So many rows cannot be those of fewer than k people; None if nothing is known of their tables."""
    k, times = int(test.expression.name), test.meta[MARK_GUARD]
    if not times or not all(heaviest.get(table) for table in times) or k > _MOST_PEOPLE:
        return None
    first, *others = times
    return 1 + sum(heaviest[first][: k - 1]) * math.prod(heaviest[table][0] for table in others)


def _at_least(counted: exp.Expr, least: int) -> exp.Expr:
    return exp.GTE(this=counted, expression=exp.Literal.number(least))


def _select_of(node: exp.Expr) -> int | None:
    select = node.find_ancestor(exp.Select)
    return select.meta.get(MARK_SELECT) if select is not None else None


def _marked(tree: exp.Expr) -> Iterable[exp.Select]:
    return [select for select in tree.find_all(exp.Select) if MARK_SELECT in select.meta]


def _suspects(statement: Statement, select: exp.Select, doubts: list[exp.Expr]) -> Statement:
    """`SELECT 1 FROM … GROUP BY … HAVING doubt LIMIT 1`: a row says that some group of this SELECT is in doubt."""
    kept = {n: select.args[n] for n in ("from_", "joins", "where", "group") if select.args.get(n)}
    asked = exp.Select(**{n: [e.copy() for e in v] if isinstance(v, list) else v.copy() for n, v in kept.items()})
    asked.set("expressions", [exp.alias_(exp.Literal.number(1), "__one", quoted=True)])
    asked.set("having", exp.Having(this=_any(doubts)))
    asked.set("limit", exp.Limit(expression=exp.Literal.number(1)))
    return statement.beside(asked, _AGGREGATES, _FUNCTIONS)


def _flag(top: exp.Select, doubts: list[exp.Expr], place: int) -> None:
    """Every row of the answer says whether all groups were certain; groups in doubt are kept so that it is seen."""
    doubt = _any(doubts)
    having = top.args.get("having")
    if having is not None:
        top.set("having", exp.Having(this=exp.or_(exp.paren(having.this), exp.paren(doubt))))
    told: exp.Expr = exp.paren(doubt.copy())
    if top.args.get("group"):
        told = exp.Window(this=exp.LogicalOr(this=told))
    flag = exp.alias_(exp.Not(this=told), SETTLED, quoted=True)
    top.set("expressions", [*top.expressions[:place], flag, *top.expressions[place:]])


def _bits(entity: exp.Expr, region: exp.Expr | None) -> exp.Expr:
    bits = sqlglot.parse_one(_BITS, dialect=DIALECT)
    aggregate = bits.find(exp.BitwiseOrAgg)
    assert aggregate is not None  # it stands in the template
    aggregate.find(exp.Column).replace(entity.copy())  # type: ignore[union-attr]
    aggregate.replace(filtered(aggregate.copy(), region))
    return exp.Coalesce(this=bits, expressions=[exp.Literal.number(0)])


def _any(conditions: list[exp.Expr]) -> exp.Expr:
    return exp.or_(*(exp.paren(c) for c in conditions))
