"""Organisations, people and committee seats (directive F-2, S1-C2, S3-P1-R2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Family(StrEnum):
    """The four role families of F-2; every person belongs to exactly one."""

    GOVERNMENT = "government"
    ITO = "ito"
    PRIVATE = "private"
    CITIZEN = "citizen"


class Role(StrEnum):
    """What a person does here beside a committee seat. Steward and auditor are offices, executor is a job."""

    EXECUTOR = "executor"
    STEWARD = "steward"
    OPERATOR = "operator"
    AUDITOR = "auditor"


ROLES_OF_FAMILY: dict[Family, frozenset[Role]] = {
    Family.GOVERNMENT: frozenset({Role.STEWARD, Role.AUDITOR}),
    Family.ITO: frozenset({Role.STEWARD, Role.OPERATOR, Role.AUDITOR}),
    Family.PRIVATE: frozenset({Role.EXECUTOR}),
    Family.CITIZEN: frozenset(),
}
"""A role outside its family is refused (F-2)."""


class Committee(StrEnum):
    MONITORING = "monitoring"
    QUALIFICATION = "qualification"


SEATS: dict[Committee, int] = {Committee.MONITORING: 6, Committee.QUALIFICATION: 5}
"""Six seats by S1-C2, five by S3-P1-R2."""

ORGANISATION_SEAT: dict[Committee, int] = {Committee.MONITORING: 6, Committee.QUALIFICATION: 4}
"""The seat of the organisation concerned: each organisation has its own, which speaks about its matters only."""

SECURITY_SEAT: dict[Committee, int] = {Committee.QUALIFICATION: 2}
"""The seat of the security office (Herasat), without whose opinion nothing is decided (S3-P1-R2)."""


@dataclass(frozen=True)
class Organisation:
    """`legal_id` is the 11-digit national id of a legal person; a private executor must have one (S3-P3)."""

    id: str
    family: Family
    name_en: str
    name_fa: str
    legal_id: str | None = None


@dataclass(frozen=True)
class Person:
    id: str
    organisation: str
    family: Family
    name_en: str
    name_fa: str
    roles: frozenset[Role] = frozenset()
    disabled: bool = False
    language: str = "fa"


@dataclass(frozen=True)
class Seat:
    """Votes count per seat, not per person; a delegation is a seat row with dates.

    `organisation`: whose seat it is, for the one that each organisation has of its own; None for the common ones.
    """

    committee: Committee
    number: int
    person: str
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    organisation: str | None = None

    def is_held(self, now: datetime) -> bool:
        return (self.valid_from is None or self.valid_from <= now) and (self.valid_to is None or now < self.valid_to)

    def speaks_for(self, organisation: str) -> bool:
        """Whether it has a say in what concerns that organisation (S1-C2)."""
        return self.organisation in (None, organisation)
