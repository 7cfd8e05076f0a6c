"""How often one person may stand in what FROM yields, as a number of lists of their rows that were multiplied.

Somebody with five visits is in `citizens` once, in `visits` five times, and in `visits` joined to `visits` by the
person's number 25 times. Who has many can be chosen in a subquery; after some such joins a mean over all is the value
of that one, and how many rows there are is a power of how many they have. Pairs are asked for in earnest (the days from
one visit to the next), more is not. What was added up of such rows for each person carries their number on, though each
stands there once: it is the *weight* of what is joined next.
"""

from __future__ import annotations

from collections.abc import Callable

from access_broker.sql.relations import Relation
from access_broker.sql.scopes import Frame

MOST_COPIES = 2

OfPeople = Callable[[Relation], bool]


def weight_in(frame: Frame, is_of_people: OfPeople, read: set[str]) -> int:
    """A figure of what FROM yields may have so many lists of one person's rows in it, at most, however it was made.

    `read`: the items of FROM that it is made of.
    """
    carried = (relation.weight for alias, relation in frame.info.relations.items() if alias in read)
    return copies_in(frame, is_of_people) + max(carried, default=0)


def copies_in(frame: Frame, is_of_people: OfPeople) -> int:
    """What FROM yields has so many lists of one person's rows multiplied, at most. Joins must have been read."""
    info = frame.info
    people = {alias: relation for alias, relation in info.relations.items() if is_of_people(relation)}
    tied = {alias for alias in people if alias in info.tied} or set(people)
    alone = [people[alias].copies for alias in tied & info.single_rows]
    bound = min(alone) if alone else sum(people[alias].copies for alias in tied)
    # of whom the others are, as the head of a household, a row stands beside as many rows as there are of these
    return bound + (1 if set(people) - tied - info.single_rows else 0)


def set_copies(result: Relation, frame: Frame, entities: frozenset[str], is_of_people: OfPeople) -> None:
    """The same of a SELECT's rows. `entities`: outputs that are the number of a person."""
    alone = bool(entities) and all(frozenset({name}) in result.keys for name in entities)
    result.copies = 0 if alone else copies_in(frame, is_of_people)
    adds_up = frame.info.deferred and bool(result.outputs.keys() - entities)
    carried = max((relation.weight for relation in frame.info.relations.values()), default=0)
    result.weight = carried + (copies_in(frame, is_of_people) if adds_up else 0)
