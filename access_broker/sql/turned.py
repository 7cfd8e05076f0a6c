"""`visits RIGHT JOIN people ON …` as `people LEFT JOIN visits ON …`: one way round is looked at."""

from __future__ import annotations

from sqlglot import exp

_ITEMS = (exp.Table, exp.Subquery)


def spell_out_right_joins(tree: exp.Query) -> None:
    """Where the join is the first and no star shows in which order the two stand."""
    for select in tree.find_all(exp.Select):
        from_, joins = select.args.get("from_"), select.args.get("joins") or []
        if from_ is None or not joins or any(item.is_star for item in select.expressions):
            continue
        first = joins[0]
        turned = (first.side or "").upper() == "RIGHT" and not first.method and not first.kind.replace("OUTER", "")
        if turned and isinstance(from_.this, _ITEMS) and isinstance(first.this, _ITEMS):
            left, right = from_.this.copy(), first.this.copy()
            from_.set("this", right)
            first.set("this", left)
            first.set("side", "LEFT")
