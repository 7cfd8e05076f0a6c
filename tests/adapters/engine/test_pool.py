"""Who gets which worker, for how long, and that a cut ends all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from access_broker.adapters.engine.limits import Limits
from access_broker.domain.decisions import Refused

ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b"


def one(worker) -> int:
    answer = worker.run("SELECT count(*) AS n FROM visits")
    return pa.Table.from_batches(answer.batches(), answer.schema).to_pylist()[0]["n"]


def gone(pid: int, seconds: float = 2.0) -> bool:
    """True once the process is dead or a zombie nobody has reaped yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def code(call) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.reason.code


def test_a_worker_is_reused_by_its_own_key_only(make_pool, publication):
    pool = make_pool()
    pids = []
    for person, contract, generation in [("ana", "C-1", 1), ("ana", "C-1", 1), ("ben", "C-1", 1), ("ana", "C-2", 1)]:
        with pool.get(person, contract, generation, publication) as worker:
            assert one(worker) == 200000
            pids.append(worker.pid)
    assert pids[0] == pids[1]
    assert len(set(pids)) == 3
    assert pool.live() == {("C-1", 1), ("C-2", 1)}


def test_another_publication_is_another_worker(make_pool, publication):
    pool = make_pool()
    with pool.get("ana", "C-1", 1, publication) as first:
        one(first)
    with pool.get("ana", "C-1", 1, replace(publication, version=2)) as second:
        assert one(second) == 200000
    assert second.pid != first.pid
    assert gone(first.pid)


def test_one_person_has_so_many_workers_and_then_waits_or_is_refused(make_pool, publication):
    pool = make_pool(workers_per_key=2, wait_seconds=0.3)
    with pool.get("ana", "C-1", 1, publication) as first:
        with pool.get("ana", "C-1", 1, publication) as second:
            assert first.pid != second.pid
            assert code(lambda: pool.get("ana", "C-1", 1, publication).__enter__()) == "BUSY"
            with pool.get("ben", "C-1", 1, publication) as other:
                assert one(other) == 200000
        with pool.get("ana", "C-1", 1, publication) as third:
            assert third.pid == second.pid


def test_a_waiting_caller_gets_the_worker_that_comes_free(make_pool, publication):
    pool = make_pool(workers_per_key=1, wait_seconds=5.0)
    with ThreadPoolExecutor(1) as threads:
        with pool.get("ana", "C-1", 1, publication) as worker:

            def later() -> int:
                with pool.get("ana", "C-1", 1, publication) as same:
                    return same.pid

            waiting = threads.submit(later)
            time.sleep(0.1)
            assert not waiting.done()
        assert waiting.result() == worker.pid


def test_a_full_pool_retires_what_idles_and_refuses_when_all_are_in_use(make_pool, publication):
    pool = make_pool(workers_total=2, wait_seconds=1.0)
    with pool.get("ana", "C-1", 1, publication) as idle:
        one(idle)
    with pool.get("ben", "C-1", 1, publication), pool.get("cem", "C-1", 1, publication) as third:
        assert one(third) == 200000
        assert gone(idle.pid)
        assert code(lambda: pool.get("dan", "C-1", 1, publication).__enter__()) == "BUSY"


def test_idle_workers_are_retired_and_long_held_ones_ended(make_pool, publication):
    pool = make_pool(idle_seconds=0.2, limits=Limits(memory_mb=256, hold_seconds=1.5))
    with pool.get("ana", "C-1", 1, publication) as idle:
        one(idle)
    assert gone(idle.pid)
    with pool.get("ana", "C-1", 1, publication) as held:
        answer = held.run("SELECT a.id, b.id FROM visits a, visits b")
        assert gone(held.pid, 5.0)
        assert code(lambda: list(answer.batches())) == "TOO_SLOW"


def test_a_worker_that_died_idle_is_replaced_unseen(make_pool, publication):
    pool = make_pool()
    with pool.get("ana", "C-1", 1, publication) as first:
        one(first)
    os.kill(first.pid, signal.SIGKILL)
    while first.alive():  # a killed leader is a zombie while its threads still end
        time.sleep(0.01)
    with pool.get("ana", "C-1", 1, publication) as second:
        assert one(second) == 200000


def test_a_missing_file_is_not_published(make_pool, publication, tmp_path):
    pool = make_pool()
    for path in (tmp_path / "gone.duckdb", tmp_path):
        elsewhere = replace(publication, path=str(path))
        assert code(lambda p=elsewhere: pool.get("ana", "C-1", 1, p).__enter__()) == "NOT_PUBLISHED"
    (tmp_path / "link.duckdb").symlink_to(publication.path)
    linked = replace(publication, path=str(tmp_path / "link.duckdb"))
    assert code(lambda: pool.get("ana", "C-1", 1, linked).__enter__()) == "NOT_PUBLISHED"
    with pool.get("ana", "C-1", 1, publication) as worker:
        assert one(worker) == 200000


def test_a_file_that_is_no_database_is_an_internal_fault(make_pool, publication, tmp_path):
    (tmp_path / "broken.duckdb").write_bytes(b"not a database" * 1000)
    (tmp_path / "broken.duckdb").chmod(0o444)
    broken = replace(publication, path=str(tmp_path / "broken.duckdb"))
    assert code(lambda: make_pool().get("ana", "C-1", 1, broken).__enter__()) == "INTERNAL"


def test_a_cut_kills_busy_and_idle_workers_of_older_generations_within_a_second(make_pool, publication):
    pool = make_pool()
    codes: list[str] = []
    pids: list[int] = []
    started = threading.Event()

    def compute() -> None:
        with pool.get("ana", "C-1", 1, publication) as worker:
            pids.append(worker.pid)
            started.set()
            codes.append(code(lambda: list(worker.run(ENDLESS).batches())))

    thread = threading.Thread(target=compute)
    thread.start()
    assert started.wait(5)
    with pool.get("ben", "C-1", 1, publication) as idle:
        one(idle)
    with pool.get("cem", "C-1", 2, publication) as newer, pool.get("ana", "C-2", 1, publication) as other:
        begun = time.monotonic()
        assert pool.kill_older("C-1", 2) == 2
        assert time.monotonic() - begun < 1.0
        assert gone(pids[0], 0.1)
        assert gone(idle.pid, 0.1)
        thread.join(1.0)
        assert codes == ["WORKER_LOST"]
        assert one(newer) == one(other) == 200000
    assert code(lambda: pool.get("ana", "C-1", 1, publication).__enter__()) == "WORKER_LOST"
    assert pool.kill_older("C-1", None) == 1
    assert pool.live() == {("C-2", 1)}


def test_the_workers_of_one_person_are_killed_in_every_contract(make_pool, publication):
    pool = make_pool()
    with pool.get("ana", "C-1", 1, publication) as busy:
        with pool.get("ana", "C-2", 1, publication) as idle, pool.get("ben", "C-1", 1, publication) as other:
            assert (one(idle), one(other)) == (200000, 200000)
        assert pool.live_people() == {"ana", "ben"}
        assert pool.kill_of("ana") == 2
        assert gone(busy.pid, 0.5)
        assert gone(idle.pid, 0.5)
        assert pool.live_people() == {"ben"}
    assert pool.kill_of("ana") == 0
    with pool.get("ana", "C-1", 1, publication) as again:
        assert one(again) == 200000


def test_eight_callers_at_once(make_pool, publication):
    pool = make_pool(wait_seconds=20.0)

    def ask(number: int) -> list[int]:
        answers = []
        for _ in range(4):
            with pool.get(f"p{number % 4}", f"C-{number % 3}", 1, publication) as worker:
                answers.append(one(worker))
        return answers

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [[200000] * 4] * 8


def test_closing_the_pool_kills_everything_and_refuses_what_comes_after(make_pool, publication):
    pool = make_pool()
    with pool.get("ana", "C-1", 1, publication) as worker:
        pool.close()
        assert gone(worker.pid)
        assert code(lambda: worker.run("SELECT 1")) == "WORKER_LOST"
    assert code(lambda: pool.get("ana", "C-1", 1, publication).__enter__()) == "NOT_RUNNING"


POOL_PROGRAM = """
import os, sys, threading
from access_broker.adapters.engine.pool import WorkerPool
from access_broker.domain.catalogue import Catalogue, Publication
pool = WorkerPool()
with pool.get("ana", "C-1", 1, Publication("C-1", 1, sys.argv[1], "", Catalogue(()))) as busy:
    threading.Timer(0.3, lambda: print(busy.pid, *[s.pid for s in pool._spares], flush=True)).start()
    list(busy.run("SELECT levenshtein(repeat('a', 100000), repeat('b', 100000))").batches())
"""


def test_workers_die_with_a_pool_that_is_killed(published):
    with subprocess.Popen([sys.executable, "-c", POOL_PROGRAM, str(published)], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        pids = [int(pid) for pid in program.stdout.readline().split()]
        program.kill()
    assert len(pids) >= 1
    assert all(gone(pid) for pid in pids)
