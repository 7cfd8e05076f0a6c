"""Text in, one checked tree out. Nothing beyond this file ever sees the user's text again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from access_broker.domain.decisions import Refused
from access_broker.domain.text import has_invisible, spelling_joiners
from access_broker.sql import allowed
from access_broker.sql.brackets import in_need, put_brackets
from access_broker.sql.identifiers import known_as, typed_names
from access_broker.sql.parameters import bind, bind_today, numbered
from access_broker.sql.pivot_statements import in_brackets, spell_out_pivot_statements
from access_broker.sql.scopes import given
from access_broker.sql.series import series_of
from access_broker.sql.spelling import form_name, function_name
from access_broker.sql.spellings import spell_out
from access_broker.sql.tuples import is_compared

DIALECT = "duckdb"
_NOT_QUERIES = frozenset(
    """
    alter analyze attach begin call checkpoint comment commit connect copy create deallocate delete describe desc
    detach drop execute explain export force import insert install load merge pragma prepare reset rollback set show
    summarize truncate unload update upsert use vacuum grant revoke
    """.split()
)

_AFTER_CALLS = frozenset({"EXPORT_STATE"})


@dataclass(frozen=True)
class Parsed:
    """A checked tree. `typed`: output name → as typed, so that answers keep the asker's capitals."""

    tree: exp.Query
    typed: dict[str, str]


def parse(text: str, parameters: Sequence[Any] | None = None, today: date | None = None) -> Parsed:
    """The statement as a tree of allow-listed nodes, parameters and `today` bound as literals, identifiers folded.

    Raises Refused: BAD_TEXT, TOO_COMPLEX, SYNTAX, ONE_STATEMENT, NOT_A_QUERY, NOT_SUPPORTED, FUNCTION_NOT_ALLOWED,
    AGGREGATE_NOT_ALLOWED, BAD_PARAMETERS.
    """
    tokens = check_text(text)
    _check_calls(tokens)
    text = numbered(text, tokens)
    if "PIVOT" in text.upper():
        text = in_brackets(text, sqlglot.tokenize(text, read=DIALECT))
    tree = bind(_one_query(text), parameters)
    bind_today(tree, today)
    check_size(tree)
    tree = spell_out(tree)
    put_brackets(tree)
    check_nodes(tree, text)
    typed = typed_names(tree)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", known_as(identifier.name))
    return Parsed(tree, typed)


def check_text(text: str) -> list[Token]:
    """The tokens of `text`. Refuses what a reviewer could not read as it stands: too long, invisible, look-alike
    characters outside quotes. The half-space of Persian spelling is read as it is meant within quotes, nowhere else.
    """
    if len(text.encode("utf-8", "replace")) > allowed.MAX_TEXT:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_TEXT)
    joiners = frozenset(spelling_joiners(text))
    visible = "".join(char for place, char in enumerate(text) if place not in joiners)
    if has_invisible(visible) or "\x00" in text:
        raise Refused("BAD_TEXT")
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
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
    return tokens


def _check_calls(tokens: Sequence[Token]) -> None:
    """What the engine reads as a part of the call before it, and our parser as a name for what it yields."""
    for before, token in pairwise(tokens):
        is_word = before.token_type is TokenType.R_PAREN and token.token_type is not TokenType.IDENTIFIER
        if is_word and token.text.upper() in _AFTER_CALLS:
            raise Refused("NOT_SUPPORTED", name=token.text.upper())


def _one_query(text: str) -> exp.Query:
    try:
        statements = [s for s in sqlglot.parse(text, dialect=DIALECT) if s is not None]
    except (SqlglotError, RecursionError) as error:
        if _first_word(text) in _NOT_QUERIES:
            raise Refused("NOT_A_QUERY", name=_statement_name(text)) from None
        raise Refused("SYNTAX", line=_line_of(error), name=_pivot_in(text)) from None
    if not statements:
        raise Refused("SYNTAX")
    if len(statements) > 1:
        raise Refused("ONE_STATEMENT")
    tree = statements[0]
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(tree)
    if next(in_need(tree), None) is not None:  # `NOT a IS NULL || b`: the engine might read it otherwise
        raise Refused("SYNTAX")
    tree = spell_out_pivot_statements(tree)
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Command):
        raise Refused("NOT_A_QUERY", name=_statement_name(text))
    return tree


def _first_word(text: str) -> str:
    words = text.replace("(", " ").split()
    return words[0].lower() if words else ""


def _statement_name(text: str) -> str:
    """What kind of statement it is, for the sentence; only words that are known to begin one."""
    word = _first_word(text)
    return word.upper() if word in _NOT_QUERIES | {"pivot", "unpivot"} else ""


def _pivot_in(text: str) -> str:
    """The parser reads `PIVOT … ON …` hardly ever, and people who write it want to know what to write instead."""
    found = re.search(r"\b(?:un)?pivot\b", text, re.IGNORECASE)
    return found[0].upper() if found else ""


def _line_of(error: Exception) -> int | None:
    found = getattr(error, "errors", None)
    return found[0].get("line") if found else None


def check_nodes(tree: exp.Expr, text: str = "") -> None:
    """Every node is allow-listed by its class, functions without a class by name, casts by target type.

    `text`: what the tree was parsed from, so that a refusal names a function as it was typed.
    """
    check_size(tree)
    for node in tree.walk():
        _check_node(node, text)
        if (unit := _unit(node)) in allowed.UNREAD_UNITS.get(type(node), ()):
            raise Refused("NOT_SUPPORTED", name=unit)


def check_size(tree: exp.Expr) -> None:
    """Before anything goes down into the tree, or copies parts of it."""
    for count, node in enumerate(tree.walk()):
        if count > allowed.MAX_NODES or node.depth > 3 * allowed.MAX_DEPTH:
            raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)


def _check_node(node: exp.Expr, text: str) -> None:
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
            raise Refused("FUNCTION_NOT_ALLOWED", name=function_name(node, text))
        raise Refused("NOT_SUPPORTED", name=form_name(kind.__name__))
    elif kind in allowed.ARGUMENTS and not given(node) <= allowed.ARGUMENTS[kind]:
        raise Refused("NOT_SUPPORTED", name=form_name(min(given(node) - allowed.ARGUMENTS[kind])))
    elif _beyond(node) and kind not in allowed.ARGUMENTS:
        raise Refused("NOT_SUPPORTED", name=f"{function_name(node, text)}(…)")
    elif (kind is exp.In and not node.args.get("query") and not node.expressions) or None in node.expressions:
        raise Refused("SYNTAX")  # `x IN ()`, `string_agg(DISTINCT)`
    elif kind is exp.Is and not isinstance(node.expression, exp.Null | exp.Boolean):
        raise Refused("SYNTAX")  # `x IS TRUE / y`: of that the engine takes `x IS TRUE` first
    elif (names := allowed.LITERAL_ARGUMENTS.get(kind)) and not all(_is_fixed(node.args.get(n)) for n in names):
        raise Refused("NOT_SUPPORTED", name=_called(node, text))
    elif kind is exp.Escape and _ends_in_escape(node):
        raise Refused("SYNTAX")  # an error of the engine, for the rows that get that far
    elif kind is exp.Tuple and not isinstance(node.parent, exp.Values) and not is_compared(node):
        raise Refused("NOT_SUPPORTED", name="ROW VALUES")
    elif kind is exp.DataType:
        _check_type(node)
    elif kind is exp.Select and len(node.expressions) > allowed.MAX_COLUMNS:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_COLUMNS)


def _ends_in_escape(node: exp.Expr) -> bool:
    pattern, escape = node.this.expression.name, node.expression.name
    return len(escape) != 1 or pattern.replace(escape * 2, "").endswith(escape)


def _unit(node: exp.Expr) -> str:
    """Of time, where the node has one."""
    if isinstance(node, exp.Anonymous):
        first = node.expressions[0] if node.expressions else None
        return first.name.upper() if isinstance(first, exp.Literal) else ""
    return node.text("this" if isinstance(node, exp.Extract) else "unit").upper()


def _is_fixed(node: object) -> bool:
    return node is None or isinstance(node, str | exp.Literal | exp.Var)


def _beyond(node: exp.Expr) -> str:
    """An argument of a function that is none of ours; flags that the parser sets do not count."""
    told = {name for name in given(node) if isinstance(node.args[name], exp.Expr | list)}
    return min(told - allowed.FUNCTION_ARGUMENTS, default="") if isinstance(node, exp.Func) else ""


def _check_type(node: exp.Expr) -> None:
    kind = node.this
    name = kind.name if isinstance(kind, exp.DataType.Type) else ""
    if name not in allowed.TYPES or any(isinstance(e, exp.DataType) for e in node.expressions):
        raise Refused("NOT_SUPPORTED", name="CAST")


def _called(node: exp.Expr, text: str) -> str:
    return function_name(node, text) if isinstance(node, exp.Func) else form_name(type(node).__name__)
