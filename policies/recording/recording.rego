# METADATA
# description: >-
#   May a seat write down here what its committee decided on paper, or does the committee have to vote (S1-C2). By which
#   doors it may, data.json says: the operator's command line comes through `rest`, scenario files are not asked.
# schemas:
#   - input: schema.recording.input
package recording

import rego.v1

# METADATA
# description: The facts are whole.
default is_whole := false

is_whole if {
	input.door in {"console", "rest"}
	input.committee in {"monitoring", "qualification"}
	input.subject > ""
	input.subject < []
}

# METADATA
# description: Why the committee has to vote.
# scope: document
reasons contains {"code": "BALLOT_NEEDED", "rule": _rule} if not input.door in data.recording.doors

# The rule that says who sits in the committee.
_rule := "S1-C2" if {
	input.committee == "monitoring"
} else := "S3-P1-R2"

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
