"""Things that go wrong around a running system. Each must be said clearly, deny rather than allow, and lose nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import adbc_driver_flightsql.dbapi as flight_sql
import pytest

from tests.support.judge import CORPUS
from tests.support.system import LONG, System, code_of, free_ports, loaded


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One system for the file; each test takes a contract of its own from it."""
    with loaded(tmp_path_factory.mktemp("faults") / "state") as started:
        yield started


def refused_with(system: System, token: str, sql: str) -> str:
    """The code a statement is refused with, asked with a token that was had before."""
    try:
        with system.connect(token) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.fetchall()
    except flight_sql.Error as error:
        return code_of(error)
    return ""


def test_a_cut_ends_a_running_statement_and_everything_after_it(system: System) -> None:
    ended: dict[str, object] = {}
    token = system.token("analyst", "P2")

    def ask() -> None:
        try:
            with system.connect(token) as connection, connection.cursor() as cursor:
                cursor.execute(LONG)
                ended["rows"] = cursor.fetchall()
        except flight_sql.Error as error:
            ended["code"], ended["at"] = code_of(error), time.monotonic()

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(1.5)
    assert not ended, "the statement was to run for minutes"
    done = system.amanat("cut", "--contract", "P2", "--by", "chair", "--ground", "F-13")
    committed = time.monotonic()
    shown = json.loads(done.stdout)
    assert shown["contract"] == "P2"
    assert shown["act"] == "cut"
    asking.join(10)
    assert ended.get("code") == "CONTRACT_CUT"
    assert float(str(ended["at"])) - committed < 2
    assert system.refusal("P2", "SELECT 1") in ("CONTRACT_CUT", "TOKEN_NOT_VALID")
    assert system.amanat("token", "analyst", "--contract", "P2", check=False).returncode == 1
    deadline = time.monotonic() + 5
    while list((system.state / "published").glob("P2-*")):
        assert time.monotonic() < deadline, "the published file of a cut contract is still there"
        time.sleep(0.05)
    assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
    verified = json.loads(system.amanat("audit", "verify", "--json").stdout)
    assert verified["ok"] is True
    again = json.loads(system.amanat("cut", "--contract", "P2", "--by", "chair", "--ground", "F-13").stdout)
    assert again["committed_at"] == shown["committed_at"]
    lifted = system.amanat("lift", "--contract", "P2", "--by", "chair", "--ground", "F-13", check=False)
    assert lifted.returncode == 1
    assert "[AMANAT:STATE_FORBIDS]" in lifted.stderr


def test_a_warning_does_not_end_access_and_a_repetition_needs_it_acknowledged(system: System) -> None:
    by_rule = ["--contract", "P3", "--by", "chair", "--ground", "S3-P6-R2"]
    assert "[AMANAT:WARNING_NEEDED]" in system.amanat("cut", *by_rule, "--decision", "D-1", check=False).stderr
    system.amanat("warn", *by_rule)
    assert system.refusal("P3", "SELECT gender FROM citizens LIMIT 1") == ""
    assert "[AMANAT:WARNING_NEEDED]" in system.amanat("cut", *by_rule, "--decision", "D-1", check=False).stderr
    system.amanat("acknowledge", "--contract", "P3", "--by", "analyst", "--warning", "1")
    assert "[AMANAT:DECISION_NEEDED]" in system.amanat("cut", *by_rule, check=False).stderr
    system.amanat("cut", *by_rule, "--decision", "D-1")
    assert system.refusal("P3", "SELECT 1") in ("CONTRACT_CUT", "TOKEN_NOT_VALID")


def test_a_suspension_can_be_lifted_but_old_tokens_stay_dead(system: System) -> None:
    old = system.token("analyst", "P5")
    act = ["--contract", "P5", "--by", "chair", "--ground", "F-13"]
    system.amanat("suspend", *act)
    assert system.refusal("P5", "SELECT 1") in ("CONTRACT_SUSPENDED", "TOKEN_NOT_VALID")
    system.amanat("lift", *act)
    assert system.refusal("P5", "SELECT 1") == "TOKEN_NOT_VALID"
    new = system.amanat("token", "analyst", "--contract", "P5").stdout.strip()
    assert new != old
    with system.connect(new) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM citizens")
        assert cursor.fetchall() == [(5032,)]


def test_parts_that_are_killed_come_back_and_nothing_is_lost(system: System) -> None:
    assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
    before = json.loads(system.amanat("audit", "verify", "--json").stdout)
    for part in ("broker", "publisher", "gateway"):
        os.kill(system.pid_of(part), signal.SIGKILL)
        deadline = time.monotonic() + 30
        while True:
            try:
                assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
                assert system.amanat("token", "analyst", "--contract", "P1", check=False).returncode == 0
                break
            except flight_sql.Error:  # the door is away: an error, never an answer without a decision
                assert time.monotonic() < deadline
                time.sleep(0.2)
            except AssertionError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
    after = json.loads(system.amanat("audit", "verify", "--json").stdout)
    assert after["ok"] is True
    assert after["records"] > before["records"]


def test_a_stream_goes_on_while_the_broker_is_away_and_a_cut_waits_for_it(system: System) -> None:
    token = system.token("analyst", "P1r")
    os.kill(system.pid_of("broker"), signal.SIGKILL)
    with system.connect(token) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM provinces")
        assert cursor.fetchall() == [(8,)]


def test_audit_not_writable_means_no_answer(system: System) -> None:
    """A writer holds the database: records can be read, no decision can be recorded, so nothing is answered."""
    token = system.token("analyst", "P1")
    blocker = sqlite3.connect(system.state / "records.sqlite", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        assert refused_with(system, token, "SELECT count(*) FROM citizens") in (
            "AUDIT_UNAVAILABLE",
            "RECORDS_UNAVAILABLE",
        )
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()
    assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]


def test_records_gone_means_no_answer(system: System) -> None:
    token = system.token("analyst", "P1")
    for file in system.state.glob("records.sqlite*"):
        file.rename(file.with_name(f"away-{file.name}"))
    try:
        assert refused_with(system, token, "SELECT count(*) FROM provinces") == "RECORDS_UNAVAILABLE"
    finally:
        for file in system.state.glob("records.sqlite*"):
            file.unlink()
        for file in system.state.glob("away-*"):
            file.rename(file.with_name(file.name.removeprefix("away-")))


def test_a_worker_that_is_killed_mid_query_is_said_to_be_lost_and_replaced(system: System) -> None:
    ended: list[str] = []
    token, idle = system.token("analyst", "P1s"), workers_of(system)
    asking = threading.Thread(target=lambda: ended.append(refused_with(system, token, LONG)), daemon=True)
    asking.start()
    os.kill(computing_worker(system, idle), signal.SIGKILL)
    asking.join(10)
    assert ended == ["WORKER_LOST"]
    assert system.ask("P1s", "SELECT count(*) FROM provinces") == [(8,)]


def workers_of(system: System) -> dict[int, int]:
    """The children of the gateway, with the processor time each has used, in hundredths of a second."""
    gateway = system.pid_of("gateway")
    found = [int(c) for c in Path(f"/proc/{gateway}/task").glob("*/children") for c in c.read_text().split()]
    return {pid: int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11]) for pid in found}


def computing_worker(system: System, before: dict[int, int]) -> int:
    """The worker that has come to compute since `before`, once it has done so for half a second."""
    for _ in range(600):
        for pid, used in workers_of(system).items():
            if used - before.get(pid, 0) >= 50:
                return pid
        time.sleep(0.05)
    raise AssertionError("no worker computes")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    base = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        with pytest.raises(AssertionError, match=f"port {base + 1} is taken"):
            System(tmp_path / "state", port_base=base).start()


def test_two_systems_on_one_folder(system: System) -> None:
    with pytest.raises(AssertionError, match="another system runs"):
        System(system.state, port_base=free_ports()).start()


def test_a_faulty_scenario_loads_nothing(system: System, tmp_path: Path) -> None:
    text = (CORPUS / "scenario.yaml").read_text()
    shutil.copy(CORPUS / "sample_schema.sql", tmp_path / "sample_schema.sql")
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text(text.replace("mode: mask", "mode: veil").replace("level: personal", "level: cosmic"))
    before = system.amanat("audit", "verify", "--json").stdout
    done = system.amanat("load", str(faulty), check=False)
    assert done.returncode == 1
    assert "[AMANAT:SCENARIO_FAULTY]" in done.stderr
    assert done.stderr.count("line ") >= 2
    assert system.amanat("audit", "verify", "--json").stdout == before


def test_loading_twice_changes_nothing(system: System) -> None:
    def audited() -> int:
        return int(json.loads(system.amanat("audit", "verify", "--json").stdout)["records"])

    before = audited()
    system.load(CORPUS / "scenario.yaml")
    assert audited() == before


def test_a_changed_source_is_not_published(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    for name in ("scenario.yaml", "sample_schema.sql"):
        shutil.copy(CORPUS / name, folder / name)
    system = System(tmp_path / "state").start()
    try:
        os.kill(system.pid_of("publisher"), signal.SIGSTOP)  # so that the file can change between load and publication
        loading = threading.Thread(
            target=system.amanat, args=("load", str(folder / "scenario.yaml")), kwargs={"check": False}
        )
        loading.start()
        time.sleep(3)
        with (folder / "sample_schema.sql").open("a") as source:
            source.write("\n-- changed\n")
        os.kill(system.pid_of("publisher"), signal.SIGCONT)
        loading.join(60)
        done = system.amanat("load", str(CORPUS / "scenario.yaml"), check=False)
        assert "SOURCE_CHANGED" in done.stderr or "CONFLICT" in done.stderr
        assert system.refusal("P1", "SELECT count(*) FROM citizens") == "NOT_PUBLISHED"
    finally:
        system.stop()


def test_a_flipped_byte_in_a_copy_of_the_log_is_found(system: System, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    with sqlite3.connect(system.state / "records.sqlite") as source, sqlite3.connect(copy / "records.sqlite") as target:
        source.backup(target)
    source.close()
    target.close()
    shutil.copytree(system.state / "keys", copy / "keys")
    connection = sqlite3.connect(copy / "records.sqlite")
    connection.execute("PRAGMA writable_schema = ON")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    connection.execute("UPDATE audit SET actor = 'somebody' WHERE position = 5")
    connection.commit()
    connection.close()
    forged = System(copy).amanat("audit", "verify", "--json", check=False)
    assert forged.returncode == 1
    assert json.loads(forged.stdout)["first_broken"] == 5
