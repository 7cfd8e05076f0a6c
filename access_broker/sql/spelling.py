"""What a refused part of a statement is called by whoever typed it: the parser has names of its own for much."""

from __future__ import annotations

import re

from sqlglot import exp

_FORMS = {
    "Bracket": "[…]",
    "Dot": "x.y",
    "GroupingSets": "GROUPING SETS",
    "National": "N'…'",
    "Slice": "[…:…]",
    "group": "PIVOT … GROUP BY",
    "into": "SELECT INTO",
    "joins": "(… JOIN …)",
    "on": "DISTINCT ON",
    "ordinality": "WITH ORDINALITY",
    "pivots": "PIVOT",
    "recursive": "WITH RECURSIVE",
}
"""The parser's name of a node or of an argument → the words for it, where its own say something else."""


def form_name(name: str) -> str:
    """`SimilarTo`, `by_name` → SIMILAR TO, BY NAME: the words that are typed for them."""
    plain = name.strip("_")
    return _FORMS.get(plain) or re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", plain).upper()


def function_name(node: exp.Expr, text: str = "") -> str:
    """The name of a call as it stands in `text`; DuckDB's name where the parser did not note the place."""
    start, end = node.meta.get("start"), node.meta.get("end")
    typed = text[start : end + 1] if isinstance(start, int) and isinstance(end, int) else ""
    if re.fullmatch(r"\w+", typed, re.ASCII):
        return typed.lower()
    if not isinstance(node, exp.Func) or isinstance(node, exp.Anonymous | exp.AnonymousAggFunc):
        return node.name.lower()
    if isinstance(node, exp.Explode):
        return "unnest"
    printed = re.match(r"(\w+)(\(|$)", node.sql(dialect="duckdb"), re.ASCII)
    return (printed[1] if printed else node.sql_name()).lower()
