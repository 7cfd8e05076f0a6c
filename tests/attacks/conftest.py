"""One system with the corpus's contracts for all attacks that need nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.system import System, loaded


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with loaded(tmp_path_factory.mktemp("attacks") / "state") as started:
        yield started
