from __future__ import annotations

import pytest

from access_broker.domain.identifiers import is_legal_id


@pytest.mark.parametrize("text", ["10380284790", "14007650912"])
def test_a_legal_id_with_its_check_digit_holds(text: str) -> None:
    assert is_legal_id(text)


@pytest.mark.parametrize("text", ["10380284791", "1038028479", "103802847900", "", "1038028479a", "۱۰۳۸۰۲۸۴۷۹۰"])
def test_anything_else_does_not(text: str) -> None:
    assert not is_legal_id(text)


def test_every_slip_of_one_digit_is_found() -> None:
    good = "10380284790"
    slips = [good[:i] + d + good[i + 1 :] for i in range(11) for d in "0123456789" if d != good[i]]
    passed = [slip for slip in slips if is_legal_id(slip)]
    assert len(passed) <= len(slips) // 10, "a check digit modulo 11 lets a few through where the tenth remainder folds"
