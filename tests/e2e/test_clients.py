"""What a person does on the first day: the README's lines, pandas, polars, plain ADBC, refusals in two languages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pandas
import polars
import pytest

from tests.support.judge import CORPUS
from tests.support.postgres import PostgresServer
from tests.support.system import AMANAT, ROOT, System, loaded

GROUPED = "SELECT gender, count(*) AS n FROM citizens GROUP BY gender ORDER BY gender"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with loaded(tmp_path_factory.mktemp("clients") / "state") as started:
        yield started


def test_the_lines_of_the_readme(system: System) -> None:
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block
    code = block.group(1).replace("TOKEN", system.token("analyst", "P1"))
    code = code.replace("grpc://127.0.0.1:24700", system.addresses["flight_sql"])
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Santiago" in done.stdout
    assert len(code.strip().splitlines()) == 3


def test_pandas_polars_and_plain_adbc_read_the_same(system: System) -> None:
    with system.connect(system.token("analyst", "P1")) as connection:
        assert pandas.read_sql(GROUPED, connection).to_dict("records") == [
            {"gender": "F", "n": 2524},
            {"gender": "M", "n": 2508},
        ]
        assert polars.read_database(GROUPED, connection).rows() == [("F", 2524), ("M", 2508)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM citizens WHERE gender = ? AND year(birth_date) < ?", ("F", 1980))
            assert cursor.fetch_arrow_table().num_rows == 1


def test_parameters_keep_their_places_whatever_way_they_are_written(system: System) -> None:
    asked = (
        "WITH a AS (SELECT gender, count(*) AS n FROM citizens WHERE year(birth_date) >= {} GROUP BY 1) "
        "SELECT gender, n FROM a WHERE n > {} ORDER BY 1 LIMIT {}"
    )
    with system.connect(system.token("analyst", "P1")) as connection, connection.cursor() as cursor:
        told = []
        for places in (("?", "?", "?"), ("$1", "$2", "$3")):
            cursor.execute(asked.format(*places), (1990, 100, 1))
            told.append(cursor.fetchall())
    assert told == [[("F", 803)], [("F", 803)]]


def test_masked_rows_are_masked_and_filtered(system: System) -> None:
    rows = system.ask("P3", "SELECT full_name, birth_date, income, province FROM citizens")
    assert len(rows) == 100
    assert {r[0] for r in rows} == {"***"}
    assert all((r[1].month, r[1].day, float(r[2] or 0) % 10_000, r[3]) == (1, 1, 0.0, "Santiago") for r in rows)


@pytest.mark.parametrize(("locale", "word"), [("fa_IR.UTF-8", "ستون"), ("en_US.UTF-8", "column")])
def test_a_refusal_speaks_the_persons_language(system: System, locale: str, word: str) -> None:
    command = [*AMANAT, "query", "SELECT income FROM citizens", "--as", "analyst", "--contract", "P1"]
    environment = {"LANG": locale, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [*command, "--state", str(system.state)], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "[AMANAT:AGGREGATE_ONLY]" in done.stderr
    assert "S3-P5" in done.stderr
    assert word in done.stderr


def test_the_command_line_prints_what_was_asked_for_and_nothing_else(system: System) -> None:
    asked = ["--as", "analyst", "--contract", "P1"]
    assert json.loads(system.amanat("query", GROUPED, *asked, "--format", "json").stdout) == [
        {"gender": "F", "n": 2524},
        {"gender": "M", "n": 2508},
    ]
    assert system.amanat("query", GROUPED, *asked, "--format", "csv").stdout == "gender,n\nF,2524\nM,2508\n"
    assert "2524" in system.amanat("query", GROUPED, *asked).stdout
    token = system.amanat("token", "analyst", "--contract", "P1").stdout
    assert re.fullmatch(r"amt_\S+\n", token)
    told = json.loads(system.amanat("explain", "SELECT full_name FROM citizens", *asked, "--json").stdout)
    assert told["verdict"] == "refuse"
    assert {"table": "sample.citizens", "column": "full_name", "verdict": "refuse"}.items() <= told["uses"][-1].items()
    assert system.amanat("query", check=False).returncode == 2
    assert system.amanat("cut", "--contract", "P1", check=False).returncode == 2


def test_a_token_for_a_contract_lasts_a_working_day(system: System) -> None:
    token = system.token("analyst", "P1")
    me = httpx.get(f"{system.addresses['api']}/me", headers={"Authorization": f"Bearer {token}"}).json()
    expires = datetime.fromisoformat(me["token"]["expires_at"] if "token" in me else me["expires_at"])
    assert (expires - datetime.now(UTC)).total_seconds() > 8 * 3600 - 60


def test_rest_says_problems_in_two_languages(system: System) -> None:
    for language, word in (("fa", "توکن"), ("en", "token")):
        answer = httpx.get(f"{system.addresses['api']}/contracts", headers={"Accept-Language": language})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "NO_TOKEN"
        assert word in answer.json()["detail"].lower()


def test_commands_work_on_the_folder_when_no_system_runs(tmp_path: Path) -> None:
    idle = System(tmp_path / "state")
    done = idle.amanat("load", str(CORPUS / "scenario.yaml"))
    assert str(idle.state) in done.stderr
    assert len(list((idle.state / "published").glob("*.duckdb"))) == 7
    assert idle.amanat("token", "analyst", "--contract", "P1").stdout.startswith("amt_")
    query = idle.amanat("query", "SELECT 1", "--as", "analyst", "--contract", "P1", check=False)
    assert query.returncode == 1
    assert "[AMANAT:NOT_RUNNING]" in query.stderr
    assert json.loads(idle.amanat("audit", "verify", "--json").stdout)["ok"] is True


def test_the_whole_on_postgresql(postgres_server: PostgresServer, tmp_path: Path) -> None:
    environment = {"AMANAT_RECORDS_URL": postgres_server.create_database()}
    system = System(tmp_path / "state", environment=environment).start()
    try:
        system.load(CORPUS / "scenario.yaml")
        assert system.ask("P1", "SELECT count(*) FROM citizens") == [(5032,)]
        assert system.refusal("P1", "SELECT income FROM citizens") == "AGGREGATE_ONLY"
        system.amanat("cut", "--contract", "P1", "--by", "chair", "--ground", "F-13")
        assert system.refusal("P1", "SELECT count(*) FROM citizens") == "CONTRACT_CUT"
        assert json.loads(system.amanat("audit", "verify", "--json").stdout)["ok"] is True
        assert not (system.state / "records.sqlite").exists()
    finally:
        system.stop()
