package contract_test

import data.contract
import data.testing
import rego.v1

entrypoint := "login"

cases := {
	"active": {"facts": _with({}), "reasons": set()},
	"drafted": {"facts": _with({"state": "drafted"}), "reasons": {"CONTRACT_NOT_ACTIVE S3-P1"}},
	"suspended": {"facts": _with({"state": "suspended"}), "reasons": {"CONTRACT_SUSPENDED F-13"}},
	"cut": {"facts": _with({"state": "cut"}), "reasons": {"CONTRACT_CUT F-13"}},
	"ended": {"facts": _with({"state": "ended"}), "reasons": {"CONTRACT_ENDED D-2"}},
	"starts now": {"facts": _with({"starts_at": testing.now}), "reasons": set()},
	"starts in a second": {
		"facts": _with({"starts_at": testing.now + 1}),
		"reasons": {"CONTRACT_NOT_STARTED F-12"},
	},
	"ends in a second": {"facts": _with({"ends_at": testing.now + 1}), "reasons": set()},
	"ends now": {"facts": _with({"ends_at": testing.now}), "reasons": {"CONTRACT_EXPIRED S3-P9-R1"}},
	"cut and over": {
		"facts": _with({"state": "cut", "ends_at": testing.now}),
		"reasons": {"CONTRACT_CUT F-13", "CONTRACT_EXPIRED S3-P9-R1"},
	},
	"as long as can be": {"facts": _with({"latest_end": testing.login.contract.ends_at}), "reasons": set()},
	"a second too long": {
		"facts": _with({"latest_end": testing.login.contract.ends_at - 1}),
		"reasons": {"TERM_TOO_LONG S3-P9-R1"},
	},
	"a second longer than the market month": {
		"facts": _with({"latest_end": testing.login.contract.ends_at - 1, "profile": "market"}),
		"reasons": {"TERM_TOO_LONG F-14"},
	},
	"without a key": {"facts": _with({"signatures": []}), "reasons": {"SIGNATURE_MISSING S3-P1"}},
}

test_reasons[note] if {
	some note, case in cases
	reasons := contract.reasons with input as case.facts
	testing.texts(reasons) == case.reasons
}

test_unknown_state_is_not_active if {
	reasons := contract.reasons with input as _with({"state": "thawed"})
	testing.texts(reasons) == {"CONTRACT_NOT_ACTIVE S3-P1"}
}

_with(change) := object.union(testing.login, {"contract": change})
