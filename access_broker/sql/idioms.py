"""Ways of writing that mean what another one says, read as that one before anything is looked at.

Each pair means the same to the engine for every value, NULL included; what the gate decides is the second.
"""

from __future__ import annotations

from sqlglot import exp

_WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT"})
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like)


def spell_out_idioms(tree: exp.Query) -> None:
    """`count(DISTINCT CASE WHEN p THEN x END)`: count(DISTINCT x) FILTER (WHERE p). `sum(p::INTEGER)`, and `avg`, where
    p compares a column: of a CASE of 1 and 0. `any_value(x)`: max(x), one of its values, each time the same.
    FETCH FIRST: LIMIT.
    """
    for call in list(tree.find_all(exp.Count)):
        _count_of_some(call)
    for cast in list(tree.find_all(exp.Cast)):
        _truth_as_number(cast)
    for some in list(tree.find_all(exp.AnyValue)):
        _any_value(some)
    for fetch in list(tree.find_all(exp.Fetch)):
        _fetch(fetch)


def _count_of_some(call: exp.Count) -> None:
    distinct = call.this
    if not isinstance(distinct, exp.Distinct) or len(distinct.expressions) != 1 or isinstance(call.parent, exp.Filter):
        return
    case = distinct.expressions[0].unnest()
    if not isinstance(case, exp.Case) or _given(case) != {"ifs"} or len(case.args["ifs"]) != 1:
        return
    (branch,) = case.args["ifs"]
    counted = exp.Count(this=exp.Distinct(expressions=[branch.args["true"].copy()]), big_int=True)
    call.replace(exp.Filter(this=counted, expression=exp.Where(this=branch.this.copy())))


def _truth_as_number(cast: exp.Cast) -> None:
    kind, says = cast.to.this, cast.this.unnest()
    is_whole = isinstance(kind, exp.DataType.Type) and kind.name in _WHOLE
    if type(cast) is exp.Cast and is_whole and isinstance(cast.parent, exp.Sum | exp.Avg) and _compares_a_column(says):
        yes = exp.If(this=says.copy(), true=exp.Literal.number(1))
        no = exp.If(this=exp.Not(this=exp.Paren(this=says.copy())), true=exp.Literal.number(0))
        cast.replace(exp.Case(ifs=[yes, no]))


def is_truth_as_number(case: exp.Expr) -> bool:
    """1 where a column compares so, 0 where it does not, NULL where the column is: nobody else is left over.

    Of any other condition, who is left over can be chosen: one person, by `nullif(city, 'that')`.
    """
    if not isinstance(case, exp.Case) or _given(case) != {"ifs"} or len(case.args["ifs"]) != 2:
        return False
    yes, no = case.args["ifs"]
    shown = [yes.args["true"], no.args["true"]]
    is_contrary = no.this == exp.Not(this=exp.Paren(this=yes.this.copy()))
    return is_contrary and shown == [exp.Literal.number(1), exp.Literal.number(0)] and _compares_a_column(yes.this)


def _compares_a_column(node: exp.Expr) -> bool:
    """NULL only where the column is: it is on the left, and beside it are only literals."""
    if not isinstance(node, _COMPARISONS) or not isinstance(node.this, exp.Column) or node.args.get("query"):
        return False
    beside = list(node.iter_expressions())[1:]
    return bool(beside) and all(isinstance(part, exp.Literal) for part in beside)


def _any_value(call: exp.AnyValue) -> None:
    if _given(call) != {"this"} or isinstance(call.this, exp.Order | exp.Distinct | exp.HavingMax):
        return
    whole = call.parent if isinstance(call.parent, exp.IgnoreNulls) else call  # it ignores them in any case
    whole.replace(exp.Max(this=call.this.copy()))


def _fetch(node: exp.Fetch) -> None:
    options = node.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        return
    count = node.args.get("count") or exp.Literal.number(1)
    node.replace(exp.Limit(expression=count.copy()))


def _given(node: exp.Expr) -> set[str]:
    return {name for name, value in node.args.items() if value}
