"""Our own attackers against answer mode `dp`. Without its noise they succeed, so it is the noise that stops them.

Noise cannot be seeded: what is asserted fails by chance less than once in ten thousand runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from access_broker.adapters.ledger import SqliteLedger
from access_broker.domain.contracts import AnswerMode, Epsilon
from tests.attacks.attackers import Score, Town, difference, reconstruct, track
from tests.support.inside import new_gate
from tests.support.noise import NoNoise

ATTACKS: dict[str, Callable[[Town, str], Score]] = {
    "difference": lambda town, contract: difference(town, contract, 20),
    "two people": lambda town, contract: difference(town, contract, 20, people=("analyst", "colleague")),
    "tracker": lambda town, contract: track(town, contract, 20),
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town.at(tmp_path)
    yield made
    made.house.close()


def noisy(town: Town, total: float) -> str:
    """A contract with as many statements of epsilon 0.1 as `total` allows."""
    clip = (("town.people.secret", 0.0, 1.0),)
    return town.under("noisy", answer_mode=AnswerMode.DP, epsilon=Epsilon(0.1, total), clip=clip)


@pytest.mark.parametrize("name", ATTACKS)
def test_single_people_are_not_given_away(town: Town, name: str) -> None:
    score = ATTACKS[name](town, noisy(town, 10.0))
    assert score.share <= 0.9
    assert score.answered >= 40


@pytest.mark.parametrize("name", ATTACKS)
def test_without_the_noise_they_would_be(town: Town, name: str) -> None:
    town.house.gate = new_gate(town.house, SqliteLedger(town.house.folder / "ledger.sqlite"), noise=NoNoise())
    assert ATTACKS[name](town, noisy(town, 10.0)).share == 1.0


def test_no_number_of_sums_rebuilds_the_town(town: Town) -> None:
    score = reconstruct(town, noisy(town, 1.0), 100)
    assert score.answered == 10, "then epsilon is spent"
    assert score.share <= 0.95
