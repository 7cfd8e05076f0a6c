package party_test

import data.party
import data.testing
import rego.v1

entrypoint := "login"

cases := {
	"let in": {"facts": testing.login, "reasons": set()},
	"disabled": {"facts": _with({"person": {"disabled": true}}), "reasons": {"PERSON_DISABLED S3-P3"}},
	"not named": {"facts": _with({"contract": {"people": ["other"]}}), "reasons": {"NOT_NAMED S3-P3"}},
	"of another company": {
		"facts": _with({"person": {"organisation": "rival"}}),
		"reasons": {"NOT_NAMED S3-P3"},
	},
	"of another family": {"facts": _with({"person": {"family": "ito"}}), "reasons": {"NOT_NAMED S3-P3"}},
	"not on record": {
		"facts": _with({"person": {"family": "", "organisation": "", "disabled": true}}),
		"reasons": {"NOT_NAMED S3-P3", "PERSON_DISABLED S3-P3"},
	},
	"not acknowledged": {
		"facts": _with({"contract": {"acknowledged": []}}),
		"reasons": {"NOT_ACKNOWLEDGED S3-P7-R1"},
	},
}

test_reasons[note] if {
	some note, case in cases
	reasons := party.reasons with input as case.facts
	testing.texts(reasons) == case.reasons
}

test_nothing_told_lets_nobody_in if {
	reasons := party.reasons with input as {}
	testing.texts(reasons) == {"NOT_ACKNOWLEDGED S3-P7-R1", "NOT_NAMED S3-P3", "PERSON_DISABLED S3-P3"}
}

_with(change) := object.union(testing.login, change)
