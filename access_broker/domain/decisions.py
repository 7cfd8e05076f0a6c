"""A decision is a value: allow with obligations, or refuse with a reason. Nothing in between, nothing raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from access_broker.domain.contracts import Differencing, Dominance, Epsilon
from access_broker.domain.reasons import REASONS


@dataclass(frozen=True)
class Reason:
    """`code` is stable and documented in docs/reasons.md; `rule` is the directive's id.

    Where none is named it is the one that the code rests on: no decision goes without (PRE-1). Only a code that is not
    ours has none.
    """

    code: str
    rule: str = ""

    def __post_init__(self) -> None:
        known = REASONS.get(self.code)
        if not self.rule and known is not None:
            object.__setattr__(self, "rule", known.rules[0])


@dataclass(frozen=True)
class UseVerdict:
    table: str
    column: str
    use: str
    allowed: bool
    rule: str = ""
    code: str = ""


@dataclass(frozen=True)
class Obligations:
    """What an allowed statement must still obey.

    `min_entities`: source id → k, for every protected source. `max_rows`: rows of the answer.
    `answer_mode`: exact | rounded | dp. `differencing`, `dominance`: of the figures over protected sources.
    `epsilon`: what noise may spend, for dp alone.
    """

    min_entities: tuple[tuple[str, int], ...] = ()
    max_rows: int = 0
    answer_mode: str = "rounded"
    daily_queries: int = 0
    differencing: Differencing = Differencing.OFF
    dominance: Dominance | None = None
    epsilon: Epsilon | None = None

    def k_of(self, source: str) -> int | None:
        return dict(self.min_entities).get(source)

    def as_list(self) -> list[dict[str, Any]]:
        """The shape `amanat explain --json` and the audit show."""
        out: list[dict[str, Any]] = [{"kind": "min_entities", "source": s, "k": k} for s, k in self.min_entities]
        out.append({"kind": "max_rows", "rows": self.max_rows})
        out.append({"kind": "answer_mode", "mode": self.answer_mode})
        out.append({"kind": "daily_queries", "queries": self.daily_queries})
        if not self.min_entities:
            return out
        if self.epsilon is not None:  # noise does the work of the others
            amounts = {"per_statement": self.epsilon.per_statement, "total": self.epsilon.total}
            return [*out, {"kind": "epsilon", **amounts}]
        if self.differencing != Differencing.OFF:
            out.append({"kind": "differencing", "mode": self.differencing.value})
        if self.dominance is not None:
            out.append({"kind": "dominance", "n": self.dominance.n, "share": self.dominance.share})
            if self.dominance.p is not None:
                out.append({"kind": "p_percent", "p": self.dominance.p})
        return out


@dataclass(frozen=True)
class Decision:
    """Allowed exactly when there is no reason against it."""

    reasons: tuple[Reason, ...]
    uses: tuple[UseVerdict, ...] = ()
    obligations: Obligations = Obligations()

    @property
    def allowed(self) -> bool:
        return not self.reasons

    @classmethod
    def refuse(cls, code: str, rule: str = "") -> Decision:
        return cls((Reason(code, rule),))


class Refused(Exception):  # noqa: N818 - a refusal is an outcome, not an error of the program
    """Carries a refusal over a call boundary. Its text is the code only; sentences live in the catalogues.

    `detail` goes to the person who typed (a name they typed, a number they exceeded), never data or engine text.
    `why`: a more precise code for the audit alone, where telling it would itself be an answer; "" if there is none.
    """

    def __init__(self, code: str, rule: str = "", **detail: Any) -> None:
        super().__init__(f"[AMANAT:{code}]")
        self.reason = Reason(code, rule)
        self.detail = detail
        self.uses: tuple[UseVerdict, ...] = ()
        self.why = ""
        self.reasons: tuple[Reason, ...] = (self.reason,)  # every reason, when several were found at once
