"""How often one person may stand in what FROM yields, as a number of lists of their rows that were multiplied.

Somebody with five visits is in `citizens` once, in `visits` five times, and in `visits` joined to `visits` by the
person's number 25 times. Who has many can be chosen in a subquery; after some such joins a mean over all is the value
of that one, and how many rows there are is a power of how many they have. Pairs are asked for in earnest (the days from
one visit to the next), more is not.
"""

from __future__ import annotations

from access_broker.sql.relations import Relation
from access_broker.sql.scopes import Frame

MOST_COPIES = 2


def copies_in(frame: Frame) -> int:
    """What FROM yields has so many lists of one person's rows multiplied, at most. Joins must have been read."""
    info = frame.info
    people = {alias: relation for alias, relation in info.relations.items() if relation.sources}
    tied = {alias for alias in people if alias in info.tied} or set(people)
    alone = [people[alias].copies for alias in tied & info.single_rows]
    bound = min(alone) if alone else sum(people[alias].copies for alias in tied)
    # of whom the others are, as the head of a household, a row stands beside as many rows as there are of these
    return bound + (1 if set(people) - tied - info.single_rows else 0)


def copies_out(relation: Relation, frame: Frame, entities: frozenset[str]) -> int:
    """The same of a SELECT's rows. `entities`: outputs that are the number of a person."""
    alone = bool(entities) and all(frozenset({name}) in relation.keys for name in entities)
    return 0 if alone else copies_in(frame)
