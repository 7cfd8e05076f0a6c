"""A contract: who may read what, for which purpose, until when, and the keys that put it in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from access_broker.domain.clauses import ContractClause
from access_broker.domain.datasets import MaskTemplate, Mode, RareValues
from access_broker.domain.exclusivity import Profile
from access_broker.domain.people import Committee


class ContractState(StrEnum):
    DRAFTED = "drafted"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CUT = "cut"
    ENDED = "ended"


TRANSITIONS: dict[ContractState, frozenset[ContractState]] = {
    ContractState.DRAFTED: frozenset({ContractState.ACTIVE}),
    ContractState.ACTIVE: frozenset({ContractState.SUSPENDED, ContractState.CUT, ContractState.ENDED}),
    ContractState.SUSPENDED: frozenset({ContractState.ACTIVE, ContractState.CUT, ContractState.ENDED}),
    ContractState.CUT: frozenset(),
    ContractState.ENDED: frozenset(),
}
"""A cut is final: nothing leads out of it (F-13)."""


class Level(StrEnum):
    """What kind of data a contract reaches; `personal` needs both committees (S3-P5)."""

    OPEN = "open"
    ORGANISATIONAL = "organisational"
    PERSONAL = "personal"


class ContractType(StrEnum):
    """S3-P1 and B-2: sovereign data only under a public-private partnership."""

    PPP = "ppp"
    DEVELOPMENT_COMPANY = "development_company"
    SPIN_OFF = "spin_off"
    LICENCE = "licence"


class Signatory(StrEnum):
    """Who signs or approves the contract as a whole: both parties, and ITO consents (S3-P1)."""

    GOVERNMENT = "government"
    EXECUTOR = "executor"
    ITO = "ito"


class AnswerMode(StrEnum):
    """How aggregates over protected tables are answered; only `dp` gives a mathematical guarantee."""

    EXACT = "exact"
    ROUNDED = "rounded"
    DP = "dp"


class Differencing(StrEnum):
    OFF = "off"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Dominance:
    """(n, share) rule: the n largest contributors may hold at most `share` of a total.

    `p`, where it is asked for, is the p % rule: from a total and their own part the second largest contributor must not
    come nearer to the largest's than that share of it. With `share` 1 it stands alone.
    """

    n: int
    share: float
    p: float | None = None


MICRO = 1_000_000
"""Epsilon is counted in whole millionths."""


def micro(epsilon: float) -> int:
    """Whole millionths, never more than there are."""
    return int(round(epsilon * MICRO, 3))


@dataclass(frozen=True)
class Epsilon:
    """The privacy budget of a contract with answer mode `dp`.

    `per_statement`, `total`: what one statement, and all of them, may spend. `rows_per_person`, `groups_per_person`:
    how much of one person counts where people have several rows; more of them are answered with more noise.
    """

    per_statement: float
    total: float
    rows_per_person: int = 5
    groups_per_person: int = 3

    def left(self, spent: int) -> float:
        """What nobody has spent yet. `spent`: in millionths, as it is counted."""
        return max(0, micro(self.total) - spent) / MICRO


DEFAULT_AGGREGATES = (
    "amanat_percentile",
    "avg",
    "corr",
    "count",
    "count_if",
    "count_star",
    "covar_pop",
    "covar_samp",
    "regr_slope",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var_pop",
    "var_samp",
)


@dataclass(frozen=True)
class Terms:
    """The disclosure terms of one contract; the defaults are the product's strict ones.

    `k`: least distinct entities behind any released cell. `max_rows`: rows of one answer.
    `daily_queries`: statements per contract and UTC day. `clip`: column ref text → (low, high).
    `daily_rows`: of all answers in a UTC day; None leaves it to the two before. `answer_ms`: answers from people's rows
    take a whole multiple of it, so that how long one takes tells less; 0 for as long as they take.
    `top_code`: publishing caps aggregate-only figures where fewer than k people would stand above or below.
    """

    k: int = 10
    max_rows: int = 1000
    daily_queries: int = 1000
    aggregates: tuple[str, ...] = DEFAULT_AGGREGATES
    dominance: Dominance | None = None
    differencing: Differencing = Differencing.OFF
    answer_mode: AnswerMode = AnswerMode.ROUNDED
    epsilon: Epsilon | None = None
    clip: tuple[tuple[str, float, float], ...] = ()
    rare_values: RareValues = RareValues.GENERALISE
    top_code: bool = False
    daily_rows: int | None = None
    answer_ms: int = 0
    signals: tuple[tuple[str, int], ...] = ()  # thresholds of automatic signals, name → count per day
    protective: tuple[str, ...] = ()  # kinds of violations that end access at once, beside those of the policy (F-13)


@dataclass(frozen=True)
class ColumnGrant:
    column: str
    mode: Mode
    mask: MaskTemplate | None = None


@dataclass(frozen=True)
class TableGrant:
    """Only columns named here exist for the contract. `row_filter` is a predicate over the source's own columns."""

    dataset: str
    table: str
    columns: tuple[ColumnGrant, ...]
    row_filter: str | None = None


@dataclass(frozen=True)
class Guarantee:
    """S3-P7-R1: kind `nda` or `non_publication`, with its expiry; an expired one is a missing one."""

    kind: str
    expires_at: datetime


@dataclass(frozen=True)
class Approval:
    """A committee's key. `digest`: of the text it was given for; for any other text it is worth nothing."""

    committee: Committee
    person: str
    decision: str
    at: datetime
    digest: str = ""


@dataclass(frozen=True)
class Signature:
    """`person`, `at`: None where a scenario file tells that somebody signed. `digest`: of the text that was signed."""

    signatory: Signatory
    person: str | None = None
    at: datetime | None = None
    digest: str = ""


@dataclass(frozen=True)
class Consent:
    """The word of a dataset's steward that it may be lent under a contract of another organisation (S1-P2)."""

    dataset: str
    person: str
    at: datetime
    digest: str = ""


@dataclass(frozen=True)
class Contract:
    """`generation` counts every change that may take something away; a login of another generation is dead."""

    id: str
    problem: str
    executor: str
    owner: str
    type: ContractType
    purpose: str
    level: Level
    starts_at: datetime
    ends_at: datetime
    people: tuple[str, ...]
    scope: tuple[TableGrant, ...]
    terms: Terms = field(default_factory=Terms)
    report_every_days: int | None = 7
    legal_access_level_ref: str | None = None
    state: ContractState = ContractState.DRAFTED
    generation: int = 0
    signatures: tuple[Signature, ...] = ()
    approvals: tuple[Approval, ...] = ()
    consents: tuple[Consent, ...] = ()
    guarantees: tuple[Guarantee, ...] = ()
    acknowledged: tuple[str, ...] = ()  # people who accepted the non-disclosure terms
    clauses: tuple[ContractClause, ...] = ()  # none in contracts of before there were any
    follows: str | None = None  # the accepted contract that this one gives market access after (F-14)

    def grants_of(self, dataset: str, table: str) -> TableGrant | None:
        return next((t for t in self.scope if (t.dataset, t.table) == (dataset, table)), None)

    def signature_of(self, signatory: Signatory) -> Signature | None:
        """The one on record, for whatever text it was given."""
        return next((s for s in self.signatures if s.signatory is signatory), None)

    @property
    def profile(self) -> Profile:
        return Profile.DEVELOPMENT if self.follows is None else Profile.MARKET

    @property
    def ito_approved(self) -> bool:
        return self.signature_of(Signatory.ITO) is not None

    @property
    def signed_by(self) -> tuple[Signatory, ...]:
        """The parties that have signed; ITO consents, it is no party."""
        return tuple(s.signatory for s in self.signatures if s.signatory is not Signatory.ITO)


@dataclass(frozen=True)
class Standing:
    """The few facts that can take access away, cheap enough to read between two batches."""

    state: ContractState
    generation: int
    starts_at: datetime
    ends_at: datetime

    def why_not(self, generation: int, now: datetime) -> tuple[str, str] | None:
        """(reason code, rule) that ends a login of `generation` at `now`, or None while it stands."""
        ended = {
            ContractState.SUSPENDED: ("CONTRACT_SUSPENDED", "F-13"),
            ContractState.CUT: ("CONTRACT_CUT", "F-13"),
            ContractState.ENDED: ("CONTRACT_ENDED", "D-2"),
            ContractState.DRAFTED: ("CONTRACT_NOT_ACTIVE", "S3-P1"),
        }.get(self.state)
        if ended:
            return ended
        if now < self.starts_at:
            return ("CONTRACT_NOT_STARTED", "F-12")
        if now >= self.ends_at:
            return ("CONTRACT_EXPIRED", "S3-P9-R1")
        return None if self.generation == generation else ("TOKEN_NOT_VALID", "")
