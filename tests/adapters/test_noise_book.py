"""Charges are for good: no crash, retry or second writer spends less than was told."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path
from threading import Thread

import pytest

from access_broker.adapters.noise_book import SqliteNoiseBook, epsilon_spent_in
from access_broker.domain.decisions import Refused
from access_broker.use_cases.ports import Unavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway" / "noise.sqlite"


def test_a_question_is_charged_once_and_kept_over_restarts(path: Path) -> None:
    book = SqliteNoiseBook(path)
    assert book.charge("P1", {"a": 10, "b": 20}, 100) == {"a": 10, "b": 20}
    assert book.drawn("P1", ["a", "b"]) == {}
    book.keep("P1", {"a": {'["F"]': 7}})
    book.close()
    again = SqliteNoiseBook(path)
    assert again.drawn("P1", ["a", "b", "c"]) == {"a": {'["F"]': 7}}
    assert again.charge("P1", {"b": 5, "c": 30}, 100) == {"b": 20, "c": 30}
    assert again.spent("P1") == 60
    assert again.spent("P2") == 0


def test_more_than_there_is_cannot_be_charged_and_nothing_of_it_is(path: Path) -> None:
    book = SqliteNoiseBook(path)
    book.charge("P1", {"a": 60}, 100)
    with pytest.raises(Refused, match="EPSILON_SPENT"):
        book.charge("P1", {"b": 20, "c": 21}, 100)
    assert book.spent("P1") == 60
    assert book.charge("P1", {"b": 20, "c": 20}, 100)
    assert book.charge("P1", {"a": 1, "b": 1}, 0), "what was charged before costs nothing now"


def test_a_charge_of_nothing_is_none(path: Path) -> None:
    book = SqliteNoiseBook(path)
    with pytest.raises(Refused, match="EPSILON_SPENT"):
        book.charge("P1", {"a": 0}, 100)
    assert book.spent("P1") == 0


def test_nothing_is_kept_that_was_not_charged(path: Path) -> None:
    book = SqliteNoiseBook(path)
    with pytest.raises(Unavailable):
        book.keep("P1", {"a": {"[]": 1}})
    assert book.drawn("P1", ["a"]) == {}


def test_many_at_once_never_charge_too_much(path: Path) -> None:
    book, refused = SqliteNoiseBook(path), []

    def charge(name: str) -> None:
        try:
            book.charge("P1", {name: 10}, 100)
        except Refused:
            refused.append(name)

    threads = [Thread(target=charge, args=(str(n),)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.spent("P1") == 100
    assert len(refused) == 6


def test_a_book_that_is_damaged_refuses_and_one_that_is_mended_answers_again(path: Path) -> None:
    book = SqliteNoiseBook(path)
    book.charge("P1", {"a": 10}, 100)
    book.close()
    good = path.read_bytes()
    path.write_bytes(b"not a database, " * 300)
    for wal in path.parent.glob("noise.sqlite-*"):
        wal.unlink()
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        book.charge("P1", {"b": 10}, 100)
    path.write_bytes(good)
    assert book.spent("P1") == 10


def test_what_was_drawn_is_read_as_numbers_or_not_at_all(path: Path) -> None:
    book = SqliteNoiseBook(path)
    book.charge("P1", {"a": 10}, 100)
    book.keep("P1", {"a": {"[]": 1}})
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE charge SET drawn = '{'")
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        book.drawn("P1", ["a"])


def test_a_book_that_is_lost_or_older_is_noticed(path: Path) -> None:
    book = SqliteNoiseBook(path)
    book.charge("P1", {"a": 10}, 100)
    book.close()
    older = path.read_bytes()
    book.charge("P1", {"b": 10}, 100)
    book.close()
    path.unlink()
    lost = SqliteNoiseBook(path)
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        lost.charge("P1", {"c": 10}, 100)
    assert lost.charge("P2", {"c": 10}, 100), "another contract has lost nothing"
    lost.close()
    path.write_bytes(older)
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        SqliteNoiseBook(path).spent("P1")


def test_it_is_closed_to_others(path: Path) -> None:
    SqliteNoiseBook(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_spent_can_be_seen_from_beside(path: Path) -> None:
    assert epsilon_spent_in(path, "P1") is None
    book = SqliteNoiseBook(path)
    assert epsilon_spent_in(path, "P1") == 0
    book.charge("P1", {"a": 10}, 100)
    assert epsilon_spent_in(path, "P1") == 10
