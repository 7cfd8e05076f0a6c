# METADATA
# description: >-
#   May something leave the platform (S3-P5). The proposer owns what is analysed and aggregated, and nothing else;
#   whether a result is that, an output review has to say, and there is none yet. Until there is, nothing leaves.
# schemas:
#   - input: schema.release.input
package release

import rego.v1

# METADATA
# description: What a result can be.
kinds := {"table", "figure", "text", "model", "code"}

# METADATA
# description: The facts about who asks, under which contract, and what is to leave, are whole.
default is_whole := false

is_whole if {
	every name in [input.person.id, input.contract.id] { _is_text(name) }
	input.person.disabled in {true, false}
	input.person.role in {"named", "overseer", "other"}
	every whole in [input.now, input.contract.starts_at, input.contract.ends_at, input.output.bytes] {
		whole >= 0
		whole <= data.shapes.largest_whole
		floor(whole) == whole
	}
	input.contract.state in data.shapes.states
	_profile_is_whole
	_is_digest(input.output.digest)
	input.output.kind in kinds
	_reviews_are_whole
}

_profile_is_whole if is_null(input.contract.release_profile)

_profile_is_whole if _is_text(input.contract.release_profile)

_reviews_are_whole if {
	is_array(input.reviews)
	every review in input.reviews {
		_is_text(review.reviewer)
		_is_digest(review.digest)
		review.decision in {"approved", "rejected"}
	}
}

_is_text(x) if {
	x > ""
	x < []
}

# SHA-256, in hexadecimal digits.
_is_digest(x) if {
	_is_text(x)
	count(x) == 64
}

# METADATA
# description: Why nothing leaves.
# scope: document
reasons contains {"code": "PERSON_DISABLED", "rule": "S3-P3"} if not input.person.disabled == false

reasons contains {"code": "NOT_NAMED", "rule": "S3-P3"} if not input.person.role == "named"

reasons contains data.contract.refusal_of_state[input.contract.state] if input.contract.state != "active"

reasons contains {"code": "CONTRACT_NOT_STARTED", "rule": "F-12"} if not input.contract.starts_at <= input.now

reasons contains {"code": "CONTRACT_EXPIRED", "rule": "S3-P9-R1"} if not input.now < input.contract.ends_at

# No profile and no review opens it: nobody can have made one that is worth anything before there is a way to make it.
reasons contains {"code": "RELEASE_NOT_OPEN", "rule": "S3-P5"}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
