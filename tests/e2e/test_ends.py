"""On a running system: what runs is shown, an end is acknowledged by all it has to reach, a person is shut out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
import httpx
import pytest

from tests.support.judge import CORPUS
from tests.support.system import LONG, System, code_of, loaded


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with loaded(tmp_path_factory.mktemp("ends") / "state") as started:
        yield started


def call(system: System, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {system.token('chair')}"}
    answer = httpx.request(method, system.addresses["api"] + path, headers=headers, json=body, trust_env=False)
    assert answer.is_success, answer.text
    return answer.json()


def until(found: Callable[[], Any], seconds: float = 20) -> Any:
    deadline = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


class Asking(threading.Thread):
    """A statement of minutes; `code` is what it ends with."""

    def __init__(self, system: System, token: str) -> None:
        super().__init__()
        self.system, self.token, self.code = system, token, ""
        self.start()

    def run(self) -> None:
        try:
            with self.system.connect(self.token) as connection, connection.cursor() as cursor:
                cursor.execute(LONG)
                cursor.fetchall()
        except flight_sql.Error as error:
            self.code = code_of(error)


def running(system: System, contract: str) -> list[Any]:
    return [s for s in call(system, "GET", "/running")["statements"] if s["contract"] == contract]


def test_a_cut_is_acknowledged_by_all_it_has_to_reach(system: System) -> None:
    asking = Asking(system, system.token("analyst", "P2"))
    (statement,) = until(lambda: running(system, "P2"))
    assert (statement["person"], statement["text"]) == ("analyst", LONG)
    call(system, "POST", "/contracts/P2/cuts", {"ground": "F-13"})
    end = until(lambda: (found := call(system, "GET", "/contracts/P2/end"))["complete"] and found)
    asking.join(10)
    assert asking.code == "CONTRACT_CUT"
    assert until(lambda: running(system, "P2") == [])
    told = {a["component"]: a for a in end["acknowledgements"]}
    assert set(told) == set(end["expected"]) == {"broker", "gateway", "publisher"}
    assert told["gateway"]["detail"] == {"workers": 1, "unread": 0}
    assert told["publisher"]["detail"] == {"files": 1}
    assert all(0 <= a["ms"] < 20_000 for a in end["acknowledgements"])


def test_a_person_who_is_shut_out_is_out_of_a_running_statement(system: System) -> None:
    asking = Asking(system, system.token("analyst", "P3"))
    until(lambda: running(system, "P3"))
    done = system.amanat("person", "analyst", "--disable")
    assert "tokens revoked" in done.stderr
    asking.join(10)
    assert asking.code == "PERSON_DISABLED"
    assert "PERSON_DISABLED" in system.amanat("token", "analyst", check=False).stderr
    assert system.refusal("P3", "SELECT count(*) FROM provinces") in ("PERSON_DISABLED", "TOKEN_NOT_VALID")
    system.amanat("person", "analyst", "--enable")
    assert system.amanat("token", "analyst", "--contract", "P3").stdout.startswith("amt_")
    system.load(CORPUS / "scenario.yaml")
    assert system.amanat("audit", "verify").returncode == 0
