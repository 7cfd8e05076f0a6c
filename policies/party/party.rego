# METADATA
# description: >-
#   Is this person one whom the contract lets in. Asked at every login, and before a sandbox is started, when there is
#   no login yet.
# schemas:
#   - input: schema.facts.input
package party

import rego.v1

# METADATA
# description: Why the contract does not let the person in.
# scope: document
reasons contains {"code": "PERSON_DISABLED", "rule": "S3-P3"} if not input.person.disabled == false

reasons contains {"code": "NOT_NAMED", "rule": "S3-P3"} if not _is_named

reasons contains {"code": "NOT_ACKNOWLEDGED", "rule": "S3-P7-R1"} if not _has_acknowledged

# No sub-contracting: only people of the executor itself, and of those only the named ones.
_is_named if {
	input.person.id in input.contract.people
	input.person.organisation == input.contract.executor.id
	input.person.family == "private"
}

_has_acknowledged if input.person.id in input.contract.acknowledged
