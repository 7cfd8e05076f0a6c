"""`avg(total / 10)` of people's totals as `avg(total) / 10`: tomans of rials, thousands, per cent.

What is reckoned with a figure per person before it is added up may carry a chosen person's part off, and is refused
(`sum(total + 1e21 - 1e21)`). A factor that is moved out of the aggregate reckons with what is told anyway, which
anybody may do.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.rebuilt import PLAIN, innermost_first
from access_broker.sql.scopes import given, has_aggregate, is_window_call, is_within, items_of, strip

_LINEAR = (exp.Sum, exp.Avg)


def move_factors_out(tree: exp.Query) -> None:
    """`tree` is qualified and has no CTE. What is more than a factor, or meets anything but a sum or mean, is left."""
    for select in innermost_first(tree, exp.Select):
        for name, item in items_of(select).items():
            query = item.this if isinstance(item, exp.Subquery) and not item.args.get("pivots") else None
            if isinstance(query, exp.Select):
                mentioned = _mentioned(name, query, select)
                for shown in query.selects:
                    _move_out(shown, query, mentioned.get(shown.alias_or_name, []), select)


def _mentioned(name: str, query: exp.Select, select: exp.Select) -> dict[str, list[exp.Column]]:
    """Where `select` names a column of `query`, by the column: found at once for all of them."""
    found: dict[str, list[exp.Column]] = {}
    for column in select.find_all(exp.Column):
        if column.table == name and not is_within(column, query):
            found.setdefault(column.name, []).append(column)
    return found


def _move_out(shown: exp.Expr, query: exp.Select, mentions: list[exp.Column], select: exp.Select) -> None:
    """First out of the subquery, which shows it; then out of the sums and means around."""
    value = shown.unalias()
    figure = _measured(value)
    wholes = [_whole_of(mention, select) for mention in mentions]
    if figure is not value:
        handed = isinstance(figure, exp.Column) and not query.args.get("group")  # else it may be a key
        moves = handed or has_aggregate(figure)
        names = [e.alias_or_name for e in query.selects]
        plain = given(query) <= PLAIN | {"group", "having"} and names.count(shown.alias_or_name) == 1
        if not (moves and plain and all(wholes)):
            return
        for mention in mentions:
            _put_within(mention, value)
        shown.set("this", figure.copy())
    for whole in wholes:
        if whole is not None:
            _take_out(whole)


def _whole_of(mention: exp.Expr, select: exp.Select) -> exp.Expr | None:
    """The sum or mean over it, or what hands it on, where it is multiplied and divided by numbers at most."""
    call = mention.find_ancestor(exp.AggFunc, exp.Select)
    if isinstance(call, _LINEAR) and not is_window_call(call) and call.parent_select is select:
        return call if _measured(call.this) is mention else None
    handed = given(select) <= PLAIN and any(_measured(e.unalias()) is mention for e in select.expressions)
    return mention if handed else None


def _take_out(call: exp.Expr) -> None:
    if isinstance(call, _LINEAR) and _measured(call.this) is not strip(call.this):
        factors = call.this.copy()
        call.set("this", _measured(call.this).copy())
        _put_within(call.parent if isinstance(call.parent, exp.Filter) else call, factors)


def _put_within(node: exp.Expr, factors: exp.Expr) -> None:
    """`node` where it stands, in place of what is multiplied and divided in a copy of `factors`."""
    outer = exp.Paren(this=factors.copy())
    place = _measured(outer)
    node.replace(outer)
    place.replace(node)


def _measured(node: exp.Expr) -> exp.Expr:
    """What is multiplied and divided by numbers in it, and made a DOUBLE."""
    node = strip(node)
    if isinstance(node, exp.Mul | exp.Div) and _is_factor(node.right):
        return _measured(node.left)
    if isinstance(node, exp.Mul) and _is_factor(node.left):
        return _measured(node.right)
    if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DOUBLE:
        return _measured(node.this)
    return node


def _is_factor(node: exp.Expr) -> bool:
    node = strip(node)
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) != 0
