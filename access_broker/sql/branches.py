"""A CASE, an IF or a NULLIF as branches: which one a row takes, by number, and what is left."""

from __future__ import annotations

from sqlglot import exp

BRANCHES = (exp.Case, exp.If, exp.Nullif)


def selector_of(node: exp.Expr) -> tuple[exp.Case, list[exp.Expr], list[exp.Expr]]:
    """(CASE that numbers the branches, 0 for the rest; the conditions; the results)."""
    if isinstance(node, exp.Nullif):
        test = exp.EQ(this=node.this.copy(), expression=node.expression.copy())
        return _numbered([test]), [test], [node.this]
    if isinstance(node, exp.If):
        results = [r for r in (node.args.get("true"), node.args.get("false")) if r is not None]
        return _numbered([node.this]), [node.this], results
    ifs = node.args["ifs"]
    results = [i.args["true"] for i in ifs] + ([node.args["default"]] if node.args.get("default") else [])
    subject = node.args.get("this")
    tests = [i.this for i in ifs]
    return _numbered(tests, subject), [*tests, *([subject] if subject is not None else [])], results


def _numbered(tests: list[exp.Expr], subject: exp.Expr | None = None) -> exp.Case:
    ifs = [exp.If(this=test.copy(), true=exp.Literal.number(i)) for i, test in enumerate(tests, 1)]
    case = exp.Case(ifs=ifs, default=exp.Literal.number(0))
    if subject is not None:
        case.set("this", subject.copy())
    return case
