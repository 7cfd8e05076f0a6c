# METADATA
# description: May this login do anything now - the person, the token and the contract, no statement yet.
# schemas:
#   - input: schema.facts.input
package login

import rego.v1

# METADATA
# description: The facts about who asks and under which contract are whole.
default is_whole := false

is_whole if {
	data.shapes.asker_is_whole
	data.shapes.contract_is_whole
	data.shapes.scope_is_whole
	_tables_are_whole
}

# Tables are no part of this question. When they are told all the same they must be whole, for the level rests on them.
_tables_are_whole if not "tables" in object.keys(input)

_tables_are_whole if data.shapes.tables_are_whole

# METADATA
# description: Why this login may do nothing.
# scope: document
reasons contains reason if some reason in data.contract.reasons

reasons contains reason if some reason in data.party.reasons

reasons contains {"code": "TOKEN_NOT_VALID", "rule": ""} if not _is_own_login

reasons contains {"code": "TOKEN_EXPIRED", "rule": ""} if not input.now < input.login.expires_at

reasons contains {"code": "WRONG_DOOR", "rule": "S3-P8"} if not input.login.door == input.door

# A login of an older generation is dead: something was taken from the contract since it was issued.
_is_own_login if {
	input.login.person == input.person.id
	input.login.contract == input.contract.id
	input.login.generation == input.contract.generation
}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
