"""`amanat release ask`, from the command line to the records of a state folder and back."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from access_broker.commands import releases
from access_broker.commands.requests import contract_path
from tests.commands.running import Run


def test_asking_is_refused_in_words(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "groups.csv"
    file.write_text("district,people\nnorth,120\n")
    refused = run("release", "ask", "C2", "--by", "ana", "--file", str(file))
    assert (refused.exit_code, "[AMANAT:RELEASE_NOT_OPEN] (S3-P5)" in refused.stderr) == (1, True)
    assert "report" in refused.stderr
    missing = run("release", "ask", "C2", "--by", "ana", "--file", str(tmp_path / "gone.csv"))
    assert missing.exit_code == 2


def test_nothing_of_the_file_is_sent_but_its_digest_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    file = tmp_path / "groups.csv"
    file.write_bytes(b"district,people\n")
    monkeypatch.setattr(releases, "post", lambda *arguments: sent.extend(arguments))
    releases.ask("C 2", "ana", file, "table", tmp_path)
    digest = sha256(b"district,people\n").hexdigest()
    body = {"digest": digest, "kind": "table", "size": 16}
    assert sent == [contract_path("C 2") + "/releases", "ana", body, tmp_path]
