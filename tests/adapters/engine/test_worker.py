"""One worker as the gate uses it: answers, refusals, limits, cancellation, and walls seen through SQL."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from access_broker.adapters.engine.limits import FRAME_BYTES, Limits
from access_broker.adapters.engine.worker import EngineAnswer, EngineWorker
from access_broker.domain.decisions import Refused

from .conftest import LIMITS, WORKER_UID

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b"
DEAF = "SELECT levenshtein(repeat('a', 100000), repeat('b', 100000))"
"""A single call of a function that no interrupt stops."""


@pytest.fixture
def worker(pool, publication):
    with pool.get("ana", "C-1", 1, publication) as worker:
        yield worker


def rows(answer: EngineAnswer) -> list[dict[str, object]]:
    return pa.Table.from_batches(answer.batches(), answer.schema).to_pylist()


def code_of(worker: EngineWorker, sql: str) -> str:
    with pytest.raises(Refused) as caught:
        rows(worker.run(sql))
    return caught.value.reason.code


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_statements_follow_one_another_on_one_process(worker):
    pid = worker.pid
    assert rows(worker.run("SELECT count(*) AS n, sum(id) AS s FROM visits")) == [{"n": 200000, "s": 19999900000}]
    assert worker.plan("SELECT count(*) FROM visits")["error"] is False
    empty = worker.run("SELECT name FROM visits WHERE id < 0")
    assert (rows(empty), empty.schema.names) == ([], ["name"])
    assert worker.pid == pid


def test_a_statement_can_be_asked_again_whatever_became_of_it(worker):
    sql = "SELECT id FROM visits"
    assert len(rows(worker.run(sql))) == len(rows(worker.run(sql))) == 200000
    answer = worker.run(sql)
    next(answer.batches())
    answer.close()
    assert len(rows(worker.run(sql))) == 200000
    fails_late = "SELECT CASE WHEN id = 199999 THEN 'x' ELSE '1' END::INTEGER AS n FROM visits"
    assert [code_of(worker, fails_late) for _ in range(2)] == ["VALUE_ERROR"] * 2
    many = [f"SELECT {n} AS n" for n in range(40)]
    assert [rows(worker.run(sql))[0]["n"] for sql in many * 2] == [*range(40)] * 2


def test_nothing_travels_behind_a_null(worker):
    """DuckDB leaves the truth in the place of a flag that a CASE has withheld."""
    (batch,) = worker.run("SELECT CASE WHEN i % 2 = 0 THEN TRUE END AS flag FROM range(8) r(i)").batches()
    assert batch.column(0).buffers()[1].to_pybytes()[0] == 0b01010101


def test_the_time_zone_is_utc(worker):
    assert rows(worker.run("SELECT current_setting('TimeZone') AS tz")) == [{"tz": "UTC"}]


def test_a_large_answer_comes_in_small_batches_in_order(worker):
    batches = list(worker.run("SELECT id, name FROM visits ORDER BY id").batches())
    assert len(batches) > 3
    assert max(batch.nbytes for batch in batches) <= FRAME_BYTES
    assert pa.Table.from_batches(batches).column("id").to_pylist() == list(range(200000))


def test_a_stream_is_not_held_in_memory(worker):
    answer = worker.run("SELECT a.id, b.id, a.name FROM visits a, range(40) b(id)")
    count = sum(batch.num_rows for batch in answer.batches())
    assert count == 8_000_000
    assert int(status(worker.pid)["VmHWM"].split()[0]) < 350_000  # kB; the answer is more than 200 MB


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT ('x' || name)::INTEGER FROM visits", "VALUE_ERROR"),
        ("SELECT CASE WHEN id > 190000 THEN name::INTEGER ELSE id END FROM visits", "VALUE_ERROR"),
        ("SELECT nothing FROM visits", "INTERNAL"),
        ("SELECT read_text('/etc/passwd')", "INTERNAL"),
        ("SELECT * FROM read_csv('/etc/passwd')", "INTERNAL"),
        ("SELECT * FROM read_blob('/proc/self/fd/*')", "INTERNAL"),
        ("SELECT * FROM glob('/*')", "INTERNAL"),
        ("SET memory_limit = '100GB'", "INTERNAL"),
        ("ATTACH ':memory:' AS other", "INTERNAL"),
        ("INSTALL httpfs", "INTERNAL"),
        ("SELECT 1; SELECT 2", "INTERNAL"),
    ],
)
def test_a_refusal_says_no_more_than_its_code(pool, publication, caplog, sql, code):
    with pool.get("ana", "C-1", 1, publication) as worker, caplog.at_level(logging.INFO, "amanat.engine"):
        with pytest.raises(Refused) as caught:
            rows(worker.run(sql))
        assert caught.value.reason.code == code
        if code == "INTERNAL":
            assert set(caught.value.detail) == {"reference"}
            assert caught.value.detail["reference"] in caplog.text
        else:
            assert caught.value.detail == {}
            assert "person" not in caplog.text  # the engine's text quotes a value


def test_no_statement_changes_the_published_file(pool, publication, published):
    before = hashlib.sha256(published.read_bytes()).digest()
    with pool.get("ana", "C-1", 1, publication) as worker:
        own = rows(worker.run("SELECT path FROM duckdb_databases() WHERE database_name = 'published'"))[0]["path"]
        assert str(own).startswith("/proc/")  # not where the file lies
        for target in (own, published, f"{published}.wal"):
            copy = f"COPY (SELECT 'x') TO '{target}' (FORMAT csv, USE_TMP_FILE false)"
            assert code_of(worker, f"WITH x AS ({copy}) SELECT 1") == "INTERNAL"
        assert code_of(worker, f"SELECT * FROM read_blob('{own}')") == "INTERNAL"
    assert hashlib.sha256(published.read_bytes()).digest() == before
    assert [p.name for p in published.parent.iterdir()] == [published.name]


def test_the_kernel_confirms_the_walls(worker):
    seen = status(worker.pid)
    assert (seen["NoNewPrivs"], seen["Seccomp"], seen["CapEff"], seen["CapBnd"]) == ("1", "2", "0" * 16, "0" * 16)
    limits = Path(f"/proc/{worker.pid}/limits").read_text()
    assert f"Max address space         {(256 + 1024) << 20}" in limits
    assert os.readlink(f"/proc/{worker.pid}/ns/net") != os.readlink("/proc/self/ns/net")
    assert {"landlock", "network", "system_calls", "capabilities"} <= set(worker.walls)
    ours = str(os.geteuid()) if os.geteuid() else str(WORKER_UID)
    assert set(seen["Uid"].split()) == {ours}
    assert (seen["Groups"] == "") or os.geteuid()


def test_memory_bombs_end_in_a_refusal_and_a_neighbour_does_not_notice(make_pool, publication):
    pool = make_pool()
    bombs = ["SELECT len(list_transform(range(100000000), lambda x: x + 1))", "SELECT len(repeat('a', 3000000000))"]
    with pool.get("neighbour", "C-1", 1, publication) as neighbour:
        for bomb in bombs:
            with pool.get("ana", "C-1", 1, publication) as worker:
                assert code_of(worker, bomb) in ("RESOURCE_LIMIT", "WORKER_LOST")
            assert rows(neighbour.run("SELECT 1 AS one")) == [{"one": 1}]
    with pool.get("ana", "C-1", 1, publication) as worker:
        assert rows(worker.run("SELECT 1 AS one")) == [{"one": 1}]


def test_a_deaf_statement_dies_at_its_deadline(make_pool, publication):
    pool = make_pool(limits=Limits(memory_mb=256, statement_seconds=0.4))
    with pool.get("ana", "C-1", 1, publication) as worker:
        started = time.monotonic()
        assert code_of(worker, DEAF) == "TOO_SLOW"
        assert 0.3 < time.monotonic() - started < 1.5
        assert not Path(f"/proc/{worker.pid}").exists()
    with pool.get("ana", "C-1", 1, publication) as worker:
        assert rows(worker.run("SELECT 1 AS one")) == [{"one": 1}]


def test_all_questions_of_one_statement_share_its_time(make_pool, publication):
    pool = make_pool(limits=Limits(memory_mb=256, statement_seconds=0.5))
    with pool.get("ana", "C-1", 1, publication) as worker:
        time.sleep(0.4)
        assert rows(worker.run("SELECT 1 AS one")) == [{"one": 1}]
        started = time.monotonic()
        assert code_of(worker, DEAF) == "TOO_SLOW"
        assert time.monotonic() - started < 0.35


def test_a_worker_that_rests_outlives_a_statement_that_is_too_slow(make_pool, publication):
    pool = make_pool(limits=Limits(memory_mb=256, statement_seconds=0.3))
    with pool.get("ana", "C-1", 1, publication) as worker:
        time.sleep(0.35)
        for ask in (worker.plan, worker.run):
            with pytest.raises(Refused) as caught:
                ask("SELECT 1 AS one")
            assert caught.value.reason.code == "TOO_SLOW"
    with pool.get("ana", "C-1", 1, publication) as again:
        assert again.pid == worker.pid
        assert rows(again.run("SELECT 1 AS one")) == [{"one": 1}]


def test_the_readers_own_time_does_not_count(make_pool, publication):
    pool = make_pool(limits=Limits(memory_mb=256, statement_seconds=0.5))
    with pool.get("ana", "C-1", 1, publication) as worker:
        total = 0
        for batch in worker.run("SELECT id, name FROM visits").batches():
            total += batch.num_rows
            time.sleep(0.15)
    assert total == 200000


def test_the_engines_time_adds_up_over_batches(make_pool, publication):
    pool = make_pool(limits=Limits(memory_mb=256, statement_seconds=0.8))
    slow = "levenshtein(repeat('a', 90 + id % 3), repeat('b', 90))"
    many = ", ".join(["id"] * 40)  # small batches
    with pool.get("ana", "C-1", 1, publication) as worker:
        started = time.monotonic()
        answer = worker.run(f"SELECT {slow}, {many} FROM visits")
        batches = []
        with pytest.raises(Refused) as caught:
            batches.extend(answer.batches())
        assert time.monotonic() - started < 2.0  # after 3 s of CPU time the kernel would step in
    assert caught.value.reason.code == "TOO_SLOW"
    assert batches


def test_each_statement_gets_its_share_of_cpu_time(worker):
    rows(worker.run("SELECT 1 AS one"))
    seconds = Path(f"/proc/{worker.pid}/limits").read_text().split("Max cpu time")[1].split()[0]
    assert LIMITS.cpu_seconds <= int(seconds) <= LIMITS.cpu_seconds + 30


def test_planning_has_a_deadline_too(make_pool, publication):
    pool = make_pool(limits=Limits(memory_mb=256, statement_seconds=0.3))
    with pool.get("ana", "C-1", 1, publication) as worker, pytest.raises(Refused) as caught:
        worker.plan(" UNION ALL ".join(["SELECT id FROM visits"] * 4000))
    assert caught.value.reason.code == "TOO_SLOW"


def test_a_plan_that_is_too_long_is_a_refusal(pool, publication):
    many = ", ".join(f"id + 1 + 1 + 1 + 1 AS a{place}" for place in range(4000))
    with pool.get("ana", "C-1", 1, publication) as worker, pytest.raises(Refused) as caught:
        worker.plan(f"SELECT {many} FROM visits")
    assert caught.value.reason.code == "RESOURCE_LIMIT"


def test_closing_early_frees_the_worker_for_the_next_statement(worker):
    pid = worker.pid
    for sql in ("SELECT a.id, b.id FROM visits a, visits b", "SELECT id FROM visits"):
        answer = worker.run(sql)
        next(answer.batches())
        answer.close()
        assert rows(worker.run("SELECT 1 AS one")) == [{"one": 1}]
    assert worker.pid == pid


def test_an_answer_left_open_does_not_reach_the_next_user(pool, publication):
    with pool.get("ana", "C-1", 1, publication) as worker:
        next(worker.run("SELECT a.id, b.id FROM visits a, visits b").batches())
    with pool.get("ana", "C-1", 1, publication) as worker:
        assert rows(worker.run("SELECT 2 AS two")) == [{"two": 2}]


def test_closing_a_deaf_statement_kills_the_worker_after_250_ms(make_pool, publication):
    pool = make_pool()
    with pool.get("ana", "C-1", 1, publication) as worker:
        deaf = "levenshtein(repeat('a', 100000 - id % 3), repeat('b', 100000))"
        answer = worker.run(f"SELECT CASE WHEN id < 150000 THEN id ELSE {deaf} END AS a FROM visits")
        next(answer.batches())
        time.sleep(0.2)  # the engine is ahead of us, in the rows it cannot be called back from
        started = time.monotonic()
        answer.close()
        assert time.monotonic() - started < 1.0
    assert not Path(f"/proc/{worker.pid}").exists()


def test_a_caller_that_went_away_is_noticed_while_the_engine_computes(make_pool, publication):
    pool = make_pool()
    gone = threading.Event()
    threading.Timer(0.2, gone.set).start()
    with pool.get("ana", "C-1", 1, publication) as worker:
        started = time.monotonic()
        with pytest.raises(Refused) as caught:
            rows(worker.run(ENDLESS, gone.is_set))
        assert time.monotonic() - started < 1.0
    assert caught.value.reason.code == "CANCELLED"


def test_killed_in_mid_stream_it_is_a_clear_refusal(make_pool, publication):
    pool = make_pool()
    with pool.get("ana", "C-1", 1, publication) as worker:
        batches = worker.run("SELECT a.id, b.id FROM visits a, visits b").batches()
        next(batches)
        os.kill(worker.pid, 9)
        with pytest.raises(Refused) as caught:
            list(batches)
    assert caught.value.reason.code == "WORKER_LOST"
    with pool.get("ana", "C-1", 1, publication) as worker:
        assert rows(worker.run("SELECT 1 AS one")) == [{"one": 1}]
