"""Variations of the statements of both corpora: a name, a value or a word exchanged, one laid into another."""

from __future__ import annotations

import random
import re
from functools import cache

from tests.canaries.beyond import COLUMNS
from tests.support.judge import cases

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+|\s+|[^\w\s]")
_WORDS = (
    "count", "sum", "avg", "min", "max", "median", "any_value", "DISTINCT", "NOT", "OR", "AND", "LEFT", "CROSS", "ALL",
    "EXISTS", "OVER ()", "LIMIT 1", "*", "NULL", "1e18", "-1", "|| 'x'", "ORDER BY 1",
    "HAVING count(*) = 1", "--", "/*",
)  # fmt: skip
_LITERALS = (
    "'Azua'", "'City1'", "'Oviedo'", "'Pedernales'", "'F'", "'none'",
    "''", "1", "0", "2024", "NULL", "DATE '2024-04-30'",
)  # fmt: skip


@cache
def seeds() -> tuple[str, ...]:
    """Every statement of the corpora, the steps of sequences one by one; those that name files left out."""
    found: list[str] = []
    for case in (*cases("legit"), *cases("calendars"), *cases("tools"), *cases("attacks")):
        found += [case["sql"]] if isinstance(case["sql"], str) else case["sql"]
    return tuple(sql for sql in found if "{" not in sql and len(sql) < 3000)


def statement(chance: random.Random) -> str:
    sql = chance.choice(seeds())
    for _ in range(chance.randint(1, 3)):
        sql = chance.choice(_CHANGES)(sql, chance)
    return sql


def _exchange_name(sql: str, chance: random.Random) -> str:
    names = [c for columns in COLUMNS.values() for c in columns]
    return _exchange(sql, chance, lambda t: t.lower() in names, chance.choice(names))


def _exchange_table(sql: str, chance: random.Random) -> str:
    return _exchange(sql, chance, lambda t: t.lower() in COLUMNS, chance.choice(tuple(COLUMNS)))


def _exchange_literal(sql: str, chance: random.Random) -> str:
    return _exchange(sql, chance, lambda t: t.startswith("'") or t.isdigit(), chance.choice(_LITERALS))


def _exchange_word(sql: str, chance: random.Random) -> str:
    return _exchange(sql, chance, lambda t: t.isalpha(), chance.choice(_WORDS))


def _insert(sql: str, chance: random.Random) -> str:
    tokens = _TOKEN.findall(sql)
    tokens.insert(chance.randrange(len(tokens) + 1), f" {chance.choice(_WORDS)} ")
    return "".join(tokens)


def _drop(sql: str, chance: random.Random) -> str:
    tokens = _TOKEN.findall(sql) or [sql]
    start = chance.randrange(len(tokens))
    return "".join(tokens[:start] + tokens[start + chance.randint(1, 4) :])


def _wrap(sql: str, chance: random.Random) -> str:
    other = chance.choice(seeds())
    forms = ("SELECT * FROM ({0}) q", "WITH q AS ({0}) SELECT count(*) FROM q", "({0}) UNION ALL ({1})", "{0} LIMIT 2",
             "SELECT * FROM ({0}) a, ({1}) b", "SELECT ({0}), ({1})", "SELECT 1 WHERE EXISTS ({0})")  # fmt: skip
    return chance.choice(forms).replace("{0}", sql).replace("{1}", other)


_CHANGES = (_exchange_name, _exchange_name, _exchange_table, _exchange_literal, _exchange_word, _insert, _drop, _wrap)


def _exchange(sql: str, chance: random.Random, fits: object, new: str) -> str:
    tokens = _TOKEN.findall(sql)
    places = [i for i, token in enumerate(tokens) if callable(fits) and fits(token)]
    if places:
        tokens[chance.choice(places)] = new
    return "".join(tokens)
