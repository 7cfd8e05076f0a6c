from __future__ import annotations

import pytest

from access_broker.api.languages import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fa", "fa"),
        ("fa-IR", "fa"),
        ("FA-ir, en;q=0.8", "fa"),
        ("en, fa", "en"),
        ("en;q=0.5, fa;q=0.9", "fa"),
        ("fa;q=0, en;q=0.1", "en"),
        ("fa;q=0", "en"),
        ("de, fr;q=0.9", "en"),
        ("de, fa;q=0.1", "fa"),
        ("*", "en"),
        ("fa;q=nonsense", "en"),
        ("fa;level=1", "fa"),
        (",;,;q=,", "en"),
        ("fa;q=nan", "en"),
    ],
)
def test_the_language_with_the_highest_weight(header: str, language: str) -> None:
    assert language_of(header) == language
