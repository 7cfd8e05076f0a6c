"""What is left of a contract's statements today and of its epsilon, from the very counts by which the gate refuses.

Rule S3-P5.
"""

from __future__ import annotations

from datetime import datetime

from access_broker.domain.contracts import Contract
from access_broker.use_cases.gate_ports import EpsilonSpent, Spent
from access_broker.use_cases.ports import Reader


def day_of(now: datetime) -> str:
    """The day that a statement at `now` (UTC) counts for: budgets begin anew at midnight UTC."""
    return now.date().isoformat()


def left_today(reader: Reader, spent: Spent, contract: Contract, now: datetime) -> int | None:
    """Statements that may still be answered; None while the contract gives no access, or the count is not seen here."""
    standing = reader.standing(contract.id)
    if standing is None or standing.why_not(contract.generation, now) is not None:
        return None
    counted = spent(contract.id, day_of(now))
    return None if counted is None else max(0, contract.terms.daily_queries - counted)


def epsilon_left(spent: EpsilonSpent, contract: Contract) -> float | None:
    """What no statement has spent yet; None where answers have no noise, or the count is not seen here."""
    epsilon = contract.terms.epsilon
    counted = None if epsilon is None else spent(contract.id)
    return None if epsilon is None or counted is None else epsilon.left(counted)
