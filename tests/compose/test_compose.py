"""The compose form lives: records on PostgreSQL, OPA, publisher and gateway apart; loaded, asked, cut, taken down."""

from __future__ import annotations

import copy
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from access_broker.bootstrap import uid_of
from tests.compose.project import LASTING, Project, flavours_here, require_compose
from tests.support.docker import docker_client
from tests.support.judge import CORPUS

GROUPED = "SELECT gender, count(*) AS n FROM citizens GROUP BY gender ORDER BY gender"
ANSWER = [{"gender": "F", "n": 2524}, {"gender": "M", "n": 2508}]


@pytest.fixture(scope="module", params=flavours_here())
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    command = require_compose(request.param)
    sources = tmp_path_factory.mktemp("sources")
    shutil.copy(CORPUS / "sample_schema.sql", sources)
    (sources / "scenario.yaml").write_text(yaml.safe_dump(_scenario(), allow_unicode=True))
    project = Project(f"amtg{os.getpid()}{request.param}", command, sources)
    try:
        project.up()
        project.said_at_load = project.load("scenario.yaml").stderr
        yield project
    finally:
        project.down()
        assert project.leftovers() == []


def _scenario() -> dict[str, Any]:
    """P1 and P2 of the corpus, and P9: P1 without the second committee's key."""
    scenario: dict[str, Any] = yaml.safe_load((CORPUS / "scenario.yaml").read_text())
    by_id = {contract["id"]: contract for contract in scenario["contracts"]}
    lacking = copy.deepcopy(by_id["P1"]) | {"id": "P9"}
    lacking["approvals"] = [a for a in lacking["approvals"] if a["committee"] != "qualification"]
    scenario["contracts"] = [by_id["P1"], by_id["P2"], lacking]
    return scenario


def test_what_was_granted_is_answered_and_nothing_else(project: Project) -> None:
    token = project.token("analyst", "P1")
    assert project.rows(GROUPED, token) == ANSWER
    assert project.refusal("SELECT income FROM citizens", token) == "AGGREGATE_ONLY"
    assert project.refusal("SELECT full_name FROM citizens", token) == "NOT_GRANTED"
    assert project.refusal(GROUPED, "not-a-token") == "TOKEN_NOT_VALID"


def test_the_client_of_the_compose_file_needs_nothing_but_a_token(project: Project) -> None:
    token = project.token("analyst", "P1")
    asked = project.compose("run", "--rm", "--no-deps", "-T", "query", GROUPED, stdin=f"{token}\n")
    assert json.loads(asked.stdout) == ANSWER


def test_a_contract_without_a_key_is_not_in_force(project: Project) -> None:
    assert "[AMANAT:APPROVAL_MISSING] (S3-P5)" in project.said_at_load
    refused = project.amanat("token", "analyst", "--contract", "P9", check=False)
    assert refused.returncode == 1
    assert "[AMANAT:" in refused.stderr


def test_the_walls_round_a_query_worker_stand(project: Project) -> None:
    stands = project.inside("gateway", "python3", "-m", "access_broker.adapters.engine.sandbox")
    walls = {"identity", "capabilities", "no_new_privileges", "landlock", "limits", "not_inspectable", "system_calls"}
    assert set(json.loads(stands.stdout)) == walls  # no namespace of its own: that would need CAP_SYS_ADMIN


def test_the_database_gives_each_process_its_own_rights(project: Project) -> None:
    ask = (
        "import os, sys, psycopg\n"
        "try: psycopg.connect(os.environ['AMANAT_RECORDS_URL']).execute(sys.argv[1]); print('done')\n"
        "except psycopg.Error as error: print(type(error).__name__)"
    )

    def tried(service: str, sql: str) -> str:
        return project.python(service, ask, sql)

    assert tried("gateway", "SELECT count(*) FROM contracts") == "done"
    forbidden = ["UPDATE contracts SET state = 'active'", "SELECT * FROM passwords", "DELETE FROM audit"]
    assert {tried("gateway", sql) for sql in forbidden} == {"InsufficientPrivilege"}
    assert tried("publisher", "UPDATE contracts SET state = 'active'") == "InsufficientPrivilege"
    assert tried("broker", "CREATE ROLE somebody") == "InsufficientPrivilege"


def test_nobody_hears_more_than_is_drawn(project: Project) -> None:
    """By address, not by name: a line that is not drawn must not be there for whoever guesses the address either."""
    knock = (
        "import socket, sys\n"
        "try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close(); print('open')\n"
        "except OSError as error: print(type(error).__name__)"
    )

    def open_from(service: str, host: str, port: int) -> bool:
        return any(project.python(service, knock, a, str(port)) == "open" for a in project.addresses(host))

    drawn = {("broker", "db"), ("gateway", "db"), ("publisher", "db"), ("broker", "policy"), ("gateway", "policy")}
    ports = {"db": 5432, "policy": 8181, "broker": 24701, "gateway": 24700}
    parts = ("broker", "gateway", "publisher", "policy")
    tried = {(a, b): open_from(a, b, port) for a in parts for b, port in ports.items() if a != b}
    assert {line for line, is_open in tried.items() if is_open} == drawn


def test_no_network_leads_outside_and_no_port_in(project: Project) -> None:
    with docker_client() as client:
        for service in LASTING:
            settings = project.container(client, service).attrs["NetworkSettings"]
            assert settings["Ports"] in ({}, None)
            assert all(client.networks.get(name).attrs["Internal"] for name in settings["Networks"])


def test_no_password_stands_where_the_engine_shows_it(project: Project) -> None:
    passwords = project.python(
        "broker", "import pathlib; print(pathlib.Path('/keys/pgpass').read_text().rsplit(':', 1)[1])"
    )
    assert len(passwords) == 64
    with docker_client() as client:
        for service in ("broker", "gateway", "publisher", "db"):
            assert passwords not in json.dumps(project.container(client, service).attrs)


def test_a_cut_ends_access_and_removes_the_file(project: Project) -> None:
    token = project.token("analyst", "P2")
    open_question = "SELECT count(*) AS n FROM provinces"
    assert len(project.rows(open_question, token)) == 1
    warned = project.amanat("warn", "--contract", "P2", "--by", "chair", "--ground", "S3-P6-R2", "--text", "late")
    assert json.loads(warned.stdout)["act"] == "warn"
    assert len(project.rows(open_question, token)) == 1
    assert str(uid_of("P2")) in _worker_uids(project)
    cut = project.amanat("cut", "--contract", "P2", "--by", "chair", "--ground", "F-13")
    assert json.loads(cut.stdout)["act"] == "cut"
    assert project.refusal(open_question, token) == "CONTRACT_CUT"
    _await_no_file(project, "P2")
    assert str(uid_of("P2")) not in _worker_uids(project)
    assert project.rows(GROUPED, project.token("analyst", "P1")) == ANSWER


def _await_no_file(project: Project, contract: str) -> None:
    """Seen from the gateway: the same files, whoever looks."""
    seen = (
        f"import glob; print(len(glob.glob('/state/published/{contract}-*')), len(glob.glob('/state/published/P1-*')))"
    )
    deadline = time.monotonic() + 10
    while project.python("gateway", seen) != "0 1":
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _worker_uids(project: Project) -> set[str]:
    found = project.inside("gateway", "sh", "-c", "awk '/^Uid:/ {print $2}' /proc/[0-9]*/status 2>/dev/null; true")
    return set(found.stdout.split())


def test_the_gateway_cannot_change_a_published_file(project: Project) -> None:
    code = "import os\ntry: os.mkdir('/state/published/mine')\nexcept OSError as error: print(error.strerror)"
    assert project.python("gateway", code) == "Read-only file system"
    assert project.python("broker", "import os; print(os.listdir('/state/published'))") == "[]"


def test_the_audit_holds_and_a_restart_resurrects_nothing(project: Project) -> None:
    project.compose("restart", "--timeout", "5", "gateway", "publisher", "broker", "db")
    project.up()
    verified = json.loads(project.amanat("audit", "verify", "--json").stdout)
    assert verified["ok"]
    assert verified["records"] > 20
    assert project.rows(GROUPED, project.token("analyst", "P1")) == ANSWER
    assert project.amanat("token", "analyst", "--contract", "P2", check=False).returncode == 1


def test_the_sources_are_not_with_those_who_need_none(project: Project, tmp_path: Path) -> None:
    look = "import os; print(os.path.exists('/sources/scenario.yaml'))"
    assert project.python("publisher", look) == "True"
    assert {project.python(service, look) for service in ("broker", "gateway")} == {"False"}
