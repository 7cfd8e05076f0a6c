from __future__ import annotations

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
