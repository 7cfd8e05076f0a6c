"""A pack that was changed in any way is told from one that was not."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from access_broker.adapters.evidence_pack import AUDIT, MANIFEST, pack_of, verify_pack
from access_broker.adapters.records import SqlRecords
from access_broker.domain.audit import AuditEvent
from access_broker.migrations import migrate
from tests.adapters.records.world import furnish, make_contract
from tests.support.factories import NOW

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Members:
    """Of a contract with a few hundred records, among those of another."""
    url = f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db"
    migrate(url)
    records = SqlRecords(url)
    furnish(records, make_contract("P1"))
    with records.write() as writer:
        for number in range(700):
            writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", {"text": f"select {number} -- «آ»"}))
            writer.record(AuditEvent("query.allowed", "analyst", "P2", "S3-P5", {"contract": "P2"}))
    content = b"".join(pack_of(records, "P1", "chair", NOW).pieces())
    records.close()
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def zipped(members: Members) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name, content in members.items():
            pack.writestr(name, content)
    return file


def resealed(members: Members, name: str, content: bytes) -> Members:
    """With a manifest that fits: somebody who knows how packs are made changed a file."""
    manifest = json.loads(members[MANIFEST])
    manifest["files"][name]["sha256"] = hashlib.sha256(content).hexdigest()
    return members | {name: content, MANIFEST: json.dumps(manifest).encode()}


def test_as_it_was_made_it_holds(members: Members) -> None:
    found = verify_pack(zipped(members))
    assert found.faults == ()
    assert found.records >= 700
    assert found.digest == hashlib.sha256(members[MANIFEST]).hexdigest()
    lines = [json.loads(line) for line in members[AUDIT].splitlines()]
    assert {line["subject"] for line in lines} == {"P1"}
    assert lines[-1]["position"] <= found.position


def _flip(content: bytes) -> bytes:
    return content[:-2] + bytes([content[-2] ^ 1]) + content[-1:]


@pytest.mark.parametrize("name", ["contract.json", "violations.json", AUDIT])
def test_a_changed_file_is_told_by_name(members: Members, name: str) -> None:
    found = verify_pack(zipped(members | {name: _flip(members[name])}))
    assert f"{name} is not what the manifest says" in found.faults


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda lines: [lines[0].replace(b"analyst", b"chair"), *lines[1:]], "line 1 of the audit is not"),
        (lambda lines: [b"{}", *lines[1:]], "line 1 of the audit is no record"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 2 of the audit is not"),
        (lambda lines: [*lines, lines[-1]], "of the audit is not"),
    ],
)
def test_an_audit_that_was_rewritten_is_found_under_a_new_manifest_too(
    members: Members, change: Callable[[list[bytes]], list[bytes]], fault: str
) -> None:
    lines = members[AUDIT].splitlines()
    picked = [line for line in lines if b"analyst" in line]
    changed = b"\n".join(change(picked)) + b"\n"
    found = verify_pack(zipped(resealed(members, AUDIT, changed)))
    assert any(fault in told for told in found.faults), found.faults
    assert found.digest != hashlib.sha256(members[MANIFEST]).hexdigest(), "and the chain knows another one"


def test_a_file_too_many_and_one_too_few(members: Members) -> None:
    fewer = {name: content for name, content in members.items() if name != "acts.json"}
    assert verify_pack(zipped(fewer)).faults == ("acts.json is missing",)
    assert verify_pack(zipped(members | {"more.json": b"{}"})).faults == ("more.json is not in the manifest",)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 half a zip"])
def test_what_is_no_pack(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no evidence"):
        verify_pack(io.BytesIO(content))


def test_a_zip_without_a_manifest_is_no_pack(members: Members) -> None:
    with pytest.raises(ValueError, match="no evidence"):
        verify_pack(zipped({"acts.json": members["acts.json"]}))
