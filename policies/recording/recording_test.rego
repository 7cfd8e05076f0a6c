package recording_test

import data.recording
import data.testing
import rego.v1

entrypoint := "recording"

test_good_facts_are_allowed if recording.decision == {"allow": true, "reasons": []} with input as testing.recording

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := recording.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.recording {
		every gap in testing.gaps.gaps(testing.recording, part) { recording.decision.allow == false with input as gap }
	}
}

cases := {
	"at the console the committee votes": {"facts": _with({"door": "console"}), "reasons": {"BALLOT_NEEDED S1-C2"}},
	"so does the other one": {
		"facts": _with({"door": "console", "committee": "qualification"}),
		"reasons": {"BALLOT_NEEDED S3-P1-R2"},
	},
	"whatever it is about": {"facts": _with({"subject": "lift"}), "reasons": set()},
	"a door nobody knows": {"facts": _with({"door": "window"}), "reasons": {"MALFORMED_FACTS"}},
	"a committee nobody knows": {"facts": _with({"committee": "tea"}), "reasons": {"MALFORMED_FACTS"}},
	"about nothing": {"facts": _with({"subject": ""}), "reasons": {"MALFORMED_FACTS"}},
}

test_cases[note] if {
	some note, case in cases
	decision := recording.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

_with(change) := object.union(testing.recording, change)
