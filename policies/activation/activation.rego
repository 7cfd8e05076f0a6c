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
	input.term.latest_end >= 0
	input.term.latest_end <= data.shapes.largest_whole
	floor(input.term.latest_end) == input.term.latest_end
}

# METADATA
# description: Why the contract may not come into force.
# scope: document
reasons contains reason if some reason in data.keys.reasons

reasons contains {"code": "STATE_FORBIDS", "rule": "F-13"} if not input.contract.state == "drafted"

reasons contains {"code": "NOT_NAMED", "rule": "S3-P3"} if count(input.contract.people) == 0

reasons contains {"code": "INVALID", "rule": ""} if not input.contract.starts_at < input.contract.ends_at

reasons contains {"code": "TERM_TOO_LONG", "rule": "S3-P9-R1"} if not input.contract.ends_at <= input.term.latest_end

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
