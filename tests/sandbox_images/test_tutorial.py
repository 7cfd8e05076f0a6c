"""The tutorial, cell by cell in a real kernel, against a live gateway with the demo's data."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox_images.box import GATEWAY, ROOT, Box
from tests.sandbox_images.relay import relay
from tests.support.docker import require_sandbox_image
from tests.support.system import System

NOTEBOOK: dict[str, Any] = json.loads((ROOT / "sandbox-images/rootfs/opt/sandbox/home/tutorial.ipynb").read_text())
CODE = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
DATA = ROOT / "datasets/demo"


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Box]:
    """A kernel that is told the way to the data as the spawner tells it."""
    require_sandbox_image()
    subprocess.run([sys.executable, DATA / "prepare.py"], check=True, capture_output=True)
    system = System(tmp_path_factory.mktemp("tutorial") / "state").start()
    try:
        system.load(DATA / "scenario.yaml")
        box: Box = request.getfixturevalue("box")
        with relay(GATEWAY, system.port_base) as port:
            settings = {
                "AMANAT_FLIGHT_SQL": f"grpc://gateway:{port}",
                "AMANAT_TOKEN": system.token("sara", "support-1"),
            }
            box.run(f"import os; os.environ.update({settings})", "tutorial")
            yield box
    finally:
        system.stop()


def test_it_is_a_clean_notebook() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    assert not any(cell["outputs"] or cell["execution_count"] for cell in CODE)
    assert NOTEBOOK["metadata"]["kernelspec"]["name"] == "python3"
    for cell in CODE:
        if not source(cell).startswith("%%"):
            ast.parse(source(cell))


def test_every_cell_runs_and_those_meant_to_be_refused_are(kernel: Box) -> None:
    for cell in CODE:
        printed = kernel.run(source(cell), "tutorial")
        refused = "raises-exception" in cell["metadata"].get("tags", [])
        assert printed.startswith("[AMANAT:") == refused, f"{cell['id']}: {printed}"
        assert "Traceback" not in printed, f"{cell['id']}: {printed}"
        assert "Warning" not in printed, f"{cell['id']}: {printed}"


def test_what_it_says_of_the_refused_cells_is_so(kernel: Box) -> None:
    said = {
        cell["id"]: kernel.run(source(cell), "tutorial") for cell in CODE if cell["id"] in ("personal", "single-values")
    }
    assert said["personal"].startswith("[AMANAT:NOT_GRANTED] (S3-P5) ")
    assert said["single-values"].startswith("[AMANAT:AGGREGATE_ONLY] (S3-P5) ")
    assert all(len(text.strip().splitlines()) == 1 for text in said.values())


def test_sqlalchemy_and_the_line_magic_work_as_well(kernel: Box) -> None:
    assert kernel.run("%sql SELECT count(*) AS provinces FROM provinces", "tutorial").split() == [
        "provinces",
        "0",
        "31",
    ]
    printed = kernel.run(
        """
        import sqlalchemy
        with amanat.engine().connect() as by_engine:
            print(by_engine.execute(sqlalchemy.text("SELECT count(*) FROM provinces")).scalar_one())
        """,
        "tutorial",
    )
    assert printed == "31\n"
