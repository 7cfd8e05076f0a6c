# METADATA
# description: What an allowed statement must still obey - the contract's disclosure terms.
# schemas:
#   - input: schema.facts.input
package obligations

import rego.v1

# METADATA
# description: The obligations. Where a term is missing this is undefined, and `access` falls back to its refusal.
all := {
	"min_entities": entities,
	"max_rows": terms.max_rows,
	"daily_queries": terms.daily_queries,
	"answer_mode": terms.answer_mode,
	"differencing": terms.differencing,
	"dominance": terms.dominance,
	"epsilon": terms.epsilon,
} if {
	terms := input.contract.terms

	# Inside the comprehension a missing k would leave no obligation at all instead of no answer.
	k := terms.k
	entities := {source: k | some source in data.protection.guarded}
}
