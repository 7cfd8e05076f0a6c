package violations_test

import data.testing
import data.violations
import rego.v1

entrypoint := "violations"

test_good_facts_are_classed if {
	decision := violations.decision with input as testing.violations
	decision.allow == true
	decision.class == "contractual"
	decision.ratify_working_days == data.violations.ratify_working_days
	decision.served_after_working_days == data.violations.served_after_working_days
	decision.on_lapse == data.violations.on_lapse
}

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := violations.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.violations {
		every gap in testing.gaps.gaps(testing.violations, part) {
			violations.decision.allow == false with input as gap
		}
	}
}

# The class of every kind, as it stands and raised by the contract. Nothing makes a protective one contractual.
classes := {
	["breach", false]: "protective",
	["breach", true]: "protective",
	["contract", false]: "contractual",
	["contract", true]: "protective",
	["egress", false]: "protective",
	["level_too_low", false]: "protective",
	["personal_data", false]: "protective",
	["repetition", false]: "contractual",
	["report_overdue", false]: "contractual",
	["report_overdue", true]: "protective",
	["security", false]: "protective",
}

test_class[concat(" ", [kind, json.marshal(is_raised)])] if {
	some [kind, is_raised], class in classes
	raised := [name | some name in [kind]; is_raised]
	decision := violations.decision with input as _with({"kind": kind, "raised": raised})
	decision.class == class
}

test_raising_another_kind_raises_nothing if {
	decision := violations.decision with input as _with({"raised": ["purpose", "report_overdue"]})
	decision.class == "contractual"
}

cases := {
	"a kind nobody knows": {"facts": _with({"kind": "tea"}), "reasons": {"KIND_UNKNOWN S3-P6-R2"}},
	"a kind nobody knows is not made known by raising it": {
		"facts": _with({"kind": "tea", "raised": ["tea"]}),
		"reasons": {"KIND_UNKNOWN S3-P6-R2"},
	},
	"a draft": {"facts": _with({"state": "drafted"}), "reasons": {"STATE_FORBIDS S3-P6-R2"}},
	"found after the cut": {"facts": _with({"state": "cut"}), "reasons": set()},
	"found after the end": {"facts": _with({"state": "ended"}), "reasons": set()},
	"no kind": {"facts": _with({"kind": ""}), "reasons": {"MALFORMED_FACTS"}},
	"a state nobody knows": {"facts": _with({"state": "thawed"}), "reasons": {"MALFORMED_FACTS"}},
	"raised is one text": {"facts": _with({"raised": "contract"}), "reasons": {"MALFORMED_FACTS"}},
	"raised holds no text": {"facts": _with({"raised": [7]}), "reasons": {"MALFORMED_FACTS"}},
}

test_reasons[note] if {
	some note, case in cases
	decision := violations.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

# What is wrong in the data: nothing is classed by it.
broken := {
	"a class nobody knows": {"classes": {"contract": "mild"}},
	"no time": {"ratify_working_days": 0},
	"half a day": {"served_after_working_days": 0.5},
	"a lapse nobody knows": {"on_lapse": "forgotten"},
}

test_broken_data_classes_nothing[note] if {
	some note, change in broken
	told := object.union(_data, change)
	decision := violations.decision with input as testing.violations
		with data.violations.classes as told.classes
		with data.violations.ratify_working_days as told.ratify_working_days
		with data.violations.served_after_working_days as told.served_after_working_days
		with data.violations.on_lapse as told.on_lapse
	testing.agrees(decision, {"MALFORMED_FACTS"})
}

_data := {
	"classes": data.violations.classes,
	"ratify_working_days": data.violations.ratify_working_days,
	"served_after_working_days": data.violations.served_after_working_days,
	"on_lapse": data.violations.on_lapse,
}

_with(change) := object.union(testing.violations, change)
