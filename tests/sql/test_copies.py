"""How many lists of one person's rows are multiplied: more than two would let one person outweigh all others."""

from __future__ import annotations

import pytest

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.footprint import Use
from tests.support.sample import CATALOGUE, analysed, table

VISITS = "id BIGINT join\nnumber BIGINT dimension unique\nkind VARCHAR dimension\ncost DOUBLE aggregate"
PEOPLE = table("people", "p", "id", "id BIGINT join unique\nhead BIGINT join\nincome DOUBLE aggregate")
object.__setattr__(PEOPLE, "entity_unique", True)
JOINS = [(f"{a}.id", f"{b}.id") for a in ("people", "visits") for b in ("visits", "tests")]
JOINS += [("visits.kind", "kinds.kind")]
JOINS += [("tests.visit", "visits.number"), ("people.head", "people.id")]
SCHEMA = Catalogue(
    (
        PEOPLE,
        table("visits", "v", "id", VISITS),
        table("kinds", "k", None, "kind VARCHAR dimension unique"),
        table("tests", "t", "id", "id BIGINT join\nvisit BIGINT dimension\nresult DOUBLE aggregate"),
    ),
    frozenset(frozenset({f"sample.{one}", f"sample.{other}"}) for one, other in JOINS),
)
PAIRS = "(SELECT a.id, a.cost FROM visits a JOIN visits b ON a.id = b.id)"
SUMMED = "(SELECT a.id, sum(a.cost) AS s FROM visits a JOIN visits b ON a.id = b.id GROUP BY a.id)"
HEADS = "(SELECT h.id FROM people m JOIN people h ON m.head = h.id)"


def is_crossed(sql: str) -> bool:
    return any(touch.use is Use.CROSS for touch in analysed(sql, catalogue=SCHEMA).footprint.touches)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM visits a JOIN visits b ON a.id = b.id JOIN visits c ON a.id = c.id",
        "SELECT sum(cost) FROM visits a JOIN tests t ON t.id = a.id JOIN tests u ON u.id = t.id",
        "SELECT avg(income) FROM people p JOIN visits a ON p.id = a.id JOIN visits b ON p.id = b.id"
        " JOIN visits c ON p.id = c.id",
        "SELECT avg(income) FROM people p LEFT JOIN visits a ON p.id = a.id LEFT JOIN visits b ON p.id = b.id"
        " LEFT JOIN visits c ON p.id = c.id",
        f"SELECT count(*) FROM {PAIRS} a JOIN visits b ON a.id = b.id",
        f"SELECT count(*) FROM (SELECT q.id FROM {PAIRS} q) a JOIN (SELECT id FROM visits LIMIT 9) b ON a.id = b.id",
        f"SELECT avg(n) FROM (SELECT a.id, count(*) AS n FROM {PAIRS} a JOIN visits b ON a.id = b.id GROUP BY a.id)",
        f"SELECT avg(n) FROM (SELECT a.id, a.kind, max(c.cost) AS n FROM visits a JOIN {PAIRS} c ON a.id = c.id"
        " GROUP BY a.id, a.kind)",
        "SELECT kind, count(*) FILTER (WHERE kind = 'a') FROM visits a JOIN visits b ON a.id = b.id JOIN visits c"
        " ON a.id = c.id GROUP BY kind".replace("kind", "a.kind"),
        f"SELECT count(*) FROM {HEADS} a JOIN {HEADS} b ON a.id = b.id JOIN {HEADS} c ON b.id = c.id",
        f"SELECT sum(s) FROM visits v JOIN {SUMMED} a ON a.id = v.id",
        "SELECT avg(q.n) FROM visits a JOIN visits b ON a.id = b.id JOIN (SELECT id, count(*) AS n FROM visits"
        " GROUP BY id) q ON q.id = a.id",
        f"SELECT sum(s) FROM (SELECT v.id, sum(a.s) AS s FROM visits v JOIN {SUMMED} a ON a.id = v.id GROUP BY v.id)",
        f"SELECT avg(s) FROM (SELECT q.id, q.s + 1 AS s FROM {SUMMED} q) r JOIN visits v ON v.id = r.id",
    ],
)
def test_a_third_list_is_a_cross(sql: str) -> None:
    assert is_crossed(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM visits a JOIN visits b ON a.id = b.id",
        "SELECT count(*), sum(a.cost), avg(income) FROM people p JOIN visits a ON p.id = a.id JOIN visits b"
        " ON p.id = b.id",
        "SELECT count(DISTINCT a.id) FROM visits a JOIN visits b ON a.id = b.id JOIN visits c ON a.id = c.id",
        "SELECT count(*) FROM (SELECT DISTINCT a.id FROM visits a JOIN visits b ON a.id = b.id JOIN visits c"
        " ON a.id = c.id) d JOIN people p ON p.id = d.id",
        "SELECT avg(result) FROM tests t JOIN visits v ON t.visit = v.number JOIN people p ON p.id = v.id",
        "SELECT avg(n), avg(m), avg(o) FROM (SELECT id, count(*) AS n FROM visits GROUP BY id) a"
        " JOIN (SELECT id, count(*) AS m FROM tests GROUP BY id) b ON a.id = b.id"
        " JOIN (SELECT id, count(kind) AS o FROM visits GROUP BY id) c ON a.id = c.id JOIN visits v ON v.id = a.id",
        "SELECT avg(m.income + h.income) FROM people m JOIN people h ON m.head = h.id",
        f"SELECT avg(s) FROM {SUMMED} a JOIN people p ON p.id = a.id",
        "SELECT a.kind, avg(b.cost) FROM visits a JOIN visits b ON a.id = b.id JOIN people p ON p.id = a.id"
        " JOIN kinds k ON k.kind = a.kind GROUP BY 1",
    ],
)
def test_pairs_and_figures_of_each_are_none(sql: str) -> None:
    assert not is_crossed(sql)


def test_people_of_several_rows_are_a_list_themselves() -> None:
    """In this catalogue nobody has said that a citizen stands in one row."""
    of_each = " JOIN ".join(f"visits v{n} ON v{n}.national_id = c.national_id" for n in range(2))
    touches = analysed(f"SELECT count(*) FROM citizens c JOIN {of_each}", catalogue=CATALOGUE).footprint.touches
    assert any(touch.use is Use.CROSS for touch in touches)
