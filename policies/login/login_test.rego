package login_test

import data.login
import data.testing
import rego.v1

entrypoint := "login"

test_good_facts_are_allowed if login.decision == {"allow": true, "reasons": []} with input as testing.login

test_tables_may_be_told if {
	login.decision.allow == true with input as object.union(testing.login, {"tables": testing.scope.tables})
}

test_empty_input_is_refused if {
	every facts in [{}, null, [], "facts"] {
		decision := login.decision with input as facts
		testing.agrees(decision, {"MALFORMED_FACTS"})
	}
}

test_gap_refuses if {
	every part, _ in testing.login {
		every path, gap in testing.gaps.gaps(testing.login, part) { _is_refused(path, gap) }
	}
}

# A dataset that is not told is not asked about here.
_is_refused(path, _) if path in {`without ["datasets","census"]`, `without ["datasets","geo"]`}

_is_refused(_, gap) if login.decision.allow == false with input as gap

_with(change) := object.union(testing.login, change)

cases := {
	"token of another person": {
		"facts": _with({"login": {"person": "somebody"}}),
		"reasons": {"TOKEN_NOT_VALID"},
	},
	"token of another contract": {
		"facts": _with({"login": {"contract": "c2"}}),
		"reasons": {"TOKEN_NOT_VALID"},
	},
	"token of before a change": {
		"facts": _with({"login": {"generation": 2}}),
		"reasons": {"TOKEN_NOT_VALID"},
	},
	"token of the future": {
		"facts": _with({"login": {"generation": 4}}),
		"reasons": {"TOKEN_NOT_VALID"},
	},
	"another door": {"facts": _with({"door": "local"}), "reasons": {"WRONG_DOOR S3-P8"}},
	"a door nobody knows": {
		"facts": _with({"door": "window", "login": {"door": "window"}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"token expires now": {
		"facts": _with({"login": {"expires_at": testing.now}}),
		"reasons": {"TOKEN_EXPIRED"},
	},
	"token expires in a second": {
		"facts": _with({"login": {"expires_at": testing.now + 1}}),
		"reasons": set(),
	},
	"disabled": {"facts": _with({"person": {"disabled": true}}), "reasons": {"PERSON_DISABLED S3-P3"}},
	"not named": {"facts": _with({"contract": {"people": ["other"]}}), "reasons": {"NOT_NAMED S3-P3"}},
	"contract cut": {
		"facts": _with({"contract": {"state": "cut", "generation": 4}}),
		"reasons": {"CONTRACT_CUT F-13", "TOKEN_NOT_VALID"},
	},
	"key missing": {"facts": _with({"contract": {"ito_approved": false}}), "reasons": {"APPROVAL_MISSING S3-P1"}},
	"no datasets": {
		"facts": object.union(object.remove(testing.login, ["datasets"]), {"datasets": {}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"datasets as a list": {
		"facts": object.union(object.remove(testing.login, ["datasets"]), {"datasets": [{"sovereignty": "sovereign"}]}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"tables that are told must be whole": {"facts": _with({"tables": {}}), "reasons": {"MALFORMED_FACTS"}},
	"tables tell the level": {
		"facts": _with({"contract": {"level": "open"}, "tables": testing.scope.tables}),
		"reasons": {"LEVEL_TOO_LOW F-12"},
	},
}

test_reasons[note] if {
	some note, case in cases
	decision := login.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}
