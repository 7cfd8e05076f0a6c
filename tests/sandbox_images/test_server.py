"""The notebook server: whom it lets in, what it hands out, and what it leaves in a home."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from docker import DockerClient

from tests.sandbox_images import fake_hub
from tests.sandbox_images.box import Box
from tests.sandbox_images.fake_hub import CONTRACT, STRANGER, TOKEN


def test_its_start_is_short(box: Box) -> None:
    """0.6 seconds of processor; over 3 when what it never uses is imported. Waiting times depend on the machine."""
    assert 0.1 < box.start_cpu < 2.5


def test_only_the_owner_is_let_in(box: Box) -> None:
    assert box.get("api/status").status_code == 200
    assert box.get("api/status", STRANGER).status_code == 403
    assert box.get("api/status", "no-such-token").status_code == 403
    assert box.get("lab", "no-such-token").status_code in (302, 403)


def test_a_token_taken_back_is_refused_within_seconds(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(fake_hub._SCOPES, "short-lived", fake_hub._SCOPES[TOKEN])
    assert box.get("api/status", "short-lived").status_code == 200
    monkeypatch.delitem(fake_hub._SCOPES, "short-lived")
    time.sleep(3.1)
    assert box.get("api/status", "short-lived").status_code == 403


@pytest.mark.parametrize(
    "path",
    "files/README.md nbconvert/html/tutorial.ipynb api/nbconvert api/terminals terminals/1 terminals/websocket/1 "
    "lsp/status tree".split(),
)
def test_there_is_no_way_out_beside_the_notebooks(box: Box, path: str) -> None:
    assert box.get(path).status_code == 404


def test_notebooks_and_short_texts_open_and_nothing_else(box: Box) -> None:
    box.run(
        r"""
        from pathlib import Path
        Path("short.py").write_text("x = 1"); Path("long.py").write_text("x" * 64_001)
        Path("rows.csv").write_text("a,b"); Path("rows.parquet").write_bytes(b"PAR1")
        Path("binary.py").write_bytes(b"\xff\xfe\x00"); Path("large.ipynb").write_text("{}" + " " * 5_000_000)
        Path("folder.csv").mkdir(exist_ok=True)
        """
    )
    status = {
        path: box.get(f"api/contents/{path}").status_code
        for path in (
            *("tutorial.ipynb", "README.md", "short.py", "folder.csv", "", "long.py", "rows.csv?content=1"),
            *("rows.csv?content=0", "rows.csv?type=file&format=base64", "short.py?format=base64", "binary.py"),
            *("large.ipynb", "rows.parquet", ".ipython/profile_default/history.sqlite"),
        )
    }
    assert {p for p, code in status.items() if code == 200} == {
        *("tutorial.ipynb", "README.md", "short.py", "folder.csv", "", "rows.csv?content=0"),
    }
    refused = box.get("api/contents/rows.csv").json()
    assert "Open it with code" in refused["message"] or "Open it with code" in (refused.get("reason") or "")


def test_lab_offers_nothing_that_the_walls_would_refuse(box: Box) -> None:
    page = box.get("lab").text
    config = json.loads(page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0])
    off = set(config["disabledExtensions"])
    assert {"@jupyterlab/filebrowser-extension:download", "@jupyterlab/notebook-extension:export"} <= off
    assert "@jupyterlab/terminal-extension" in off
    assert config["news"] == {"disabled": True}
    assert box.get("lab/api/extensions").json() is not None
    assert box.post("lab/api/extensions", {"cmd": "install", "extension_name": "x"}).status_code >= 400
    assert list(box.get("api/kernelspecs").json()["kernelspecs"]) == ["python3"]


def test_a_kernel_knows_its_contract(box: Box) -> None:
    assert (
        box.run("import os; print(os.environ['AMANAT_CONTRACT'], os.environ['AMANAT_LANGUAGE'])") == f"{CONTRACT} en\n"
    )
    assert box.run("print(os.environ['HOME'], os.getcwd())") == "/home/sandbox /home/sandbox\n"


def test_sql_cells_are_there_and_say_what_is_missing(box: Box) -> None:
    missing = box.run("%%sql\nSELECT 1")
    assert missing == "AMANAT_TOKEN is not set: this works inside a sandbox only. Start one from the hub's home page.\n"
    assert "is no name" in box.run("%%sql my-answer\nSELECT 1")
    assert "ZeroDivisionError" in box.run("1 / 0")  # other errors keep their traceback


def test_what_kernels_leave_behind_is_cleared_away(box: Box) -> None:
    """A process whose parent has gone becomes the server's; dead and not cleared, each would count for ever."""
    box.run("import subprocess\nsubprocess.run(['sh', '-c', '(sleep 0.2; exit 3) & exit'])")
    zombies = "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l"
    time.sleep(0.5)
    assert int(box.sh(zombies)) >= 1
    deadline = time.monotonic() + 30
    while int(box.sh(zombies)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert int(box.sh(zombies)) == 0


def test_a_new_home_is_furnished_and_a_known_one_left_as_it_is(
    client: DockerClient, image: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o777)

    def furnish() -> set[str]:
        command = [
            "python",
            "-c",
            "import sys; sys.path.insert(0, '/opt/sandbox'); import start; start._furnish_home()",
        ]
        places = {str(home): {"bind": "/home/sandbox", "mode": "rw"}}
        client.containers.run(image, command, volumes=places, network_mode="none", remove=True)
        return {file.name for file in home.iterdir()}

    assert furnish() == {"README.md", "tutorial.ipynb"}
    (home / "tutorial.ipynb").unlink()
    (home / "README.md").write_text("mine")
    assert furnish() == {"README.md"}
    assert (home / "README.md").read_text() == "mine"


def test_nothing_that_a_kernel_wrote_is_served_to_strangers(box: Box) -> None:
    """Lab serves its extensions without sign-in and follows links: none may lie where a kernel can write."""
    planted = box.run(
        r"""
        import os
        from pathlib import Path
        from jupyter_core.paths import jupyter_path
        for folder in (*jupyter_path("labextensions"), "/tmp/jupyter/data/labextensions"):
            try:
                (Path(folder) / "planted").mkdir(parents=True, exist_ok=True)
                (Path(folder) / "planted" / "page.html").write_text("planted")
            except OSError:
                pass
        print("done")
        """
    )
    assert "done" in planted
    for token in (STRANGER, "no-such-token", TOKEN):
        for path in (
            "lab/extensions/planted/page.html",
            "lab/api/themes/planted/page.html",
            "static/planted/page.html",
        ):
            answer = box.get(path, token)
            assert answer.status_code in (302, 403, 404)
            assert "planted" not in answer.text or answer.status_code != 200
