# METADATA
# description: What an allowed statement must still obey - the contract's disclosure terms.
# schemas:
#   - input: schema.facts.input
package obligations

import rego.v1

# METADATA
# description: The obligations. A term that is missing leaves this undefined, and `access` then falls back to its refusal.
all := {
	"min_entities": {source: input.contract.terms.k | some source in data.protection.guarded},
	"max_rows": input.contract.terms.max_rows,
	"daily_queries": input.contract.terms.daily_queries,
	"answer_mode": input.contract.terms.answer_mode,
	"differencing": input.contract.terms.differencing,
	"dominance": input.contract.terms.dominance,
	"epsilon": input.contract.terms.epsilon,
}
