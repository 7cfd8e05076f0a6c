"""Which guarantees an executor hands in, and which class of data asks for more than the two of the directive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from access_broker.domain.datasets import DataClass


class GuaranteeKind(StrEnum):
    """S3-P7-R1 names the first two, which every contract needs; the others are asked for by class of data."""

    NDA = "nda"
    NON_PUBLICATION = "non_publication"
    DATA_PROTECTION = "data_protection"
    DEPOSIT = "deposit"
    INSURANCE = "insurance"


ALWAYS = (GuaranteeKind.NDA, GuaranteeKind.NON_PUBLICATION)


@dataclass(frozen=True)
class GuaranteeDemand:
    """The Qualification Committee's word on one class of data: what it asks for beside what is always asked for.

    One that is filed again for the same class takes the place of the first. `reference`: of the recorded decision.
    """

    KEY: ClassVar[tuple[str, ...]] = ("data_class",)

    data_class: DataClass
    kinds: tuple[str, ...]
    by: str
    at: datetime
    reference: str
