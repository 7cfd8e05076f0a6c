# METADATA
# description: >-
#   May a sandbox be started for this person under this contract (S3-P8). There is no login yet: the token is made once
#   the answer is yes.
# schemas:
#   - input: schema.facts.input
package spawn

import rego.v1

# METADATA
# description: The facts about the person, the contract and the sandboxes there are, are whole.
default is_whole := false

is_whole if {
	data.shapes.person_is_whole
	data.shapes.contract_is_whole
	data.shapes.scope_is_whole
	data.shapes.tables_are_whole
	input.sandboxes.available in {true, false}
	every whole in [input.sandboxes.of_contract, input.sandboxes.running, input.sandboxes.most] {
		whole >= 0
		whole <= data.shapes.largest_whole
		floor(whole) == whole
	}
}

# METADATA
# description: Why no sandbox is started.
# scope: document
reasons contains reason if some reason in data.contract.reasons

reasons contains reason if some reason in data.party.reasons

reasons contains {"code": "SPAWN_NOT_AVAILABLE", "rule": "S3-P8"} if not input.sandboxes.available == true

reasons contains {"code": "SANDBOX_LIMIT", "rule": ""} if {
	input.sandboxes.available == true
	not input.sandboxes.running < input.sandboxes.most
}

# One for each named person and no more: another one would be somebody's whom the contract does not name.
reasons contains {"code": "SANDBOX_LIMIT", "rule": "S3-P3"} if {
	not input.sandboxes.of_contract < count(input.contract.people)
}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
