"""Every reason code there is. Sentences live in the translation catalogues only; docs/reasons.md is generated.

A code never reveals whether something that was not granted exists: NOT_GRANTED is also the answer to a typo.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReasonCode:
    """`group` orders the page; `rules` are the directive's ids that the code may be cited with."""

    code: str
    group: str
    rules: tuple[str, ...] = ()


_ALL = (
    # who
    ReasonCode("NO_TOKEN", "login"),
    ReasonCode("TOKEN_NOT_VALID", "login"),
    ReasonCode("TOKEN_EXPIRED", "login"),
    ReasonCode("WRONG_DOOR", "login", ("S3-P8",)),
    ReasonCode("PERSON_DISABLED", "login", ("S3-P3",)),
    ReasonCode("SIGN_IN_FAILED", "login"),
    ReasonCode("TOO_MANY_ATTEMPTS", "login"),
    # contract
    ReasonCode("CONTRACT_NOT_ACTIVE", "contract", ("S3-P1",)),
    ReasonCode("CONTRACT_NOT_STARTED", "contract", ("F-12",)),
    ReasonCode("CONTRACT_EXPIRED", "contract", ("S3-P9-R1",)),
    ReasonCode("CONTRACT_SUSPENDED", "contract", ("F-13",)),
    ReasonCode("CONTRACT_CUT", "contract", ("F-13", "S3-P6-R2")),
    ReasonCode("CONTRACT_ENDED", "contract", ("D-2",)),
    ReasonCode("NOT_NAMED", "contract", ("S3-P3",)),
    ReasonCode("NOT_ACKNOWLEDGED", "contract", ("S3-P7-R1",)),
    ReasonCode("SIGNATURE_MISSING", "contract", ("S3-P1",)),
    ReasonCode("APPROVAL_MISSING", "contract", ("S3-P4", "S3-P5", "S3-P1")),
    ReasonCode("SAME_PERSON_TWICE", "contract", ("S3-P5", "S3-P1")),
    ReasonCode("CONFLICT_OF_INTEREST", "contract", ("S1-C2",)),
    ReasonCode("CONSENT_MISSING", "contract", ("S1-P2",)),
    ReasonCode("GUARANTEE_MISSING", "contract", ("S3-P7-R1",)),
    ReasonCode("REPORTS_MISSING", "contract", ("S3-P1-R1", "S3-P8")),
    ReasonCode("EXECUTOR_NOT_REGISTERED", "contract", ("S3-P3",)),
    ReasonCode("SOVEREIGNTY_UNDETERMINED", "contract", ("S1-P4-R4",)),
    ReasonCode("TYPE_NOT_ALLOWED", "contract", ("B-2",)),
    ReasonCode("NOT_ON_RESOURCE_LIST", "contract", ("S1-P2",)),
    ReasonCode("TERM_TOO_LONG", "contract", ("S3-P9-R1", "F-12")),
    ReasonCode("LEVEL_TOO_LOW", "contract", ("F-12",)),
    # statement
    ReasonCode("BAD_TEXT", "statement"),
    ReasonCode("SYNTAX", "statement"),
    ReasonCode("NOT_A_QUERY", "statement"),
    ReasonCode("ONE_STATEMENT", "statement"),
    ReasonCode("TOO_COMPLEX", "statement"),
    ReasonCode("NOT_SUPPORTED", "statement"),
    ReasonCode("FUNCTION_NOT_ALLOWED", "statement"),
    ReasonCode("AMBIGUOUS_NAME", "statement"),
    ReasonCode("BAD_PARAMETERS", "statement"),
    ReasonCode("TYPES_DO_NOT_FIT", "statement"),
    # grant
    ReasonCode("NOT_GRANTED", "grant", ("S3-P5",)),
    ReasonCode("AGGREGATE_ONLY", "grant", ("S3-P5",)),
    ReasonCode("AGGREGATE_NOT_ALLOWED", "grant", ("S3-P5",)),
    ReasonCode("ARGUMENT_NOT_ALLOWED", "grant", ("S3-P5",)),
    ReasonCode("KEY_USE_NOT_ALLOWED", "grant", ("S3-P5",)),
    ReasonCode("JOIN_NOT_DECLARED", "grant", ("S3-P5",)),
    ReasonCode("BELOW_K", "grant", ("S3-P5",)),
    ReasonCode("DIFFERENCING", "grant", ("S3-P5",)),
    ReasonCode("DOMINATED", "grant", ("S3-P5",)),
    ReasonCode("BUDGET_SPENT", "grant", ("S3-P5",)),
    ReasonCode("LEDGER_FULL", "grant", ("S3-P5",)),
    ReasonCode("ROWS_SPENT", "grant", ("S3-P5",)),
    ReasonCode("EPSILON_SPENT", "grant", ("S3-P5",)),
    ReasonCode("NO_BOUNDS", "grant", ("S3-P5",)),
    # running
    ReasonCode("NOT_PUBLISHED", "running", ("S2-C3",)),
    ReasonCode("NOT_VERIFIED", "running", ("S3-P5",)),
    ReasonCode("RESOURCE_LIMIT", "running"),
    ReasonCode("TOO_SLOW", "running"),
    ReasonCode("VALUE_ERROR", "running"),
    ReasonCode("WORKER_LOST", "running"),
    ReasonCode("BUSY", "running"),
    ReasonCode("CANCELLED", "running"),
    # system
    ReasonCode("POLICY_UNAVAILABLE", "system"),
    ReasonCode("RECORDS_UNAVAILABLE", "system"),
    ReasonCode("AUDIT_UNAVAILABLE", "system"),
    ReasonCode("LEDGER_UNAVAILABLE", "system"),
    ReasonCode("MALFORMED_FACTS", "system"),
    ReasonCode("INTERNAL", "system"),
    # acts and requests
    ReasonCode("NOT_PERMITTED", "act", ("S1-C2", "F-2")),
    ReasonCode("NOT_FOUND", "act"),
    ReasonCode("INVALID", "act"),
    ReasonCode("CONFLICT", "act"),
    ReasonCode("GROUND_NOT_ALLOWED", "act", ("S3-P6-R2", "F-13")),
    ReasonCode("WARNING_NEEDED", "act", ("S3-P6-R2",)),
    ReasonCode("DECISION_NEEDED", "act", ("S3-P6-R2",)),
    ReasonCode("STATE_FORBIDS", "act", ("F-13", "S3-P6-R2")),
    ReasonCode("SCENARIO_FAULTY", "act"),
    ReasonCode("SOURCE_CHANGED", "act", ("S2-C3",)),
    ReasonCode("NOT_RUNNING", "act"),
    ReasonCode("SPAWN_NOT_AVAILABLE", "act", ("S3-P8",)),
    ReasonCode("SPAWN_FAILED", "act"),
    ReasonCode("SANDBOX_LIMIT", "act", ("S3-P3",)),
)
REASONS: dict[str, ReasonCode] = {r.code: r for r in _ALL}
