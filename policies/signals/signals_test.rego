package signals_test

import data.signals
import data.testing
import rego.v1

entrypoint := "signals"

test_a_quiet_day_raises_nothing if {
	signals.decision == {"allow": true, "reasons": [], "signals": []} with input as testing.signals
}

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := signals.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_a_missing_part_refuses if {
	every part, _ in testing.signals {
		signals.decision.allow == false with input as object.remove(testing.signals, [part])
	}
}

test_a_wrong_value_refuses if {
	every part, _ in testing.signals {
		every gap in testing.gaps.wrong_in_one(testing.signals, part) {
			signals.decision.allow == false with input as gap
		}
	}
}

night := [0, 0, 9, 9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0]

day := [0, 0, 0, 0, 0, 0, 0, 50, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0]

none := [0 | some _ in night]

# What a fact raises at its threshold, and not just below it: `[kind, about, count, threshold, rule]`.
truth := {
	"no code often enough": {"facts": {"refusals": {"NOT_GRANTED": 29, "SYNTAX": 29}}, "raised": set()},
	"one code": {
		"facts": {"refusals": {"NOT_GRANTED": 29, "SYNTAX": 30}},
		"raised": {["refusals", "SYNTAX", 30, 30, "S3-P6-R2"]},
	},
	"two codes": {
		"facts": {"refusals": {"NOT_GRANTED": 31, "SYNTAX": 30}},
		"raised": {["refusals", "SYNTAX", 30, 30, "S3-P6-R2"], ["refusals", "NOT_GRANTED", 31, 30, "S3-P6-R2"]},
	},
	"below k in three words, not enough": {
		"facts": {"refusals": {"BELOW_K": 20, "DIFFERENCING": 20, "DOMINATED": 19}},
		"raised": set(),
	},
	"below k in three words": {
		"facts": {"refusals": {"BELOW_K": 20, "DIFFERENCING": 20, "DOMINATED": 20}},
		"raised": {["below_k", "", 60, 60, "S3-P5"]},
	},
	"a budget": {"facts": {"refusals": {"BUDGET_SPENT": 1}}, "raised": {["budget", "", 1, 1, "S3-P5"]}},
	"another budget": {"facts": {"refusals": {"EPSILON_SPENT": 40}}, "raised": {["budget", "", 40, 1, "S3-P5"]}},
	"names, not enough": {"facts": {"names": 14}, "raised": set()},
	"names": {"facts": {"names": 15}, "raised": {["probing", "", 15, 15, "S3-P5"]}},
	"egress, not enough": {"facts": {"egress": 9}, "raised": set()},
	"egress": {"facts": {"egress": 10}, "raised": {["egress", "", 10, 10, "S3-P8"]}},
	"at night": {"facts": {"hours": night}, "raised": {["odd_hours", "", 40, 40, "S3-P6-R2"]}},
	"in the day": {"facts": {"hours": day}, "raised": set()},
	"on a day off": {
		"facts": {"hours": day, "working": false},
		"raised": {["odd_hours", "", 150, 40, "S3-P6-R2"]},
	},
	"the contract's own threshold is lower": {
		"facts": {"refusals": {"SYNTAX": 3}, "thresholds": {"refusals": 3}},
		"raised": {["refusals", "SYNTAX", 3, 3, "S3-P6-R2"]},
	},
	"the contract's own threshold is out of reach": {
		"facts": {
			"refusals": {"SYNTAX": 999999, "BELOW_K": 999999},
			"thresholds": {"refusals": 1000000, "below_k": 1000000},
		},
		"raised": set(),
	},
	"a low threshold for refusals brings nothing else closer": {
		"facts": {"names": 14, "hours": night, "thresholds": {"refusals": 3}},
		"raised": {["odd_hours", "", 40, 40, "S3-P6-R2"]},
	},
	"a high one puts everything out of reach": {
		"facts": {
			"hours": night,
			"egress": 999999,
			"refusals": {"BUDGET_SPENT": 999999, "BELOW_K": 999999},
			"thresholds": {"refusals": 1000000},
		},
		"raised": set(),
	},
	"probing goes with refusals": {"facts": {"names": 999999, "thresholds": {"refusals": 1000000}}, "raised": set()},
	"unless it is named": {
		"facts": {"names": 5, "thresholds": {"refusals": 1000000, "probing": 5}},
		"raised": {["probing", "", 5, 5, "S3-P5"]},
	},
	"a name that is no kind": {
		"facts": {"names": 15, "thresholds": {"tea": 1}},
		"raised": {["probing", "", 15, 15, "S3-P5"]},
	},
}

test_truth_table[note] if {
	some note, case in truth
	decision := signals.decision with input as object.union(_empty, case.facts)
	decision.allow == true
	{[s.kind, s.about, s.count, s.threshold, s.rule] | some s in decision.signals} == case.raised
}

cases := {
	"half an hour": {"facts": _with({"hours": array.slice(night, 0, 23)}), "reasons": {"MALFORMED_FACTS"}},
	"less than none": {"facts": _with({"egress": -1}), "reasons": {"MALFORMED_FACTS"}},
	"a threshold of none": {"facts": _with({"thresholds": {"egress": 0}}), "reasons": {"MALFORMED_FACTS"}},
	"refusals as a list": {"facts": _with({"refusals": [3]}), "reasons": {"MALFORMED_FACTS"}},
	"half a refusal": {"facts": _with({"refusals": {"SYNTAX": 0.5}}), "reasons": {"MALFORMED_FACTS"}},
	"a loud day": {"facts": _with({"refusals": {"SYNTAX": 400}}), "reasons": set()},
}

test_reasons[note] if {
	some note, case in cases
	decision := signals.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

# What is wrong in the data: nothing is told by it.
test_broken_data_tells_nothing if {
	every thresholds in [{}, {"egress": 0}, object.remove(data.signals.thresholds, ["egress"])] {
		decision := signals.decision with input as testing.signals with data.signals.thresholds as thresholds
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
	every hours in [{"from": 19, "to": 7}, {"from": -1, "to": 5}, {"from": 7, "to": 25}, {}] {
		decision := signals.decision with input as testing.signals with data.signals.working_hours as hours
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
	decision := signals.decision with input as testing.signals with data.signals.codes as {"below_k": []}
	testing.agrees(decision, {"MALFORMED_FACTS"})
}

_empty := {"working": true, "hours": none, "names": 0, "egress": 0, "refusals": {}, "thresholds": {}}

_with(change) := object.union(object.remove(testing.signals, object.keys(change)), change)
