from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from access_broker.adapters.dataset_file import read_dataset
from access_broker.adapters.state_dir import StateDir
from access_broker.api.app import create_api
from access_broker.api.services import DatasetReader, Extras
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, Level
from access_broker.domain.datasets import Dataset, Sovereignty
from access_broker.domain.people import Role
from access_broker.use_cases.scenario import OnRecord, ScenarioFaulty
from tests.support.broker import FAULT, Broker, make_broker
from tests.support.factories import DATASET, ITO, PROVINCES, give_token, make_contract, person, position

OPEN = make_contract(state=ContractState.ACTIVE, level=Level.OPEN, scope=(PROVINCES,))
COLUMN = "/datasets/health/tables/provinces/columns/province"
NEW = replace(DATASET, id="welfare", sovereignty=Sovereignty.UNDETERMINED, joins=())


def reads_with(monkeypatch: pytest.MonkeyPatch, read_dataset: DatasetReader) -> None:
    """Brokers made from now on read descriptions so."""

    def create(*parts: object) -> object:
        *rest, extras = parts
        assert isinstance(extras, Extras)
        return create_api(*rest, replace(extras, read_dataset=read_dataset))  # type: ignore[arg-type]

    monkeypatch.setattr("tests.support.broker.create_api", create)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[OnRecord]:
    """Every text is read as NEW, the text `faulty` has a fault; what the reader was told stands in the list."""
    known: list[OnRecord] = []

    def read_new(text: str, _organisation: str, on_record: OnRecord, _now: datetime, /) -> Dataset:
        known.append(on_record)
        if text == "faulty":
            raise ScenarioFaulty((FAULT,))
        return NEW

    reads_with(monkeypatch, read_new)
    return known


DESCRIPTION = """\
id: {id}
owner: {owner}
steward: {steward}
titles: {{en: Wages, fa: دستمزد}}
sources: [{{path: "{path}", kind: csv, table: wages, sha256: {digest}}}]
tables: {{wages: {{columns: {{wage: organisational}}}}}}
"""
CONTENT = b"wage\n1\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Stewards of two organisations at a broker that reads their files; only that of `ito` has any."""
    state = StateDir.at(tmp_path)
    for organisation in ("ito", "ministry"):
        state.sources_of(organisation).mkdir()
    (state.sources_of("ito") / "wages.csv").write_bytes(CONTENT)
    reads_with(monkeypatch, lambda text, of, known, at: read_dataset(text, state.sources_of(of), known, at))
    broker = make_broker()
    with broker.records.write() as writer:
        writer.save_person(person("other", ITO, Role.STEWARD), AuditEvent("test.arranged", "test", "test", "F-1"))
    give_token(broker.records, "other", "other")
    return broker


def describe(broker: Broker, who: str, path: str, **more: str) -> httpx.Response:
    said = {"id": "wages", "owner": "ministry", "steward": "steward", "digest": "0" * 64} | more
    return broker.post("/datasets", who, {"text": DESCRIPTION.format(path=path, **said)})


OF_ITO = {"owner": "ito", "steward": "other"}


def test_a_steward_registers_what_lies_in_the_folder_of_their_own_organisation(two: Broker) -> None:
    assert describe(two, "other", "wages.csv", digest=DIGEST, **OF_ITO).status_code == 200


@pytest.mark.parametrize("registered", [False, True])
@pytest.mark.parametrize("as_owner", [{}, OF_ITO])
@pytest.mark.parametrize("digest", [DIGEST, "0" * 64])
@pytest.mark.parametrize("way", ["{file}", "../ito/{file}", "{root}/sources/ito/{file}"])
def test_the_file_of_another_organisation_is_like_none(
    two: Broker, tmp_path: Path, way: str, digest: str, as_owner: dict[str, str], registered: bool
) -> None:
    """Whatever owner the text names, whether the digest is guessed, whether the other has registered it already."""
    if registered:
        assert describe(two, "other", "wages.csv", digest=DIGEST, id="theirs", **OF_ITO).status_code == 200
    start, said = position(two.records), list[str]()
    for file in ("wages.csv", "wagez.csv"):  # alike, because a long path is told shortened
        answer = describe(two, "steward", way.format(file=file, root=tmp_path), digest=digest, **as_owner)
        assert (answer.status_code, answer.json()["code"]) == (422, "SCENARIO_FAULTY")
        assert [fault["where"] for fault in answer.json()["faults"]] == ["sources[0].path"]
        said.append(answer.text.replace("wagez", "wages"))
    assert said[0] == said[1]
    assert DIGEST not in said[0]
    assert position(two.records) == start


def put(broker: Broker, path: str, who: str, body: dict[str, object]):  # type: ignore[no-untyped-def]
    return broker.call("PUT", path, who, json=body)


def test_a_steward_describes_a_dataset(read: list[OnRecord]) -> None:
    broker = make_broker()
    for _ in range(2):
        answer = broker.post("/datasets", "steward", {"text": "anything"})
        assert (answer.status_code, answer.json()["dataset"]) == (200, "welfare")
    assert answer.json()["sovereignty"] == "undetermined"
    assert "ministry" in read[0].organisations
    assert broker.get("/datasets/welfare", "analyst").json() == answer.json()


def test_faults_come_with_their_lines(read: list[OnRecord]) -> None:
    response = make_broker().post("/datasets", "steward", {"text": "faulty"})
    assert (response.status_code, response.json()["code"]) == (422, "SCENARIO_FAULTY")
    assert response.json()["faults"][0]["line"] == 7


@pytest.mark.parametrize("who", ["analyst", "chair", "auditor", "steward@P1"])
def test_nobody_elses_text_is_even_read(read: list[OnRecord], who: str) -> None:
    broker = make_broker(OPEN)
    assert broker.post("/datasets", who, {"text": "faulty"}).json()["code"] == "NOT_PERMITTED"
    assert read == []


def test_without_a_folder_of_sources_nothing_is_described() -> None:
    assert make_broker().post("/datasets", "steward", {"text": "anything"}).json()["code"] == "NOT_PERMITTED"


def test_one_dataset() -> None:
    broker = make_broker()
    found = broker.get("/datasets/health", "outsider").json()
    columns = {c["column"]: c["data_class"] for table in found["tables"] for c in table["columns"]}
    assert columns["income"] == "sensitive"
    assert broker.get("/datasets/none", "outsider").status_code == 404
    assert broker.get("/datasets/health").status_code == 401


def test_a_stricter_tag_tells_whom_it_stopped() -> None:
    broker = make_broker(OPEN)
    answer = put(broker, COLUMN, "steward", {"class": "personal", "titles": {"en": "Province", "fa": "استان"}})
    assert answer.json() == {"column": "health.provinces.province", "data_class": "personal", "suspended": ["P1"]}
    assert broker.told == ["P1"]
    assert broker.get("/me", "analyst@P1").json()["code"] == "CONTRACT_SUSPENDED"
    refused = broker.post("/contracts/P1/lifts", "chair", {"ground": "F-13", "decision": "M-1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "LEVEL_TOO_LOW")


@pytest.mark.parametrize(
    ("who", "path", "body", "code"),
    [
        ("analyst", COLUMN, {"class": "personal"}, "NOT_PERMITTED"),
        ("steward@P1", COLUMN, {"class": "personal"}, "NOT_PERMITTED"),
        ("steward", COLUMN, {"class": "secret"}, "INVALID"),
        ("steward", COLUMN, {"data_class": "personal"}, "INVALID"),
        ("steward", COLUMN, {"class": "personal", "titles": {"en": "a\u202eb"}}, "INVALID"),
        ("steward", COLUMN.replace("province", "nothing"), {"class": "personal"}, "NOT_FOUND"),
    ],
)
def test_tags_that_are_refused(who: str, path: str, body: dict[str, object], code: str) -> None:
    broker = make_broker(OPEN)
    start = position(broker.records)
    assert put(broker, path, who, body).json()["code"] == code
    assert position(broker.records) == start


def test_the_monitoring_committee_decides_on_sovereignty_once() -> None:
    broker = make_broker()
    with broker.records.write() as writer:
        writer.save_dataset(NEW, AuditEvent("test.arranged", "t", "t", "F-1"))
    path = "/datasets/welfare/sovereignty"
    for who in ("steward", "herasat", "auditor"):
        assert put(broker, path, who, {"sovereignty": "sovereign"}).json()["code"] == "NOT_PERMITTED"
    assert put(broker, path, "chair", {"sovereignty": "undetermined"}).json()["code"] == "INVALID"
    assert put(broker, path, "chair", {"sovereignty": "sovereign"}).json()["code"] == "DECISION_NEEDED"
    for _ in range(2):
        body = {"sovereignty": "sovereign", "decision": "MC-1"}
        assert put(broker, path, "chair", body).json()["sovereignty"] == "sovereign"
    assert put(broker, path, "chair", {"sovereignty": "non_sovereign"}).json()["code"] == "DECISION_NEEDED"


def test_a_method_that_is_not_there_names_all_that_are() -> None:
    response = make_broker().call("PUT", "/datasets", "steward")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
