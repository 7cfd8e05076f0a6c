package activation_test

import data.activation
import data.testing
import rego.v1

entrypoint := "activation"

test_good_facts_are_allowed if {
	activation.decision == {"allow": true, "reasons": []} with input as testing.activation
}

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := activation.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.activation {
		every path, gap in testing.gaps.gaps(testing.activation, part) {
			_is_refused(path, gap)
		}
	}
}

# What a column that is granted no more would have been used for is not asked here.
_is_refused(path, _) if startswith(path, `without ["tables","census.`)

_is_refused(path, _) if startswith(path, `without ["tables","geo.`)

_is_refused(_, gap) if activation.decision.allow == false with input as gap

cases := {
	"active already": {"facts": _with({"state": "active"}), "reasons": {"STATE_FORBIDS F-13"}},
	"cut": {"facts": _with({"state": "cut"}), "reasons": {"STATE_FORBIDS F-13"}},
	"suspended": {"facts": _with({"state": "suspended"}), "reasons": {"STATE_FORBIDS F-13"}},
	"ended": {"facts": _with({"state": "ended"}), "reasons": {"STATE_FORBIDS F-13"}},
	"as long as can be": {"facts": _with({"ends_at": testing.activation.term.latest_end}), "reasons": set()},
	"a second too long": {
		"facts": _with({"ends_at": testing.activation.term.latest_end + 1}),
		"reasons": {"TERM_TOO_LONG S3-P9-R1"},
	},
	"starts later": {"facts": _with({"starts_at": testing.now + 86400}), "reasons": set()},
	"ends when it starts": {
		"facts": _with({"starts_at": testing.now, "ends_at": testing.now}),
		"reasons": {"INVALID"},
	},
	"nobody named": {"facts": _with({"people": []}), "reasons": {"NOT_NAMED S3-P3"}},
	"nobody has acknowledged yet": {"facts": _with({"acknowledged": []}), "reasons": set()},
	"two keys missing": {
		"facts": _with({"ito_approved": false, "signatures": []}),
		"reasons": {"APPROVAL_MISSING S3-P1", "SIGNATURE_MISSING S3-P1"},
	},
	"people at a lower level": {"facts": _with({"level": "open"}), "reasons": {"LEVEL_TOO_LOW F-12"}},
	"a latest end that is no time": {
		"facts": object.union(testing.activation, {"term": {"latest_end": "never"}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a latest end before all times": {
		"facts": object.union(testing.activation, {"term": {"latest_end": -1}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a latest end after all times": {
		"facts": object.union(testing.activation, {"term": {"latest_end": 1e300}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a latest end between two seconds": {
		"facts": object.union(testing.activation, {"term": {"latest_end": testing.activation.term.latest_end + 0.5}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"no tables": {
		"facts": object.union(object.remove(testing.activation, ["tables"]), {"tables": {}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"no datasets": {
		"facts": object.union(object.remove(testing.activation, ["datasets"]), {"datasets": {}}),
		"reasons": {"MALFORMED_FACTS"},
	},
}

test_reasons[note] if {
	some note, case in cases
	decision := activation.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

_with(change) := object.union(testing.activation, {"contract": change})
