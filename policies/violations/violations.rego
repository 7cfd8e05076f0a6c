# METADATA
# description: >-
#   Of which class a violation is (S3-P6-R2, F-13), and the working days that follow from it. The kinds and the days
#   stand in data.json. A contract may raise a kind to protective and lower none.
# schemas:
#   - input: schema.violations.input
package violations

import rego.v1

# METADATA
# description: The facts are whole.
default is_whole := false

is_whole if {
	input.kind > ""
	input.kind < []
	input.state in data.shapes.states
	is_array(input.raised)
	every kind in input.raised {
		kind > ""
		kind < []
	}
}

# METADATA
# description: The data this package goes by is whole. Without it nothing is classed, and so nothing is recorded.
default data_is_whole := false

data_is_whole if {
	data.violations.on_lapse in {"lifted", "cut"}
	every days in [data.violations.ratify_working_days, data.violations.served_after_working_days] {
		days >= 1
		days <= 60
		floor(days) == days
	}
	count(data.violations.classes) > 0
	every class in data.violations.classes { class in {"protective", "contractual"} }
}

# METADATA
# description: Why it cannot be put on record. Nothing goes against a contract that was never in force.
# scope: document
reasons contains {"code": "KIND_UNKNOWN", "rule": "S3-P6-R2"} if not data.violations.classes[input.kind]

reasons contains {"code": "STATE_FORBIDS", "rule": "S3-P6-R2"} if input.state == "drafted"

# METADATA
# description: The class of the kind; what a contract raises is protective whatever it was before.
class := "protective" if {
	input.kind in input.raised
} else := data.violations.classes[input.kind]

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": false, "reasons": sort(reasons)} if {
	is_whole
	data_is_whole
	count(reasons) > 0
}

decision := {
	"allow": true,
	"reasons": [],
	"class": class,
	"ratify_working_days": data.violations.ratify_working_days,
	"served_after_working_days": data.violations.served_after_working_days,
	"on_lapse": data.violations.on_lapse,
} if {
	is_whole
	data_is_whole
	count(reasons) == 0
}
