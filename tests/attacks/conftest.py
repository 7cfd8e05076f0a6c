"""One system with the corpus's contracts for all attacks that need nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.judge import CORPUS
from tests.support.system import System


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    started = System(tmp_path_factory.mktemp("attacks") / "state").start()
    started.load(CORPUS / "scenario.yaml")
    yield started
    started.stop()
