package spawn_test

import data.spawn
import data.testing
import rego.v1

entrypoint := "spawn"

test_good_facts_are_allowed if spawn.decision == {"allow": true, "reasons": []} with input as testing.spawn

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := spawn.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.spawn {
		every path, gap in testing.gaps.gaps(testing.spawn, part) { _is_refused(path, gap) }
	}
}

# A table or column that is not told is not granted; nothing is asked about it here.
_is_refused(path, _) if startswith(path, `without ["tables",`)

_is_refused(_, gap) if spawn.decision.allow == false with input as gap

_with(change) := object.union(testing.spawn, change)

cases := {
	"everything there": {"facts": testing.spawn, "reasons": set()},
	"without sandboxes": {
		"facts": _with({"sandboxes": {"available": false, "most": 0}}),
		"reasons": {"SPAWN_NOT_AVAILABLE S3-P8"},
	},
	"the last place": {"facts": _with({"sandboxes": {"running": 9, "most": 10}}), "reasons": set()},
	"no place left": {
		"facts": _with({"sandboxes": {"running": 10, "most": 10}}),
		"reasons": {"SANDBOX_LIMIT"},
	},
	"more than there are places": {
		"facts": _with({"sandboxes": {"running": 11, "most": 10}}),
		"reasons": {"SANDBOX_LIMIT"},
	},
	"no places at all": {
		"facts": _with({"sandboxes": {"running": 0, "most": 0}}),
		"reasons": {"SANDBOX_LIMIT"},
	},
	"as many as named people": {
		"facts": _with({"sandboxes": {"of_contract": 1}}),
		"reasons": {"SANDBOX_LIMIT S3-P3"},
	},
	"room for a second named person": {
		"facts": _with({"sandboxes": {"of_contract": 1}, "contract": {"people": ["analyst", "colleague"]}}),
		"reasons": set(),
	},
	"disabled": {"facts": _with({"person": {"disabled": true}}), "reasons": {"PERSON_DISABLED S3-P3"}},
	"not named": {"facts": _with({"contract": {"people": ["other"]}}), "reasons": {"NOT_NAMED S3-P3"}},
	"not acknowledged": {
		"facts": _with({"contract": {"acknowledged": []}}),
		"reasons": {"NOT_ACKNOWLEDGED S3-P7-R1"},
	},
	"drafted": {
		"facts": _with({"contract": {"state": "drafted", "generation": 0}}),
		"reasons": {"CONTRACT_NOT_ACTIVE S3-P1"},
	},
	"cut": {"facts": _with({"contract": {"state": "cut"}}), "reasons": {"CONTRACT_CUT F-13"}},
	"suspended": {"facts": _with({"contract": {"state": "suspended"}}), "reasons": {"CONTRACT_SUSPENDED F-13"}},
	"over": {
		"facts": _with({"contract": {"ends_at": testing.now}}),
		"reasons": {"CONTRACT_EXPIRED S3-P9-R1"},
	},
	"key missing": {"facts": _with({"contract": {"ito_approved": false}}), "reasons": {"APPROVAL_MISSING S3-P1"}},
	"level too low for what is granted": {
		"facts": _with({"contract": {"level": "open"}}),
		"reasons": {"LEVEL_TOO_LOW F-12"},
	},
	"no tables": {
		"facts": object.union(object.remove(testing.spawn, ["tables"]), {"tables": {}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"half a place": {"facts": _with({"sandboxes": {"running": 0.5}}), "reasons": {"MALFORMED_FACTS"}},
	"fewer than none": {"facts": _with({"sandboxes": {"of_contract": -1}}), "reasons": {"MALFORMED_FACTS"}},
}

test_reasons[note] if {
	some note, case in cases
	decision := spawn.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}
