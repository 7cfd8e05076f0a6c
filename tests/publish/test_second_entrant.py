"""Whoever comes after another executor begins anew, and so does market access after development (C-2, C-3, F-14)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from access_broker.adapters.ledger import SqliteLedger
from access_broker.domain.contracts import Contract, ContractState
from access_broker.publish.service import PublicationRunner
from access_broker.use_cases.contracts import draft_contract
from access_broker.use_cases.ledger import Told
from hub.homes import Homes
from tests.publish.world import TOKEN, ask, contract, csv, dataset, grant, secret_of, table
from tests.support.factories import NOW, make_contract, make_records
from tests.support.fakes import InMemoryRecords
from tests.support.leaving import EVENT, accepted, do, put, rivals, world

PEOPLE = "".join(f"{n},Town {n % 3}\n" for n in range(1, 60))
SCOPE = grant("people", id=TOKEN, town="dimension")


class Press:
    """A publisher over records with one dataset."""

    def __init__(self, root: Path) -> None:
        self.records = make_records()
        self.runner = PublicationRunner(root / "published", root / "private", secret_of)
        described = dataset(csv(root / "people.csv", "id,town\n" + PEOPLE), tables=(table("people", "id town", "id"),))
        do(self.records, lambda writer: writer.save_dataset(described, EVENT))

    def tokens(self, made: Contract) -> set[str]:
        """The pseudonyms of the people in this contract's own file."""
        put(self.records, made)
        self.runner.step(self.records, NOW)
        with self.records.read() as reader:
            publication = reader.publication(made.id)
        assert publication is not None
        return {token for (token,) in ask(publication, "SELECT id FROM t1")}

    def files(self) -> set[str]:
        return {path.name for path in self.runner.directory.glob("*.duckdb")}


def test_nothing_of_the_first_executor_is_in_the_file_of_the_second(tmp_path: Path) -> None:
    press = Press(tmp_path)
    first = press.tokens(contract(SCOPE))
    accepted(press.records)
    second = press.tokens(replace(contract(SCOPE, id="R1"), executor="raqib", people=("outsider",)))
    assert len(first) == len(second) == 59
    assert first.isdisjoint(second)
    assert press.files() == {"R1-1.duckdb"}  # the first one's went with its access


def test_market_access_has_a_file_and_pseudonyms_of_its_own(tmp_path: Path) -> None:
    press = Press(tmp_path)
    development = press.tokens(contract(SCOPE))
    accepted(press.records)
    assert development.isdisjoint(press.tokens(replace(contract(SCOPE, id="M1"), follows="P1")))


def test_what_the_first_was_told_is_not_remembered_against_the_second(tmp_path: Path) -> None:
    """And the other way round: the first one's answers are no help to the second."""
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    ledger.keep("P1", 1, [("person", "*", Told((), (0,)))])
    assert ledger.told("R1") == []


def test_each_has_a_home_of_its_own() -> None:
    homes = Homes(Path("/homes"))
    places = {homes.place("analyst", id) for id in ("P1", "M1")} | {homes.place("outsider", "R1")}
    images = {homes.image("analyst", id) for id in ("P1", "M1")} | {homes.image("outsider", "R1")}
    assert (len(places), len(images)) == (3, 3)


def drafted_after_the_first() -> tuple[InMemoryRecords, Contract]:
    records = world(make_contract(state=ContractState.ACTIVE))
    accepted(records)
    bare = replace(rivals(), signatures=(), approvals=(), guarantees=(), acknowledged=())
    do(records, draft_contract, bare, "operator")
    with records.read() as reader:
        stored = reader.contract("R1")
    assert stored is not None
    return records, stored


def test_the_second_starts_without_any_key_of_the_first() -> None:
    _, second = drafted_after_the_first()
    assert second.state is ContractState.DRAFTED
    assert (second.signatures, second.approvals, second.consents, second.guarantees) == ((), (), (), ())
    assert second.acknowledged == ()
    assert second.generation == 0


def test_nobody_of_the_second_sees_the_contract_of_the_first() -> None:
    records, _ = drafted_after_the_first()
    with records.read() as reader:
        assert [c.id for c in reader.contracts_of("outsider")] == ["R1"]
