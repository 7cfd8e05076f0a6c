"""Every reason code there is. Sentences live in the translation catalogues only; docs/reasons.md is generated.

A code never reveals whether something that was not granted exists: NOT_GRANTED is also the answer to a typo.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReasonCode:
    """`group` orders the page; `rules` are the directive's ids that the code may be cited with.

    The first of them is what a decision rests on that names none itself. For what is about the form of a request, the
    accounts or the system, that is the step or rule under which there is such a thing at all: F-1 the platform, F-2 who
    is who, S3-P5 access to data, S3-P8 that everything happens inside.
    """

    code: str
    group: str
    rules: tuple[str, ...]


_ALL = (
    # who
    ReasonCode("NO_TOKEN", "login", ("F-2",)),
    ReasonCode("TOKEN_NOT_VALID", "login", ("F-2",)),
    ReasonCode("TOKEN_EXPIRED", "login", ("F-2",)),
    ReasonCode("WRONG_DOOR", "login", ("S3-P8",)),
    ReasonCode("PERSON_DISABLED", "login", ("S3-P3",)),
    ReasonCode("SIGN_IN_FAILED", "login", ("F-2",)),
    ReasonCode("TOO_MANY_ATTEMPTS", "login", ("F-2",)),
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
    ReasonCode("SAME_PERSON_TWICE", "contract", ("S3-P5", "S3-P1", "D-2")),
    ReasonCode("CONFLICT_OF_INTEREST", "contract", ("S1-C2",)),
    ReasonCode("CONSENT_MISSING", "contract", ("S1-P2",)),
    ReasonCode("GUARANTEE_MISSING", "contract", ("S3-P7-R1", "S3-P7")),
    ReasonCode("CLAUSE_MISSING", "contract", ("S3-P1-R1", "S3-P6", "S3-P6-R1")),
    ReasonCode("REPORTS_MISSING", "contract", ("S3-P1-R1", "S3-P8")),
    ReasonCode("EXECUTOR_NOT_REGISTERED", "contract", ("S3-P3",)),
    ReasonCode("SOVEREIGNTY_UNDETERMINED", "contract", ("S1-P4-R4",)),
    ReasonCode("TYPE_NOT_ALLOWED", "contract", ("B-2",)),
    ReasonCode("NOT_ON_RESOURCE_LIST", "contract", ("S1-P2",)),
    ReasonCode("TERM_TOO_LONG", "contract", ("S3-P9-R1", "F-12", "F-14")),
    ReasonCode("EXCLUSIVE", "contract", ("S3-P9-R1", "C-1")),
    ReasonCode("MARKET_TOO_EARLY", "contract", ("F-14",)),
    ReasonCode("LEVEL_TOO_LOW", "contract", ("F-12",)),
    # what a committee decides
    ReasonCode("QUORUM_MISSING", "committee", ("S1-C2", "S3-P1-R2")),
    ReasonCode("ORGANISATION_SEAT_MISSING", "committee", ("S1-C2", "S3-P1-R2")),
    ReasonCode("OPINION_MISSING", "committee", ("S3-P1-R2",)),
    ReasonCode("FINDING_MISSING", "committee", ("F-5",)),
    ReasonCode("COMMITTEE_INCOMPLETE", "committee", ("F-4",)),
    ReasonCode("COLUMNS_REFUSED", "committee", ("S3-P5",)),
    ReasonCode("NOT_CARRIED", "committee", ("S1-C2",)),
    ReasonCode(
        "BALLOT_NEEDED",
        "committee",
        ("S1-C2", "S3-P1-R2", "S1-P4-R4", "S3-P1", "S3-P4", "S3-P5", "S3-P6-R2", "S3-P9", "F-13", "F-14", "D-1", "D-2"),
    ),
    # statement
    ReasonCode("BAD_TEXT", "statement", ("S3-P5",)),
    ReasonCode("SYNTAX", "statement", ("S3-P5",)),
    ReasonCode("NOT_A_QUERY", "statement", ("S3-P5",)),
    ReasonCode("ONE_STATEMENT", "statement", ("S3-P5",)),
    ReasonCode("TOO_COMPLEX", "statement", ("S3-P5",)),
    ReasonCode("NOT_SUPPORTED", "statement", ("S3-P5",)),
    ReasonCode("FUNCTION_NOT_ALLOWED", "statement", ("S3-P5",)),
    ReasonCode("AMBIGUOUS_NAME", "statement", ("S3-P5",)),
    ReasonCode("BAD_PARAMETERS", "statement", ("S3-P5",)),
    ReasonCode("TYPES_DO_NOT_FIT", "statement", ("S3-P5",)),
    # grant
    ReasonCode("NOT_GRANTED", "grant", ("S3-P5",)),
    ReasonCode("AGGREGATE_ONLY", "grant", ("S3-P5",)),
    ReasonCode("AGGREGATE_NOT_ALLOWED", "grant", ("S3-P5",)),
    ReasonCode("ARGUMENT_NOT_ALLOWED", "grant", ("S3-P5",)),
    ReasonCode("KEY_USE_NOT_ALLOWED", "grant", ("S3-P5",)),
    ReasonCode("VALUES_NOT_COUNTED", "grant", ("S3-P5",)),
    ReasonCode("JOIN_NOT_DECLARED", "grant", ("S3-P5",)),
    ReasonCode("BELOW_K", "grant", ("S3-P5",)),
    ReasonCode("DIFFERENCING", "grant", ("S3-P5",)),
    ReasonCode("DOMINATED", "grant", ("S3-P5",)),
    ReasonCode("BUDGET_SPENT", "grant", ("S3-P5",)),
    ReasonCode("LEDGER_FULL", "grant", ("S3-P5",)),
    ReasonCode("ROWS_SPENT", "grant", ("S3-P5",)),
    ReasonCode("EPSILON_SPENT", "grant", ("S3-P5",)),
    ReasonCode("NO_BOUNDS", "grant", ("S3-P5",)),
    ReasonCode("RELEASE_NOT_OPEN", "grant", ("S3-P5",)),
    # running
    ReasonCode("NOT_PUBLISHED", "running", ("S2-C3",)),
    ReasonCode("NOT_VERIFIED", "running", ("S3-P5",)),
    ReasonCode("RESOURCE_LIMIT", "running", ("S3-P8",)),
    ReasonCode("TOO_SLOW", "running", ("S3-P8",)),
    ReasonCode("VALUE_ERROR", "running", ("S3-P8",)),
    ReasonCode("WORKER_LOST", "running", ("S3-P8",)),
    ReasonCode("BUSY", "running", ("S3-P8",)),
    ReasonCode("CANCELLED", "running", ("S3-P8",)),
    # system
    ReasonCode("POLICY_UNAVAILABLE", "system", ("S3-P8",)),
    ReasonCode("RECORDS_UNAVAILABLE", "system", ("S3-P8",)),
    ReasonCode("AUDIT_UNAVAILABLE", "system", ("S3-P8",)),
    ReasonCode("LEDGER_UNAVAILABLE", "system", ("S3-P8",)),
    ReasonCode("MALFORMED_FACTS", "system", ("S3-P8",)),
    ReasonCode("INTERNAL", "system", ("S3-P8",)),
    # acts and requests
    ReasonCode("NOT_PERMITTED", "act", ("S1-C2", "F-2", "D-2")),
    ReasonCode("NOT_FOUND", "act", ("F-1",)),
    ReasonCode("INVALID", "act", ("F-1",)),
    ReasonCode("CONFLICT", "act", ("F-1",)),
    ReasonCode("GROUND_NOT_ALLOWED", "act", ("S3-P6-R2", "F-13")),
    ReasonCode("KIND_UNKNOWN", "act", ("S3-P6-R2",)),
    ReasonCode("WARNING_NEEDED", "act", ("S3-P6-R2",)),
    ReasonCode("REPETITION_NEEDED", "act", ("S3-P6-R2",)),
    ReasonCode("DECISION_NEEDED", "act", ("S3-P6-R2", "F-13", "S3-P9", "S3-P9-R1", "F-14", "D-1", "D-2")),
    ReasonCode("STATE_FORBIDS", "act", ("F-13", "S3-P6-R2", "D-1", "D-2", "F-14")),
    ReasonCode("END_NOT_COMPLETE", "act", ("D-2",)),
    ReasonCode("FAILURE_REPORT_MISSING", "act", ("D-1",)),
    ReasonCode("SCENARIO_FAULTY", "act", ("F-1",)),
    ReasonCode("SOURCE_CHANGED", "act", ("S2-C3",)),
    ReasonCode("NOT_RUNNING", "act", ("S3-P8",)),
    ReasonCode("SPAWN_NOT_AVAILABLE", "act", ("S3-P8",)),
    ReasonCode("SPAWN_FAILED", "act", ("S3-P8",)),
    ReasonCode("SANDBOX_LIMIT", "act", ("S3-P3",)),
)
REASONS: dict[str, ReasonCode] = {r.code: r for r in _ALL}
