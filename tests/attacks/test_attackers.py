"""Our own attackers against contracts with and without protection from differencing. Figures: docs/disclosure.md.

Without it they must succeed, or they would prove nothing against the contracts that have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from access_broker.adapters.budget import SqliteBudget
from access_broker.adapters.ledger import SqliteLedger
from access_broker.domain.contracts import AnswerMode, Differencing
from tests.attacks.attackers import Score, Town, average, difference, recognise, reconstruct, search, track
from tests.support.inside import new_gate

ATTACKS: dict[str, Callable[[Town, str], Score]] = {
    "difference": lambda town, contract: difference(town, contract, 6),
    "two people": lambda town, contract: difference(town, contract, 6, people=("analyst", "colleague")),
    "tracker": lambda town, contract: track(town, contract, 6),
    "search": lambda town, contract: search(town, contract, 6),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town.at(tmp_path_factory.mktemp("town"))
    yield made
    made.house.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_exact_answers_without_a_memory_give_single_people_away(town: Town, name: str) -> None:
    score = ATTACKS[name](town, town.under(f"off_{name.replace(' ', '_')}", answer_mode=AnswerMode.EXACT))
    assert score.right == score.targets


@pytest.mark.parametrize("mode", [AnswerMode.EXACT, AnswerMode.ROUNDED])
@pytest.mark.parametrize("name", ATTACKS)
def test_a_memory_withholds_what_would_give_them_away(town: Town, name: str, mode: AnswerMode) -> None:
    """No better than a guess, and not because everything was refused."""
    terms = {"answer_mode": mode, "differencing": Differencing.REFUSE}
    score = ATTACKS[name](town, town.under(f"refuse_{mode}_{name.replace(' ', '_')}", **terms))
    assert score.share <= score.guess
    assert score.answered > 0


def test_many_exact_sums_rebuild_everybody(town: Town) -> None:
    """Here of the people of two districts; of the whole town in the bench."""
    contract = town.under("off_rebuilt", answer_mode=AnswerMode.EXACT)
    some = town.subset(district=["D1", "D2"])
    assert reconstruct(town, contract, 90, some).share > 0.95


@pytest.mark.parametrize("mode", [AnswerMode.EXACT, AnswerMode.ROUNDED])
def test_a_memory_ends_before_sums_rebuild_anybody(town: Town, mode: AnswerMode) -> None:
    """Hardly better than a guess, though several were answered; the bench does it to the whole town."""
    contract = town.under(f"refuse_{mode}_rebuilt", answer_mode=mode, differencing=Differencing.REFUSE)
    score = reconstruct(town, contract, 90, town.subset(district=["D1", "D2"]))
    assert score.share <= score.guess + 0.04
    assert score.answered >= 5


def test_neither_other_words_nor_a_shift_average_the_rounding_away(town: Town) -> None:
    """What is shifted is rounded before; exact answers need no average, so that it is known to be no empty claim."""
    score = average(town, town.under("rounded_averaged", answer_mode=AnswerMode.ROUNDED), 8, 15)
    assert score.answered == 8 * 15
    assert score.right <= 2  # a sum that happens to be a multiple of five is told as it is
    assert average(town, town.under("exact_averaged", answer_mode=AnswerMode.EXACT), 2, 2).right == 2


def test_membership_shows_in_exact_counts(town: Town) -> None:
    assert recognise(town, town.under("off_membership", answer_mode=AnswerMode.EXACT), 6).right == 6


def test_a_budget_is_one_for_all_people_and_logins(town: Town, tmp_path: Path) -> None:
    contract = town.under("frugal", daily_queries=7)
    spare = SqliteBudget(tmp_path / "spent.sqlite")
    house = town.house
    before, house.gate = house.gate, new_gate(house, SqliteLedger(tmp_path / "ledger.sqlite"), spare)
    try:
        people = ("analyst", "colleague") * 5  # ask() signs in anew for each statement
        codes = [house.ask(contract, f"SELECT count(*) + {i} FROM people", person=p).code for i, p in enumerate(people)]
    finally:
        house.gate = before
        spare.close()
    assert codes == [""] * 7 + ["BUDGET_SPENT"] * 3
