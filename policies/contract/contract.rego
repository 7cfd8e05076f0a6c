# METADATA
# description: Is the contract in force now - its state, its dates and all its keys.
# schemas:
#   - input: schema.facts.input
package contract

import rego.v1

# METADATA
# description: What is said of a contract that is not active. A state that is not named here is refused as well.
refusal_of_state := {
	"drafted": {"code": "CONTRACT_NOT_ACTIVE", "rule": "S3-P1"},
	"suspended": {"code": "CONTRACT_SUSPENDED", "rule": "F-13"},
	"cut": {"code": "CONTRACT_CUT", "rule": "F-13"},
	"ended": {"code": "CONTRACT_ENDED", "rule": "D-2"},
}

# METADATA
# description: Why the contract is not in force now.
# scope: document
reasons contains object.get(refusal_of_state, input.contract.state, refusal_of_state.drafted) if {
	not input.contract.state == "active"
}

reasons contains {"code": "CONTRACT_NOT_STARTED", "rule": "F-12"} if not input.contract.starts_at <= input.now

reasons contains {"code": "CONTRACT_EXPIRED", "rule": "S3-P9-R1"} if not input.now < input.contract.ends_at

reasons contains reason if some reason in too_long

reasons contains reason if some reason in data.keys.reasons

# METADATA
# description: >-
#   The term is longer than any may be: six Jalali months, or the month of the market. Asked at activation and again at
#   every decision, so that nobody prolongs one in force, in whatever way a row came to be written.
# scope: document
too_long contains {"code": "TERM_TOO_LONG", "rule": _rule_of_term} if {
	not input.contract.ends_at <= input.contract.latest_end
}

_rule_of_term := "F-14" if {
	input.contract.profile == "market"
} else := "S3-P9-R1"
