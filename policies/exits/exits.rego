# METADATA
# description: >-
#   May this step of leaving the platform be taken (D-1, D-2), and may the work be accepted, which comes before one
#   (F-14). Whose approvals an exit needs follows from why somebody leaves.
# schemas:
#   - input: schema.exits.input
package exits

import rego.v1

# METADATA
# description: The committees whose approval an exit needs. A termination is the Monitoring Committee's alone (F-13).
keys_of := {
	"success": {"monitoring", "qualification"},
	"failure": {"monitoring", "qualification"},
	"voluntary": {"monitoring", "qualification"},
	"termination": {"monitoring"},
}

# METADATA
# description: The states of a contract from which it can be left in each way.
states := {
	"success": {"ended"},
	"failure": {"active", "suspended"},
	"voluntary": {"active", "suspended"},
	"termination": {"active", "suspended", "cut"},
}

# METADATA
# description: The states of an exit in which a step is possible. One that was refused may be asked for again.
open_to := {
	"ask": {"none", "refused"},
	"approve": {"asked", "one_approval"},
	"refuse": {"asked", "one_approval"},
	"report": {"asked", "one_approval", "closing"},
	"close": {"closing"},
}

# METADATA
# description: The facts about the step are whole.
default is_whole := false

is_whole if {
	input.step in {"accept", "ask", "approve", "refuse", "report", "close"}
	keys_of[input.kind]
	input.committee in {"monitoring", "qualification"}
	every name in [input.person.id, input.contract.id] {
		name > ""
		name < []
	}
	every flag in [
		input.person.disabled, input.person.named, input.person.interested,
		input.contract.accepted, input.exit.reported, input.exit.complete,
	] {
		flag in {true, false}
	}
	every whole in [input.now, input.contract.ends_at] {
		whole >= 0
		whole <= data.shapes.largest_whole
		floor(whole) == whole
	}
	input.contract.state in data.shapes.states
	input.contract.profile in {"development", "market"}
	input.exit.state in {"none", "asked", "one_approval", "closing", "closed", "refused"}
	is_array(input.seats)
	every seat in input.seats { seat in {"monitoring", "qualification"} }
	_keys_are_whole
}

_keys_are_whole if {
	is_array(input.exit.keys)
	every key in input.exit.keys {
		key.committee in {"monitoring", "qualification"}
		key.person > ""
		key.person < []
	}
}

# METADATA
# description: Why the step may not be taken.
# scope: document
reasons contains {"code": "PERSON_DISABLED", "rule": "S3-P3"} if not input.person.disabled == false

reasons contains {"code": "NOT_PERMITTED", "rule": _rule_of_seats} if not _is_entitled

# Whoever is of a side may ask to leave, and judges nothing; to terminate is to judge, for other exits give way to it.
reasons contains {"code": "CONFLICT_OF_INTEREST", "rule": "S1-C2"} if {
	_judges
	not input.person.interested == false
}

reasons contains {"code": "SAME_PERSON_TWICE", "rule": "D-2"} if {
	input.step == "approve"
	some key in input.exit.keys
	key.person == input.person.id
	key.committee != input.committee
}

# Accepted is what is at work, once.
reasons contains {"code": "STATE_FORBIDS", "rule": "F-14"} if {
	input.step == "accept"
	not _is_at_work
}

reasons contains {"code": "CONTRACT_EXPIRED", "rule": "S3-P9-R1"} if {
	input.step == "accept"
	not input.now < input.contract.ends_at
}

reasons contains {"code": "STATE_FORBIDS", "rule": "D-2"} if {
	input.step != "accept"
	not _is_open
}

reasons contains {"code": "STATE_FORBIDS", "rule": "D-2"} if {
	input.step in {"ask", "approve"}
	not _may_be_left
}

# What a committee has agreed to, it neither agrees to again nor does one of its seats refuse.
reasons contains {"code": "STATE_FORBIDS", "rule": "D-2"} if {
	input.step in {"approve", "refuse"}
	some key in input.exit.keys
	key.committee == input.committee
}

reasons contains {"code": "STATE_FORBIDS", "rule": "D-1"} if {
	input.step == "report"
	not input.kind == "failure"
}

reasons contains {"code": "END_NOT_COMPLETE", "rule": "D-2"} if {
	input.step == "close"
	not input.exit.complete == true
}

reasons contains {"code": "FAILURE_REPORT_MISSING", "rule": "D-1"} if {
	input.step == "close"
	input.kind == "failure"
	not input.exit.reported == true
}

_judges if input.step != "ask"

_judges if {
	input.kind == "termination"
	_is_entitled
}

_rule_of_seats := "S1-C2" if {
	input.step == "accept"
} else := "D-2"

_is_entitled if {
	input.step in {"accept", "report"}
	"monitoring" in input.seats
}

_is_entitled if {
	input.step == "ask"
	"monitoring" in input.seats
}

# Nobody terminates their own contract; that is what a voluntary exit is for.
_is_entitled if {
	input.step == "ask"
	input.kind != "termination"
	input.person.named == true
}

_is_entitled if {
	input.step in {"approve", "refuse"}
	input.committee in input.seats
	input.committee in keys_of[input.kind]
}

_is_entitled if {
	input.step == "close"
	some seat in input.seats
	seat in keys_of[input.kind]
}

_is_at_work if {
	input.contract.state == "active"
	input.contract.profile == "development"
	input.contract.accepted == false
}

_is_open if input.exit.state in open_to[input.step]

# A termination takes the place of what is not agreed yet, or a question nobody answers would keep it off.
_is_open if {
	input.step == "ask"
	input.kind == "termination"
	input.exit.state in {"asked", "one_approval"}
}

_may_be_left if {
	input.contract.state in states[input.kind]
	input.kind != "success"
}

_may_be_left if {
	input.contract.state in states[input.kind]
	input.kind == "success"
	input.contract.accepted == true
}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
