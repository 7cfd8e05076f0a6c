from __future__ import annotations

from pathlib import Path

import pytest

from access_broker.adapters.policy import files


def test_the_policies_of_this_checkout() -> None:
    assert (files.policy_dir() / "access" / "access.rego").is_file()


def test_a_checkout_without_policies_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files, "_ROOT", tmp_path)
    with pytest.raises(FileNotFoundError, match="checkout"):
        files.policy_dir()


def test_tests_and_their_facts_decide_nothing(tmp_path: Path) -> None:
    for name in ("b/b.rego", "b/b_test.rego", "testing/facts.rego", "testing/gaps/gaps.rego", "a/a.rego", "b/b.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert files.policy_files(tmp_path) == [tmp_path / "a/a.rego", tmp_path / "b/b.rego"]


def test_a_checkout_may_lie_below_a_folder_called_testing(tmp_path: Path) -> None:
    (tmp_path / "testing").mkdir()
    (tmp_path / "testing" / "a.rego").touch()
    assert files.policy_files(tmp_path / "testing") == [tmp_path / "testing" / "a.rego"]


def test_no_policy_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.policy_files(tmp_path)


def test_data_is_found_by_the_package_it_belongs_to(tmp_path: Path) -> None:
    for name in ("b/data.json", "b/c/data.json", "a/other.json", "testing/data.json", "schemas/b/data.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert files.data_files(tmp_path) == {"b": tmp_path / "b/data.json", "b.c": tmp_path / "b/c/data.json"}
