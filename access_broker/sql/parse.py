"""Text in, one checked tree out. Nothing beyond this file ever sees the user's text again."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType
from sqlglot.tokens import Tokenizer

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold, has_invisible, spelling_joiners
from access_broker.sql import allowed
from access_broker.sql.grouping import spell_out_groupings
from access_broker.sql.idioms import spell_out_idioms
from access_broker.sql.percentile import read_percentiles
from access_broker.sql.pivot import spell_out_pivots
from access_broker.sql.series import series_of
from access_broker.sql.spelled_series import spell_out_series
from access_broker.sql.unpivot import spell_out_unpivots

DIALECT = "duckdb"
_NOT_QUERIES = frozenset(
    """
    alter analyze attach begin call checkpoint comment commit connect copy create deallocate delete describe desc
    detach drop execute explain export force import insert install load merge pragma prepare reset rollback set show
    summarize truncate unload update upsert use vacuum grant revoke
    """.split()
)


@dataclass(frozen=True)
class Parsed:
    """A checked tree. `typed`: folded output name → as typed, so that answers keep the asker's capitals."""

    tree: exp.Query
    typed: dict[str, str]


def parse(text: str, parameters: Sequence[Any] | None = None) -> Parsed:
    """The statement as a tree of allow-listed nodes, parameters bound as literals, identifiers folded.

    Raises Refused: BAD_TEXT, TOO_COMPLEX, SYNTAX, ONE_STATEMENT, NOT_A_QUERY, NOT_SUPPORTED, FUNCTION_NOT_ALLOWED,
    AGGREGATE_NOT_ALLOWED, BAD_PARAMETERS.
    """
    check_text(text)
    tree = _one_query(text)
    tree = _bind(tree, parameters)
    spell_out_series(tree)
    read_percentiles(tree)
    spell_out_idioms(tree)
    tree = spell_out_groupings(tree)
    spell_out_unpivots(tree)
    check_nodes(tree)
    typed = {fold(name): name for e in tree.selects if (name := e.alias_or_name) and name != "*"}
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", fold(identifier.name))
        if identifier.name.startswith("__"):  # the rewriter's own names; nobody else may take one
            raise Refused("NOT_SUPPORTED", name=identifier.name)
    spell_out_pivots(tree)
    return Parsed(tree, typed)


def check_text(text: str) -> None:
    """Refuse what a reviewer could not read as it stands: too long, invisible, look-alike characters outside quotes.

    The half-space of Persian spelling is read as it is meant within quotes, and nowhere else.
    """
    if len(text.encode("utf-8", "replace")) > allowed.MAX_TEXT:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_TEXT)
    joiners = frozenset(spelling_joiners(text))
    visible = "".join(char for place, char in enumerate(text) if place not in joiners)
    if has_invisible(visible) or "\x00" in text:
        raise Refused("BAD_TEXT")
    try:
        tokens = Tokenizer(dialect=DIALECT).tokenize(text)
    except (SqlglotError, RecursionError):
        raise Refused("SYNTAX") from None
    quoted = [False] * (len(text) + 1)
    depth = deepest = 0
    for token in tokens:
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            quoted[token.start : token.end + 1] = [True] * (token.end + 1 - token.start)
            if len(token.text) > allowed.MAX_LITERAL:
                raise Refused("TOO_COMPLEX", limit=allowed.MAX_LITERAL)
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        deepest = max(deepest, depth)
    if deepest > allowed.MAX_DEPTH or len(tokens) > allowed.MAX_NODES:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_DEPTH)
    if not all(quoted[place] for place in joiners):
        raise Refused("BAD_TEXT")
    for position, char in enumerate(text):
        if not char.isascii() and not quoted[position] and not (char.isalnum() and "\u0600" <= char <= "\u06ff"):
            raise Refused("BAD_TEXT")


def _one_query(text: str) -> exp.Query:
    try:
        statements = [s for s in sqlglot.parse(text, dialect=DIALECT) if s is not None]
    except (SqlglotError, RecursionError):
        if _first_word(text) in _NOT_QUERIES:
            raise Refused("NOT_A_QUERY") from None
        raise Refused("SYNTAX") from None
    if not statements:
        raise Refused("SYNTAX")
    if len(statements) > 1:
        raise Refused("ONE_STATEMENT")
    tree = statements[0]
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(tree)
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Command):
        raise Refused("NOT_A_QUERY")
    return tree


def _first_word(text: str) -> str:
    words = text.replace("(", " ").split()
    return words[0].lower() if words else ""


def _bind(tree: exp.Query, parameters: Sequence[Any] | None) -> exp.Query:
    """Parameters become literals before anything is analysed, so that `?` can never mean a name."""
    values = list(parameters or ())
    places = list(tree.find_all(exp.Placeholder, exp.Parameter, bfs=False))
    numbers = [_number(p) for p in places]
    if None not in numbers:
        if not all(1 <= n <= len(values) for n in numbers if n is not None):
            raise Refused("BAD_PARAMETERS", expected=max((n or 0 for n in numbers), default=0), given=len(values))
        order = [values[n - 1] for n in numbers if n is not None]
        if not places and values:
            raise Refused("BAD_PARAMETERS", expected=0, given=len(values))
    else:
        if any(n is not None for n in numbers) or any(p.this for p in places) or len(places) != len(values):
            raise Refused("BAD_PARAMETERS", expected=len(places), given=len(values))
        order = values
    for place, value in zip(places, order, strict=True):
        place.replace(_literal(value))
    return tree


def _number(place: exp.Expr) -> int | None:
    """The n of `$n`; None for `?` and for names."""
    text = str(place.this or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _literal(value: Any) -> exp.Expr:
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | decimal.Decimal):
        return _signed(str(value))
    if isinstance(value, float):
        return _signed(repr(value))
    if isinstance(value, str):
        if len(value) > allowed.MAX_LITERAL or "\x00" in value:
            raise Refused("BAD_PARAMETERS")
        return exp.Literal.string(value)
    if isinstance(value, datetime.datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP", dialect=DIALECT)
    if isinstance(value, datetime.date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE", dialect=DIALECT)
    raise Refused("BAD_PARAMETERS")


def _signed(text: str) -> exp.Expr:
    if "n" in text.lower():  # nan and infinity have no literal
        raise Refused("BAD_PARAMETERS")
    number = exp.Literal.number(text.lstrip("-"))
    return exp.Paren(this=exp.Neg(this=number)) if text.startswith("-") else number


def check_nodes(tree: exp.Expr) -> None:
    """Every node is allow-listed by its class, functions without a class by name, casts by target type."""
    for count, node in enumerate(tree.walk()):
        if count > allowed.MAX_NODES or node.depth > 3 * allowed.MAX_DEPTH:
            raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
        _check_node(node)


def _check_node(node: exp.Expr) -> None:
    kind = type(node)
    if kind is exp.Anonymous:
        if node.name.lower() not in allowed.NAMED_SCALARS:
            raise Refused("FUNCTION_NOT_ALLOWED", name=node.name)
        if len(node.expressions) > 1 and not _is_fixed(node.expressions[0]):
            raise Refused("NOT_SUPPORTED", name=node.name)
    elif kind is exp.GenerateSeries and not (isinstance(node.parent, exp.Table) and series_of(node)):
        raise Refused("NOT_SUPPORTED", name="GENERATE_SERIES")  # its rows are not known from its text
    elif kind not in allowed.NODES:
        if isinstance(node, exp.Func | exp.AnonymousAggFunc):
            raise Refused("FUNCTION_NOT_ALLOWED", name=_function_name(node))
        raise Refused("NOT_SUPPORTED", name=kind.__name__)
    elif kind in allowed.ARGUMENTS and not _present(node) <= allowed.ARGUMENTS[kind]:
        raise Refused("NOT_SUPPORTED", name=min(_present(node) - allowed.ARGUMENTS[kind]).strip("_").upper())
    elif (extra := _beyond(node)) and kind not in allowed.ARGUMENTS:
        raise Refused("NOT_SUPPORTED", name=f"{_function_name(node)}, {extra}")
    elif (kind is exp.In and not node.args.get("query") and not node.expressions) or None in node.expressions:
        raise Refused("SYNTAX")  # `x IN ()`, `string_agg(DISTINCT)`
    elif (names := allowed.LITERAL_ARGUMENTS.get(kind)) and not all(_is_fixed(node.args.get(n)) for n in names):
        raise Refused("NOT_SUPPORTED", name=kind.__name__.upper())
    elif kind is exp.Escape and _ends_in_escape(node):
        raise Refused("SYNTAX")  # an error of the engine, for the rows that get that far
    elif kind is exp.Tuple and not isinstance(node.parent, exp.Values):
        raise Refused("NOT_SUPPORTED", name="ROW VALUES")
    elif kind is exp.DataType:
        _check_type(node)
    elif kind is exp.Select and len(node.expressions) > allowed.MAX_COLUMNS:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_COLUMNS)


def _ends_in_escape(node: exp.Expr) -> bool:
    pattern, escape = node.this.expression.name, node.expression.name
    return len(escape) != 1 or pattern.replace(escape * 2, "").endswith(escape)


def _is_fixed(node: object) -> bool:
    return node is None or isinstance(node, str | exp.Literal | exp.Var)


def _present(node: exp.Expr) -> set[str]:
    return {name for name, value in node.args.items() if value}


def _beyond(node: exp.Expr) -> str:
    """An argument of a function that is none of ours; flags that the parser sets do not count."""
    given = {name for name, value in node.args.items() if isinstance(value, exp.Expr | list) and value}
    return min(given - allowed.FUNCTION_ARGUMENTS, default="") if isinstance(node, exp.Func) else ""


def _check_type(node: exp.Expr) -> None:
    kind = node.this
    name = kind.name if isinstance(kind, exp.DataType.Type) else ""
    if name not in allowed.TYPES or any(isinstance(e, exp.DataType) for e in node.expressions):
        raise Refused("NOT_SUPPORTED", name="CAST")


def _function_name(node: exp.Expr) -> str:
    if isinstance(node, exp.Explode):
        return "unnest"
    return (
        node.sql_name().lower()
        if isinstance(node, exp.Func) and not isinstance(node, exp.AnonymousAggFunc)
        else node.name
    )
