package acts_test

import data.acts
import data.testing
import rego.v1

entrypoint := "acts"

test_good_facts_are_allowed if acts.decision == {"allow": true, "reasons": []} with input as testing.acts

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := acts.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.acts {
		every gap in testing.gaps.gaps(testing.acts, part) { acts.decision.allow == false with input as gap }
	}
}

# Which act is possible on which ground in which state: a breach is suspended or cut at once by any one seat.
possible := {
	["warn", "S3-P6-R2", "active"],
	["warn", "S3-P6-R2", "suspended"],
	["suspend", "F-13", "active"],
	["cut", "F-13", "active"],
	["cut", "F-13", "suspended"],
	["cut", "S3-P6-R2", "active"],
	["cut", "S3-P6-R2", "suspended"],
	["lift", "F-13", "suspended"],
}

test_truth_table[concat(" ", [act, ground, state])] if {
	some act in {"warn", "suspend", "cut", "lift", "burn"}
	some ground in {"F-13", "S3-P6-R2", "F-12"}
	some state in {"drafted", "active", "suspended", "cut", "ended", "gone"}
	decision := acts.decision with input as _with({"act": act, "ground": ground, "contract": {"state": state}})
	{true | decision.allow} == {true | [act, ground, state] in possible}
}

cases := {
	"no seat": {"facts": _with({"seats": []}), "reasons": {"NOT_PERMITTED S1-C2"}},
	"a seat in the other committee": {
		"facts": _with({"seats": [{"committee": "qualification", "number": 1}]}),
		"reasons": {"NOT_PERMITTED S1-C2"},
	},
	"disabled": {"facts": _with({"person": {"disabled": true}}), "reasons": {"PERSON_DISABLED S3-P3"}},
	"the owner's steward cuts": {
		"facts": _with({"person": {"interested": true}}),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
	},
	"the owner's steward cuts on a breach": {
		"facts": _with({"ground": "F-13", "person": {"interested": true}}),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
	},
	"somebody who signed for a party lifts": {
		"facts": _with({
			"act": "lift",
			"ground": "F-13",
			"contract": {"state": "suspended"},
			"person": {"interested": true},
		}),
		"reasons": {"CONFLICT_OF_INTEREST S1-C2"},
	},
	"anybody of the committee suspends": {
		"facts": _with({"act": "suspend", "ground": "F-13", "person": {"interested": true}}),
		"reasons": set(),
	},
	"anybody of the committee warns": {
		"facts": _with({"act": "warn", "person": {"interested": true}}),
		"reasons": set(),
	},
	"wrong ground for a warning": {
		"facts": _with({"act": "warn", "ground": "F-13"}),
		"reasons": {"GROUND_NOT_ALLOWED S3-P6-R2"},
	},
	"wrong ground for a suspension": {
		"facts": _with({"act": "suspend"}),
		"reasons": {"GROUND_NOT_ALLOWED F-13"},
	},
	"no ground at all": {"facts": _with({"ground": ""}), "reasons": {"MALFORMED_FACTS"}},
	"an act nobody knows": {"facts": _with({"act": "burn"}), "reasons": {"MALFORMED_FACTS"}},
	"never warned": {"facts": _with({"warnings": []}), "reasons": {"WARNING_NEEDED S3-P6-R2"}},
	"warning not acknowledged": {
		"facts": _with({"warnings": [_warning({"acknowledged": false})]}),
		"reasons": {"WARNING_NEEDED S3-P6-R2"},
	},
	"warning withdrawn": {
		"facts": _with({"warnings": [_warning({"withdrawn": true})]}),
		"reasons": {"WARNING_NEEDED S3-P6-R2"},
	},
	"warning appealed": {
		"facts": _with({"warnings": [_warning({"appealed": true})]}),
		"reasons": {"WARNING_NEEDED S3-P6-R2"},
	},
	"nothing happened since": {
		"facts": _with({"warnings": [_warning({"repeated_at": null})]}),
		"reasons": {"REPETITION_NEEDED S3-P6-R2"},
	},
	"it happened while it could be mended": {
		"facts": _with({"warnings": [_warning({"repeated_at": testing.now - 86401})]}),
		"reasons": {"REPETITION_NEEDED S3-P6-R2"},
	},
	"it happened in the very second": {
		"facts": _with({"warnings": [_warning({"repeated_at": testing.now - 86400})]}),
		"reasons": set(),
	},
	"nobody knows since when it counts": {
		"facts": _with({"warnings": [_warning({"counts_from": null})]}),
		"reasons": {"REPETITION_NEEDED S3-P6-R2"},
	},
	"one warning counts and another is repeated": {
		"facts": _with({"warnings": [_warning({"repeated_at": null}), _warning({"appealed": true})]}),
		"reasons": {"REPETITION_NEEDED S3-P6-R2"},
	},
	"one of two warnings counts": {
		"facts": _with({"warnings": [
			_warning({"withdrawn": true}),
			_warning({}),
		]}),
		"reasons": set(),
	},
	"two half warnings are none": {
		"facts": _with({"warnings": [
			_warning({"withdrawn": true}),
			_warning({"acknowledged": false}),
		]}),
		"reasons": {"WARNING_NEEDED S3-P6-R2"},
	},
	"no decision": {"facts": _with({"decision": null}), "reasons": {"DECISION_NEEDED S3-P6-R2"}},
	"an empty decision": {"facts": _with({"decision": ""}), "reasons": {"DECISION_NEEDED S3-P6-R2"}},
	"a breach needs neither": {
		"facts": _with({"ground": "F-13", "decision": null, "warnings": []}),
		"reasons": set(),
	},
	"a cut is final": {
		"facts": _with({"act": "lift", "ground": "F-13", "contract": {"state": "cut"}}),
		"reasons": {"STATE_FORBIDS F-13"},
	},
	"a warning in a draft": {
		"facts": _with({"act": "warn", "contract": {"state": "drafted"}}),
		"reasons": {"STATE_FORBIDS S3-P6-R2"},
	},
}

# What each fact may not be.
wrong := {
	"now": [-1, 1.5, 1e300, "now", null],
	"ground": ["", 13, null, ["F-13"], {"F-13": true}],
	"decision": [17, true, ["d-17"], {"id": "d-17"}],
	"person": [
		{"id": "", "disabled": false, "interested": false},
		{"id": "chair", "disabled": "no", "interested": false},
		{"id": "chair", "disabled": null, "interested": false},
		{"id": "chair", "disabled": false},
		{"id": "chair", "disabled": false, "interested": null},
		{"id": "chair", "disabled": false, "interested": 0},
	],
	"seats": [
		{"1": {"committee": "monitoring", "number": 1}},
		[{"committee": "tea", "number": 1}],
		[{"committee": "monitoring", "number": "1"}],
		[{"committee": "monitoring", "number": -1}],
		[{"committee": "monitoring", "number": 1.5}],
		[{"committee": "monitoring", "number": 1e300}],
		"monitoring",
	],
	"contract": [{"id": "c1", "state": "thawed"}, {"id": 1, "state": "active"}],
	"warnings": [
		{"1": _warning({})},
		[_warning({"acknowledged": 1})],
		[_warning({"withdrawn": null})],
		[_warning({"appealed": "no"})],
		[_warning({"counts_from": -1})],
		[_warning({"repeated_at": 1.5})],
		[object.remove(_warning({}), ["repeated_at"])],
		true,
	],
}

test_wrong_facts_are_malformed[fact] if {
	some fact, values in wrong
	every value in values {
		decision := acts.decision with input as object.union(object.remove(testing.acts, [fact]), {fact: value})
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_a_suspension_needs_no_warning if {
	facts := _with({"act": "suspend", "ground": "F-13", "decision": null, "warnings": []})
	acts.decision.allow == true with input as facts
}

test_another_act_on_repetition_needs_no_warning if {
	facts := _with({"act": "warn", "decision": null, "warnings": []})
	acts.decision.allow == true with input as facts
}

test_reasons[note] if {
	some note, case in cases
	decision := acts.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

_warning(change) := object.union(testing.acts.warnings[0], change)

_with(change) := object.union(testing.acts, change)
