# METADATA
# description: >-
#   Which signals one day of a contract raises (S3-P6-R2). What was counted of the day comes as facts; thresholds,
#   working hours and the codes that belong together stand in data.json, and a contract may name thresholds of its own.
#   A signal takes nothing away: a person looks at it.
# schemas:
#   - input: schema.signals.input
package signals

import rego.v1

# METADATA
# description: The facts about the day are whole.
default is_whole := false

is_whole if {
	is_boolean(input.working)
	is_array(input.hours)
	count(input.hours) == 24
	every n in input.hours { _is_whole_number(n) }
	every n in [input.names, input.egress] { _is_whole_number(n) }
	is_object(input.refusals)
	every n in input.refusals { _is_whole_number(n) }
	is_object(input.thresholds)
	every n in input.thresholds {
		_is_whole_number(n)
		n >= 1
	}
}

# METADATA
# description: The data this package goes by is whole. Without it nothing could be told from nothing to tell.
default data_is_whole := false

data_is_whole if {
	every kind in {"below_k", "budget", "egress", "odd_hours", "probing", "refusals"} {
		data.signals.thresholds[kind] >= 1
		data.signals.rules[kind] > ""
	}
	every kind in {"below_k", "budget"} { count(data.signals.codes[kind]) > 0 }
	data.signals.working_hours.from >= 0
	data.signals.working_hours.from < data.signals.working_hours.to
	data.signals.working_hours.to <= 24
}

_is_whole_number(x) if {
	x >= 0
	x <= data.shapes.largest_whole
	floor(x) == x
}

# METADATA
# description: What there was of each kind. Refusals are counted code by code; those of another kind are not theirs.
# scope: document
counts contains {"kind": "refusals", "about": code, "count": n} if {
	some code, n in input.refusals
	not _is_elsewhere(code)
}

counts contains {"kind": kind, "about": "", "count": n} if {
	some kind, codes in data.signals.codes
	refused := [m | some code in codes; m := input.refusals[code]]
	n := sum(refused)
}

counts contains {"kind": "probing", "about": "", "count": input.names}

counts contains {"kind": "egress", "about": "", "count": input.egress}

counts contains {"kind": "odd_hours", "about": "", "count": _odd}

_is_elsewhere(code) if {
	some codes in data.signals.codes
	code in codes
}

# On a day off every hour is an odd one.
_odd := n if {
	input.working == false
	n := sum(input.hours)
}

_odd := n if {
	input.working == true
	odd := [m | some hour, m in input.hours; _is_odd(hour)]
	n := sum(odd)
}

_is_odd(hour) if hour < data.signals.working_hours.from

_is_odd(hour) if hour >= data.signals.working_hours.to

# METADATA
# description: >-
#   The threshold of a kind: the contract's own; else ours, or that of the contract for refusals where it is higher. So
#   whoever puts refusals out of reach has put everything out of reach that they do not name.
threshold(kind) := input.thresholds[kind]

threshold(kind) := max([data.signals.thresholds[kind], input.thresholds.refusals]) if not input.thresholds[kind]

threshold(kind) := data.signals.thresholds[kind] if {
	not input.thresholds[kind]
	not input.thresholds.refusals
}

# METADATA
# description: The signals, one for each count that has reached its threshold.
# scope: document
raised contains {
	"kind": counted.kind,
	"about": counted.about,
	"count": counted.count,
	"threshold": threshold(counted.kind),
	"rule": data.signals.rules[counted.kind],
} if {
	some counted in counts
	counted.count >= threshold(counted.kind)
}

# METADATA
# description: The answer. Facts that are not whole are the only reason then, because no other can be trusted.
# entrypoint: true
default decision := {"allow": false, "reasons": [{"code": "MALFORMED_FACTS", "rule": ""}]}

decision := {"allow": true, "reasons": [], "signals": sort(raised)} if {
	is_whole
	data_is_whole
}
