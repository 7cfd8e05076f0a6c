"""Invented values for the demo's people: deterministic, valid by checksum, and belonging to nobody on purpose.

Every value is drawn from a digest of (seed, purpose, person), never from the `random` module, whose sequences may
change between Python versions. The dataset's manifest lists each of these columns as synthetic.
"""

from __future__ import annotations

import csv
import hashlib
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path

from access_broker.domain.identifiers import national_id_check_digit

SEED = "amanat-demo-1"

_BODIES = 10**9
_STRIDE = 387_420_489  # 3^18 has no factor in common with 10^9: no two people get the same nine digits
_MOBILE_PREFIXES = ("0910", "0911", "0912", "0913", "0914", "0915", "0916", "0917", "0918", "0919", "0935", "0936")

_WOMEN = (
    "زهرا فاطمه مریم سارا نرگس لیلا مینا شیرین پروین نسرین آناهیتا الهام سمیرا نازنین یاسمن مهسا پریسا "
    "هانیه ریحانه سپیده بهاره نیلوفر شقایق آزاده طاهره معصومه اعظم اکرم کبری صدیقه"
).split()
_MEN = (
    "علی محمد حسین رضا مهدی حسن امیر سعید مجید حمید بهرام کامران فرهاد داریوش سیاوش آرش بابک پیمان کیوان "
    "نیما سینا پویا آرمان یاسر جواد کاظم ناصر منصور ابراهیم اسماعیل"
).split()
_FAMILIES = (
    "محمدی حسینی احمدی رضایی کریمی موسوی جعفری قاسمی رحیمی ابراهیمی کاظمی مرادی صادقی اکبری نوری یوسفی "
    "رستمی عباسی باقری سلیمانی شریفی امینی حیدری نجفی طاهری فلاح زارع ملکی کیانی بهرامی فرهادی جلالی "
    "مظفری دهقان پارسا سلطانی توکلی خسروی شفیعی اسدی"
).split()

_BENEFITS = ("child", "disability", "elderly", "housing", "unemployment")


def draw(purpose: str, person: int, seed: str = SEED) -> int:
    """A number from 0 to 2^64 - 1, the same for the same arguments on every machine."""
    digest = hashlib.blake2b(f"{seed}/{purpose}/{person}".encode(), digest_size=8)
    return int.from_bytes(digest.digest(), "big")


def national_id(person: int, seed: str = SEED) -> str:
    """Ten digits with a right check digit, unique over 10^9 people."""
    body = f"{(draw('national_id', 0, seed) + person * _STRIDE) % _BODIES:09d}"
    return body + str(national_id_check_digit(body))


def full_name(person: int, sex: str, seed: str = SEED) -> str:
    """A common first name for `sex` (`Female` or anything else) and a common family name, in Persian."""
    first = _WOMEN if sex == "Female" else _MEN
    chosen = draw("name", person, seed)
    return f"{first[chosen % len(first)]} {_FAMILIES[chosen // len(first) % len(_FAMILIES)]}"


def mobile(person: int, seed: str = SEED) -> str:
    """A number of a prefix in use, as dialled at home."""
    chosen = draw("mobile", person, seed)
    return f"{_MOBILE_PREFIXES[chosen % len(_MOBILE_PREFIXES)]}{chosen // 64 % 10**7:07d}"


class Provinces:
    """Where people are said to live, in the proportions of the real provinces."""

    def __init__(self, table: Path) -> None:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.names = [row["province"] for row in rows]
        self.bounds = list(accumulate(int(row["population"]) for row in rows))

    def of(self, person: int, seed: str = SEED) -> str:
        return self.names[bisect_right(self.bounds, draw("province", person, seed) % self.bounds[-1])]


def benefits(person: int, seed: str = SEED) -> list[tuple[str, str, int]]:
    """No, one, two or three payments: (kind, Jalali month, thousand tomans)."""
    return [_benefit(draw(f"benefit-{at}", person, seed)) for at in range(draw("benefits", person, seed) % 4)]


def _benefit(chosen: int) -> tuple[str, str, int]:
    kind = _BENEFITS[chosen % len(_BENEFITS)]
    month = f"1404-{1 + chosen // 8 % 12:02d}"
    return kind, month, 500 + chosen // 128 % 7500
