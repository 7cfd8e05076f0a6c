# METADATA
# description: May a drafted contract come into force (F-12).
# schemas:
#   - input: schema.facts.input
package activation

import rego.v1

# METADATA
# description: The facts about the contract and its scope are whole.
default is_whole := false

is_whole if {
	data.shapes.contract_is_whole
	data.shapes.scope_is_whole
	data.shapes.tables_are_whole
	is_boolean(input.market.accepted)
	is_array(input.exclusive)
	every lock in input.exclusive {
		every name in [lock.dataset, lock.problem] {
			name > ""
			name < []
		}
		is_array(lock.executors)
		every executor in lock.executors {
			executor > ""
			executor < []
		}
		lock.phase in {"chosen", "development", "market"}
		is_boolean(lock.shared)
	}
}

# METADATA
# description: >-
#   The clauses every contract holds, and the rule that wants each. Asked here alone, because contracts that came into
#   force before there were any keep the text they were signed with.
rule_of_clause := {
	"governance": "S3-P1-R1",
	"upkeep": "S3-P1-R1",
	"cooperation": "S3-P1-R1",
	"competitor_entry": "S3-P6",
	"anti_monopoly": "S3-P6-R1",
}

# METADATA
# description: Why the contract may not come into force.
# scope: document
reasons contains reason if some reason in data.keys.reasons

reasons contains {"code": "STATE_FORBIDS", "rule": "F-13"} if not input.contract.state == "drafted"

reasons contains {"code": "NOT_NAMED", "rule": "S3-P3"} if count(input.contract.people) == 0

reasons contains {"code": "CLAUSE_MISSING", "rule": rule_of_clause[kind]} if {
	some kind, _ in rule_of_clause
	not kind in input.contract.clauses
}

reasons contains {"code": "INVALID", "rule": ""} if not input.contract.starts_at < input.contract.ends_at

reasons contains reason if some reason in data.contract.too_long

# Somebody else works on this data for this problem, or was chosen to, or is in the month of the market. A problem of
# another organisation may be let in beside them by the committee (I-08).
reasons contains {"code": "EXCLUSIVE", "rule": _rule_of_phase[lock.phase]} if {
	some lock in input.exclusive
	not input.contract.executor.id in lock.executors
	not _is_let_in(lock)
}

_is_let_in(lock) if {
	lock.problem != input.problem.id
	lock.shared == true
}

_rule_of_phase := {"chosen": "S3-P9-R1", "development": "S3-P9-R1", "market": "C-1"}

# Access to the market comes after the plan was accepted, never before.
reasons contains {"code": "MARKET_TOO_EARLY", "rule": "F-14"} if {
	not input.contract.profile == "development"
	not input.market.accepted == true
}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
