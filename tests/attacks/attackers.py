"""Attackers who know every person's gender, district, year and job, and want one more thing: the secret.

Each returns a `Score`: how many targets it attacked, of how many it got the secret right, and what a guess would have.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy

from tests.support.inside import Inside

SMALL = Path(__file__).parent / "small"
K = 10
_KNOWN = ("gender", "district", "year", "job")


@dataclass(frozen=True)
class Person:
    place: int
    gender: str
    district: str
    year: int
    job: str
    secret: int


@dataclass(frozen=True)
class Subset:
    """A condition as it is written, and the people it takes."""

    text: str
    people: frozenset[int]


@dataclass(frozen=True)
class Score:
    """`statements`: asked for it; `answered`: of these. `right` of `targets`; `guess`: right by always saying no."""

    targets: int
    right: int
    statements: int
    answered: int
    guess: float = 0.0

    @property
    def share(self) -> float:
        return self.right / max(1, self.targets)


@dataclass
class Town:
    """The small town with one contract for every combination of terms that is attacked."""

    house: Inside
    people: tuple[Person, ...]
    asked: int = 0
    answered: int = 0
    _known: dict[str, frozenset[int]] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path) -> Town:
        raw = duckdb.connect()
        raw.execute((SMALL / "people.sql").read_text())
        rows = raw.execute("SELECT gender, district, year, job, secret FROM people ORDER BY id").fetchall()
        people = tuple(Person(i, *row) for i, row in enumerate(rows))
        return cls(Inside(SMALL / "scenario.yaml", folder), people)

    def under(self, id: str, **terms: Any) -> str:
        """A contract of its own, so that what one attacker was told is not held against the next."""
        self.house.also(id, "model", **terms)
        return id

    def figure(self, contract: str, sql: str, person: str = "analyst") -> float | None:
        """The only figure of an answer; None when it was refused or withheld."""
        given = self.house.ask(contract, sql, person=person)
        self.asked += 1
        rows = given.rows
        if not rows or rows[0][0] is None:
            return None
        self.answered += 1
        return float(rows[0][0])

    def sum_of(self, contract: str, subset: Subset, person: str = "analyst") -> float | None:
        return self.figure(contract, f"SELECT sum(secret) FROM people WHERE {subset.text}", person)

    def truth(self, people: Sequence[int] | frozenset[int]) -> int:
        return sum(self.people[i].secret for i in people)

    def subset(self, **taken: Sequence[Any]) -> Subset:
        """The people whose known columns are among the values named, as `district IN (…) AND year IN (…)`."""
        parts = [f"{column} IN ({', '.join(map(_literal, values))})" for column, values in taken.items()]
        people = frozenset(p.place for p in self.people if all(getattr(p, c) in v for c, v in taken.items()))
        return Subset(" AND ".join(parts) or "TRUE", people)

    def random_subset(self, chance: random.Random, among: Subset | None = None) -> Subset:
        """At least k people (of `among`), and not nearly everybody."""
        while True:
            taken = {}
            for column in chance.sample(_KNOWN[1:], chance.randint(2, 3)):
                values = sorted({getattr(p, column) for p in self.people})
                taken[column] = chance.sample(values, chance.randint(2, len(values) - 1))
            found = self.subset(**taken)
            if among:
                found = Subset(f"{found.text} AND {among.text}", found.people & among.people)
            if K <= len(found.people) <= len(self.people) - K:
                return found

    def score(self, before: tuple[int, int], targets: Sequence[int], guesses: Sequence[int | None]) -> Score:
        """A noisy guess counts as the nearer of what a secret can be; none at all as a no."""
        right = sum(self.people[t].secret == min(1, max(0, g or 0)) for t, g in zip(targets, guesses, strict=True))
        no = sum(self.people[t].secret == 0 for t in targets) / max(1, len(targets))
        return Score(len(targets), right, self.asked - before[0], self.answered - before[1], no)

    def singled_out(self) -> Iterator[tuple[int, Subset]]:
        """Everybody who is alone with what is known of them, with the condition that names them."""
        for person in self.people:
            alone = self.subset(**{c: [getattr(person, c)] for c in _KNOWN})
            if len(alone.people) == 1:
                yield person.place, alone

    def some_with(self, value: Any, column: str, chance: random.Random) -> list[Any]:
        """`value` and two or three others of the column."""
        others = sorted({getattr(p, column) for p in self.people} - {value})
        return [value, *chance.sample(others, chance.randint(2, 3))]

    def targets(self, chance: random.Random, count: int) -> list[tuple[int, Subset]]:
        """People who can be singled out, half of them with the secret: a guess is then right for half of them."""
        found = list(self.singled_out())
        sides = [[t for t in found if self.people[t[0]].secret == secret] for secret in (0, 1)]
        return [target for side in sides for target in chance.sample(side, count // 2)]


def reconstruct(town: Town, contract: str, questions: int, among: Subset | None = None, seed: int = 1) -> Score:
    """Sums of the secret over random subsets (of the people `among`), then the least squares that explain them."""
    chance, before = random.Random(seed), (town.asked, town.answered)
    everybody = sorted(among.people) if among else list(range(len(town.people)))
    rows, sums = [], []
    for _ in range(questions):
        subset = town.random_subset(chance, among)
        told = town.sum_of(contract, subset)
        if told is not None:
            rows.append([float(person in subset.people) for person in everybody])
            sums.append(told)
    if not rows:
        return town.score(before, everybody, [0] * len(everybody))
    base = numpy.full(len(everybody), 0.125)  # the share is common knowledge
    system = numpy.vstack([numpy.array(rows), 0.05 * numpy.eye(len(everybody))])
    wanted = numpy.concatenate([numpy.array(sums) - numpy.array(rows) @ base, numpy.zeros(len(everybody))])
    found = base + numpy.linalg.lstsq(system, wanted, rcond=None)[0]
    return town.score(before, everybody, [int(value > 0.5) for value in found])


def difference(town: Town, contract: str, targets: int, seed: int = 2, people: Sequence[str] = ("analyst",)) -> Score:
    """All of a group, and all of it but the target. With several `people` each half comes from another of them."""
    chance, before = random.Random(seed), (town.asked, town.answered)
    chosen = town.targets(chance, targets)
    guesses: list[int | None] = []
    for place, alone in chosen:
        group = town.subset(district=[town.people[place].district], gender=[town.people[place].gender])
        rest = Subset(f"({group.text}) AND NOT ({alone.text})", group.people - alone.people)
        whole, less = town.sum_of(contract, group, people[0]), town.sum_of(contract, rest, people[-1])
        guesses.append(None if whole is None or less is None else round(whole - less))
    return town.score(before, [place for place, _ in chosen], guesses)


def track(town: Town, contract: str, targets: int, seed: int = 3) -> Score:
    """Denning's tracker: who is in C, from (C or T), (C or not T) and everybody; C alone is never asked for."""
    chance, before = random.Random(seed), (town.asked, town.answered)
    chosen = town.targets(chance, targets)
    guesses: list[int | None] = []
    for _, alone in chosen:
        job = f"job IN ({', '.join(_literal(f'J{n}') for n in chance.sample(range(6), 3))})"
        texts = (f"({alone.text}) OR {job}", f"({alone.text}) OR NOT {job}", "TRUE")
        told = [town.figure(contract, f"SELECT sum(secret) FROM people WHERE {text}") for text in texts]
        one, other, everybody = told
        lost = one is None or other is None or everybody is None
        guesses.append(None if lost else round((one or 0) + (other or 0) - (everybody or 0)))
    return town.score(before, [place for place, _ in chosen], guesses)


def average(town: Town, contract: str, groups: int, askings: int, seed: int = 4) -> Score:
    """One figure in many words, shifted by a known amount each time; the mean of the answers is taken for the truth.

    A target is a group here, and right means: the exact sum was found.
    """
    chance, before = random.Random(seed), (town.asked, town.answered)
    right = 0
    for _ in range(groups):
        subset = town.random_subset(chance)
        told = []
        for shift in range(askings):
            text = f"SELECT sum(secret + {shift}) AS s{shift} FROM people WHERE {subset.text}"
            found = town.figure(contract, text)
            if found is not None:
                told.append(found - shift * len(subset.people))
        right += bool(told) and abs(float(numpy.mean(told)) - town.truth(subset.people)) < 0.5
    score = town.score(before, [], [])
    return replace(score, targets=groups, right=right)


def recognise(town: Town, contract: str, targets: int, seed: int = 6) -> Score:
    """Is somebody among the people at all? The attacker knows everybody else, and asks for one count whose rounding

    would differ with the target in it. Half of the targets do not exist.
    """
    chance, before = random.Random(seed), (town.asked, town.answered)
    right = 0
    for number in range(targets):
        member = number % 2 == 0
        target = chance.choice(town.people)
        while True:
            taken = {c: town.some_with(getattr(target, c), c, chance) for c in ("district", "year")}
            subset = town.subset(**taken)
            others = len(subset.people) - member  # a target who does not exist is none of these people
            if others > K and round(others / 5) != round((others + 1) / 5):
                break
        told = town.figure(contract, f"SELECT count(*) FROM people WHERE {subset.text}")
        right += (told is not None and told > others + 0.5) == member
    return replace(town.score(before, [], []), targets=targets, right=right, guess=0.5)


def search(town: Town, contract: str, tries: int, seed: int = 5) -> Score:
    """Random pairs of questions, kept when one takes 1 to k-1 people more than the other; then both are asked.

    A target is a pair here, and right means: the difference of the answers is the exact sum of those few people.
    """
    chance, before = random.Random(seed), (town.asked, town.answered)
    pairs = right = 0
    while pairs < tries:
        one = town.random_subset(chance)
        extra = town.random_subset(chance)
        other = chance.choice(
            (
                Subset(f"({one.text}) AND ({extra.text})", one.people & extra.people),
                Subset(f"({one.text}) OR ({extra.text})", one.people | extra.people),
                Subset(f"({one.text}) AND NOT ({extra.text})", one.people - extra.people),
            )
        )
        few = one.people ^ other.people
        if not 1 <= len(few) < K or len(other.people) < K:
            continue
        pairs += 1
        first, second = town.sum_of(contract, one), town.sum_of(contract, other)
        if first is not None and second is not None:
            right += abs(abs(first - second) - town.truth(few)) < 0.5
    return replace(town.score(before, [], []), targets=pairs, right=right)


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
