from __future__ import annotations

from pathlib import Path

import pytest

from tests.publish.world import Press


@pytest.fixture
def press(tmp_path: Path) -> Press:
    return Press(tmp_path / "press")
