"""The secrets by which the parts of a system know each other."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from access_broker.adapters.state_dir import StateDir


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    state = StateDir.at(tmp_path / "state")
    hub = state.secret("hub")
    assert re.fullmatch("[0-9a-f]{64}", hub)
    assert StateDir.at(tmp_path / "state").secret("hub") == hub
    assert len({hub, state.secret("guard"), state.operator_secret(), state.publisher_key().hex()}) == 4
    files = list(state.keys.iterdir())
    assert {file.name for file in files} == {"hub.secret", "guard.secret", "operator.secret", "publisher.key"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(state.keys.stat().st_mode) == 0o700


def test_parts_that_ask_at_the_same_time_get_the_same(tmp_path: Path) -> None:
    state = StateDir.at(tmp_path)
    with ThreadPoolExecutor(16) as parts:
        assert len(set(parts.map(lambda _: state.secret("hub"), range(64)))) == 1
    assert [file.name for file in state.keys.iterdir()] == ["hub.secret"]


def test_sources_lie_in_a_folder_for_each_organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StateDir.at(tmp_path / "state")
    assert state.sources_of("ministry") == tmp_path / "state" / "sources" / "ministry"
    monkeypatch.setenv("AMANAT_SOURCES", str(tmp_path / "elsewhere"))
    assert state.sources_of("ito-2") == tmp_path / "elsewhere" / "ito-2"


@pytest.mark.parametrize("organisation", ["", ".", "..", "ito/..", "../ito", "/etc", "ito\n", "ito\x00", "آمار"])
def test_what_is_no_name_of_a_folder_is_no_organisations(tmp_path: Path, organisation: str) -> None:
    with pytest.raises(ValueError, match="no name for a folder"):
        StateDir.at(tmp_path).sources_of(organisation)


def test_parts_that_share_the_audits_key_share_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StateDir.at(tmp_path / "state")
    assert state.audit_keys == state.keys
    monkeypatch.setenv("AMANAT_AUDIT_KEYS", str(tmp_path / "shared"))
    state.secret("hub")
    assert state.audit_keys == tmp_path / "shared"
    assert (state.keys / "hub.secret").exists()
