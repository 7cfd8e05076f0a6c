"""Checksums of Iranian identifiers. A number that passes is well formed; that it belongs to anyone is not said."""

from __future__ import annotations

import re

_TEN_DIGITS = re.compile(r"[0-9]{10}", re.ASCII)
_ELEVEN_DIGITS = re.compile(r"[0-9]{11}", re.ASCII)
_MOBILE = re.compile(r"09[0-9]{9}", re.ASCII)
_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)


def national_id_check_digit(body: str) -> int:
    """The tenth digit of a national id (کد ملی) from its first nine."""
    remainder = sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
    return remainder if remainder < 2 else 11 - remainder


def is_national_id(text: str) -> bool:
    """Ten Latin digits, leading zeros kept. Ten equal digits satisfy the sum but are never issued."""
    if _TEN_DIGITS.fullmatch(text) is None or len(set(text)) == 1:
        return False
    return int(text[9]) == national_id_check_digit(text[:9])


def is_legal_id(text: str) -> bool:
    """The 11-digit national id of a legal person (شناسه ملی), which an executor must have (S3-P3)."""
    if _ELEVEN_DIGITS.fullmatch(text) is None:
        return False
    shift = int(text[9]) + 2
    total = sum((int(digit) + shift) * weight for digit, weight in zip(text, _LEGAL_WEIGHTS, strict=False))
    return total % 11 % 10 == int(text[10])


def is_mobile(text: str) -> bool:
    """A mobile number as people dial it at home: `09` and nine digits."""
    return _MOBILE.fullmatch(text) is not None
