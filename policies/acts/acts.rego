# METADATA
# description: >-
#   May this person warn, suspend, cut or lift (S3-P6-R2, F-13). One monitoring seat is enough and an act on F-13
#   takes effect at once; the committee ratifies it later.
# schemas:
#   - input: schema.acts.input
package acts

import rego.v1

# METADATA
# description: The grounds an act may rest on. F-13 is breach, S3-P6-R2 repetition after a written warning.
grounds := {
	"warn": {"S3-P6-R2"},
	"suspend": {"F-13"},
	"cut": {"F-13", "S3-P6-R2"},
	"lift": {"F-13"},
}

# METADATA
# description: The states of a contract in which an act is possible. A cut is final, so nothing is possible after it.
states := {
	"warn": {"active", "suspended"},
	"suspend": {"active"},
	"cut": {"active", "suspended"},
	"lift": {"suspended"},
}

# METADATA
# description: The facts about the act are whole.
default is_whole := false

is_whole if {
	grounds[input.act]
	every name in [input.ground, input.person.id, input.contract.id] {
		name > ""
		name < []
	}
	_is_whole_number(input.now)
	every flag in [input.person.disabled, input.person.interested] { is_boolean(flag) }
	input.contract.state in data.shapes.states
	_decision_is_whole
	_seats_are_whole
	_warnings_are_whole
}

_is_whole_number(x) if {
	x >= 0
	x <= data.shapes.largest_whole
	floor(x) == x
}

_decision_is_whole if is_null(input.decision)

_decision_is_whole if is_string(input.decision)

_seats_are_whole if {
	is_array(input.seats)
	every seat in input.seats {
		seat.committee in {"monitoring", "qualification"}
		_is_whole_number(seat.number)
	}
}

_warnings_are_whole if {
	is_array(input.warnings)
	every warning in input.warnings {
		every flag in [warning.acknowledged, warning.withdrawn, warning.appealed] { flag in {true, false} }
		every time in [time | some time in [warning.counts_from, warning.repeated_at]; time != null] {
			_is_whole_number(time)
		}
		count([warning.counts_from, warning.repeated_at]) == 2
	}
}

# METADATA
# description: Why the act may not be done.
# scope: document
reasons contains {"code": "NOT_PERMITTED", "rule": "S1-C2"} if not _holds_seat

reasons contains {"code": "PERSON_DISABLED", "rule": "S3-P3"} if not input.person.disabled == false

# Whoever sees a danger stops it, also somebody of a side; what opens access again, or ends it for good, is a judgement.
reasons contains {"code": "CONFLICT_OF_INTEREST", "rule": "S1-C2"} if {
	input.act in {"cut", "lift"}
	not input.person.interested == false
}

reasons contains {"code": "GROUND_NOT_ALLOWED", "rule": _rule} if not input.ground in grounds[input.act]

reasons contains {"code": "STATE_FORBIDS", "rule": _rule} if not input.contract.state in states[input.act]

reasons contains {"code": "WARNING_NEEDED", "rule": "S3-P6-R2"} if {
	_is_cut_on_repetition
	not _has_been_warned
}

reasons contains {"code": "REPETITION_NEEDED", "rule": "S3-P6-R2"} if {
	_is_cut_on_repetition
	_has_been_warned
	not _has_been_repeated
}

reasons contains {"code": "DECISION_NEEDED", "rule": "S3-P6-R2"} if {
	_is_cut_on_repetition
	not _has_decision
}

_holds_seat if {
	some seat in input.seats
	seat.committee == "monitoring"
}

_is_cut_on_repetition if {
	input.act == "cut"
	input.ground == "S3-P6-R2"
}

# A warning that neither was acknowledged nor counts as served may never have arrived; a withdrawn one does not count,
# and one that is appealed does not count until the committee has upheld it.
_counting contains warning if {
	some warning in input.warnings
	warning.acknowledged == true
	warning.withdrawn == false
	warning.appealed == false
}

_has_been_warned if count(_counting) > 0

# Repeated is what happened once the warning had arrived and the time to mend it was over.
_has_been_repeated if {
	some warning in _counting
	is_number(warning.counts_from)
	warning.repeated_at >= warning.counts_from
}

_has_decision if {
	is_string(input.decision)
	input.decision != ""
}

# The rule that speaks of the act.
_rule := "S3-P6-R2" if {
	input.act == "warn"
} else := "F-13"

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": count(reasons) == 0, "reasons": sort(reasons)} if is_whole
