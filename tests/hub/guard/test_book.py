from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from hub.guard.book import RefusalBook

from .conftest import SECRET, Broker, listening

pytestmark = pytest.mark.anyio


async def test_equal_refusals_become_one_line_with_a_count() -> None:
    broker = Broker()
    async with listening(broker) as port, aiohttp.ClientSession() as session:
        book = RefusalBook(f"http://127.0.0.1:{port}/api/v1", SECRET, session)
        for _ in range(3):
            book.note("GET", "/hub/admin", 404, "ADDRESS_NOT_OFFERED", "sara")
        await book.flush()
        await book.flush()
    assert broker.batches == [
        [
            {
                "method": "GET",
                "path": "/hub/admin",
                "status": 404,
                "why": "ADDRESS_NOT_OFFERED",
                "user": "sara",
                "count": 3,
            }
        ]
    ]
    assert broker.secrets == {SECRET}


async def test_a_flood_is_summed_up_and_every_refusal_is_counted() -> None:
    broker = Broker()
    async with listening(broker) as port, aiohttp.ClientSession() as session:
        book = RefusalBook(f"http://127.0.0.1:{port}/api/v1", SECRET, session)
        for number in range(5000):
            book.note("GET", f"/{number}", 404, "ADDRESS_NOT_OFFERED")
        assert len(book._waiting) <= 514
        await book.flush()
    (batch,) = broker.batches
    assert len(batch) <= 34
    assert sum(item["count"] for item in batch) == 5000
    assert {"method": "*", "path": "*"}.items() <= max(batch, key=lambda item: item["count"]).items()


async def test_lines_wait_while_the_broker_is_away_and_are_sent_when_it_is_back() -> None:
    broker = Broker()
    broker.status = 503
    async with aiohttp.ClientSession() as session:
        async with listening(broker) as port:
            book = RefusalBook(f"http://127.0.0.1:{port}/api/v1", SECRET, session)
            book.note("GET", "/a", 404, "X")
            await book.flush()
            assert broker.batches == []
            broker.status = 204
            await book.flush()
            assert broker.lines == {("GET", "/a", 404, "X", "", 1)}
        book.note("GET", "/b", 404, "X")
        await book.flush()
        assert len(book._waiting) == 1


async def test_a_batch_that_the_broker_will_never_take_does_not_block_the_next() -> None:
    broker = Broker()
    broker.status = 422
    async with listening(broker) as port, aiohttp.ClientSession() as session:
        book = RefusalBook(f"http://127.0.0.1:{port}/api/v1", SECRET, session)
        book.note("GET", "/a", 404, "X")
        await book.flush()
        assert not book._waiting


async def test_what_is_written_down_is_short_and_printable() -> None:
    broker = Broker()
    async with listening(broker) as port, aiohttp.ClientSession() as session:
        book = RefusalBook(f"http://127.0.0.1:{port}/api/v1", SECRET, session)
        book.note("GE\x1b[31mT" * 9, "/خانه\x00\x1b" + "a" * 1000, 400, "X")
        await book.flush()
    ((method, path, *_),) = broker.lines
    assert method.isprintable()
    assert method.isascii()
    assert len(method) <= 16
    assert path.isprintable()
    assert path.isascii()
    assert len(path) == 300


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def rationed() -> AsyncIterator[tuple[RefusalBook, Broker, Clock]]:
    """A book whose hour a test turns, and the broker it sends to."""
    broker, clock = Broker(), Clock()
    async with listening(broker) as port, aiohttp.ClientSession() as session:
        yield RefusalBook(f"http://127.0.0.1:{port}/api/v1", SECRET, session, clock), broker, clock


async def test_in_an_hour_one_address_fills_no_more_of_the_audit_than_its_share() -> None:
    async with rationed() as (book, broker, clock):
        for second in range(1800):
            clock.now = float(second)
            for number in range(10):
                book.note("GET", f"/{second}/{number}", 404, "ADDRESS_NOT_OFFERED", client="127.0.0.7")
            if second % 60 == 30:
                book.note("POST", f"/quiet/{second}", 403, "WRONG_DOOR", client="127.0.0.9")
            await book.flush()
        await book.flush(last=True)
    items = [item for batch in broker.batches for item in batch]
    assert sum(item["count"] for item in items) == 18_030
    named = [item for item in items if item["path"] != "*"]
    assert sum(item["why"] == "ADDRESS_NOT_OFFERED" for item in named) == 240
    assert sum(item["why"] == "WRONG_DOOR" for item in named) == 30  # whoever asks little is still read in full
    assert len(items) - len(named) <= 31


async def test_a_share_is_there_again_after_an_hour() -> None:
    async with rationed() as (book, broker, clock):
        for second in range(400):
            clock.now = float(second)
            book.note("GET", f"/{second}", 404, "ADDRESS_NOT_OFFERED", client="127.0.0.7")
            await book.flush()
        assert sum(len(batch) for batch in broker.batches) < 250
        clock.now = 4100.0
        book.note("GET", "/late", 404, "ADDRESS_NOT_OFFERED", client="127.0.0.7")
        await book.flush()
    assert "/late" in {item["path"] for item in broker.batches[-1]}


async def test_many_addresses_together_have_a_share_too() -> None:
    async with rationed() as (book, broker, clock):
        for number in range(3000):
            clock.now = number / 10
            book.note("GET", f"/{number}", 404, "ADDRESS_NOT_OFFERED", client=f"10.0.{number // 250}.{number % 250}")
            await book.flush()
        await book.flush(last=True)
    items = [item for batch in broker.batches for item in batch]
    assert sum(item["path"] != "*" for item in items) == 2000
    assert sum(item["count"] for item in items) == 3000
