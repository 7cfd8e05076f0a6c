# METADATA
# description: May this statement be answered, and what must it obey then.
# schemas:
#   - input: schema.facts.input
package access

import rego.v1

# METADATA
# description: The facts are whole, those about the statement included.
default is_whole := false

is_whole if {
	data.login.is_whole
	data.shapes.tables_are_whole
	data.shapes.statement_is_whole
}

# METADATA
# description: Why the statement is refused.
# scope: document
reasons contains reason if some reason in data.login.reasons

reasons contains reason if some reason in data.grants.reasons

reasons contains {"code": "BUDGET_SPENT", "rule": "S3-P5"} if {
	not input.today.queries < input.contract.terms.daily_queries
}

default _is_allowed := false

_is_allowed if {
	count(reasons) == 0
	data.grants.is_granted
}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {
	"allow": false,
	"reasons": [{"code": "MALFORMED_FACTS", "rule": ""}],
	"uses": [],
	"obligations": {
		"min_entities": {},
		"max_rows": 0,
		"daily_queries": 0,
		"answer_mode": "rounded",
		"differencing": "refuse",
		"dominance": null,
		"epsilon": null,
	},
}

decision := {
	"allow": _is_allowed,
	"reasons": sort(reasons),
	"uses": sort(data.grants.uses),
	"obligations": data.obligations.all,
} if {
	is_whole
}
