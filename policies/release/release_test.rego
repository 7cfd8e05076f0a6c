package release_test

import data.release
import data.testing
import rego.v1

entrypoint := "release"

# The best facts there could be: a profile of the committees, and a review of this very file that approves it.
test_even_good_facts_are_refused if {
	decision := release.decision with input as testing.release
	decision == {"allow": false, "reasons": [{"code": "RELEASE_NOT_OPEN", "rule": "S3-P5"}]}
}

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := release.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_is_malformed if {
	every part, _ in testing.release {
		every gap in testing.gaps.gaps(testing.release, part) {
			decision := release.decision with input as gap
			testing.agrees(decision, {"MALFORMED_FACTS"})
		}
	}
}

# Who asks, in which state of the contract: which reasons there are.
truth := {
	["named", "active"]: {"RELEASE_NOT_OPEN S3-P5"},
	["named", "drafted"]: {"RELEASE_NOT_OPEN S3-P5", "CONTRACT_NOT_ACTIVE S3-P1"},
	["named", "suspended"]: {"RELEASE_NOT_OPEN S3-P5", "CONTRACT_SUSPENDED F-13"},
	["named", "cut"]: {"RELEASE_NOT_OPEN S3-P5", "CONTRACT_CUT F-13"},
	["named", "ended"]: {"RELEASE_NOT_OPEN S3-P5", "CONTRACT_ENDED D-2"},
	["overseer", "active"]: {"RELEASE_NOT_OPEN S3-P5", "NOT_NAMED S3-P3"},
	["overseer", "cut"]: {"RELEASE_NOT_OPEN S3-P5", "NOT_NAMED S3-P3", "CONTRACT_CUT F-13"},
	["other", "active"]: {"RELEASE_NOT_OPEN S3-P5", "NOT_NAMED S3-P3"},
	["other", "ended"]: {"RELEASE_NOT_OPEN S3-P5", "NOT_NAMED S3-P3", "CONTRACT_ENDED D-2"},
}

test_truth_table[note] if {
	some asked, expected in truth
	note := sprintf("%v", [asked])
	decision := release.decision with input as _with({"person": {"role": asked[0]}, "contract": {"state": asked[1]}})
	testing.agrees(decision, expected)
}

cases := {
	"there is no profile": {
		"facts": _with({"contract": {"release_profile": null}}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5"},
	},
	"nobody has reviewed it": {"facts": _with({"reviews": []}), "reasons": {"RELEASE_NOT_OPEN S3-P5"}},
	"somebody has rejected it": {
		"facts": _with({"reviews": [_review({"decision": "rejected"})]}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5"},
	},
	"whoever asks has reviewed it": {
		"facts": _with({"reviews": [_review({"reviewer": "p1"})]}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5"},
	},
	"it is empty": {"facts": _with({"output": {"bytes": 0}}), "reasons": {"RELEASE_NOT_OPEN S3-P5"}},
	"the person is disabled": {
		"facts": _with({"person": {"disabled": true}}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5", "PERSON_DISABLED S3-P3"},
	},
	"the contract has not begun": {
		"facts": _with({"contract": {"starts_at": testing.now + 1}}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5", "CONTRACT_NOT_STARTED F-12"},
	},
	"the last second of the contract": {
		"facts": _with({"contract": {"ends_at": testing.now + 1}}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5"},
	},
	"the contract has run out": {
		"facts": _with({"contract": {"ends_at": testing.now}}),
		"reasons": {"RELEASE_NOT_OPEN S3-P5", "CONTRACT_EXPIRED S3-P9-R1"},
	},
	"rows are no result": {"facts": _with({"output": {"kind": "rows"}}), "reasons": {"MALFORMED_FACTS"}},
	"half a digest": {"facts": _with({"output": {"digest": "ab12"}}), "reasons": {"MALFORMED_FACTS"}},
	"a role nobody knows": {"facts": _with({"person": {"role": "guest"}}), "reasons": {"MALFORMED_FACTS"}},
	"a state nobody knows": {"facts": _with({"contract": {"state": "open"}}), "reasons": {"MALFORMED_FACTS"}},
	"less than nothing": {"facts": _with({"output": {"bytes": -1}}), "reasons": {"MALFORMED_FACTS"}},
	"reviews that are none": {"facts": _with({"reviews": ["approved"]}), "reasons": {"MALFORMED_FACTS"}},
	"a review that says nothing": {
		"facts": _with({"reviews": [_review({"decision": "perhaps"})]}),
		"reasons": {"MALFORMED_FACTS"},
	},
}

test_cases[note] if {
	some note, case in cases
	decision := release.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

_with(change) := object.union(testing.release, change)

_review(change) := object.union(testing.release.reviews[0], change)
