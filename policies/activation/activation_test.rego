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
	"as long as can be": {"facts": _with({"ends_at": testing.activation.contract.latest_end}), "reasons": set()},
	"a second too long": {
		"facts": _with({"ends_at": testing.activation.contract.latest_end + 1}),
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
	"without a clause on governance": {
		"facts": _with({"clauses": ["upkeep", "cooperation", "competitor_entry", "anti_monopoly"]}),
		"reasons": {"CLAUSE_MISSING S3-P1-R1"},
	},
	"without a clause on upkeep": {
		"facts": _with({"clauses": ["governance", "cooperation", "competitor_entry", "anti_monopoly"]}),
		"reasons": {"CLAUSE_MISSING S3-P1-R1"},
	},
	"without a clause on later cooperation": {
		"facts": _with({"clauses": ["governance", "upkeep", "competitor_entry", "anti_monopoly"]}),
		"reasons": {"CLAUSE_MISSING S3-P1-R1"},
	},
	"without a plan for the entry of competitors": {
		"facts": _with({"clauses": ["governance", "upkeep", "cooperation", "anti_monopoly"]}),
		"reasons": {"CLAUSE_MISSING S3-P6"},
	},
	"without a clause against monopoly": {
		"facts": _with({"clauses": ["governance", "upkeep", "cooperation", "competitor_entry"]}),
		"reasons": {"CLAUSE_MISSING S3-P6-R1"},
	},
	"without any clause": {
		"facts": _with({"clauses": []}),
		"reasons": {"CLAUSE_MISSING S3-P1-R1", "CLAUSE_MISSING S3-P6", "CLAUSE_MISSING S3-P6-R1"},
	},
	"people at a lower level": {"facts": _with({"level": "open"}), "reasons": {"LEVEL_TOO_LOW F-12"}},
	"a latest end that is no time": {
		"facts": _with({"latest_end": "never"}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a latest end before all times": {
		"facts": _with({"latest_end": -1}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a latest end after all times": {
		"facts": _with({"latest_end": 1e300}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a latest end between two seconds": {
		"facts": _with({"latest_end": testing.activation.contract.latest_end + 0.5}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"nobody holds anything": {"facts": _locked([]), "reasons": set()},
	"a rival at work": {
		"facts": _locked([_lock({"executors": ["raqib"]})]),
		"reasons": {"EXCLUSIVE S3-P9-R1"},
	},
	"a rival that was chosen": {
		"facts": _locked([_lock({"executors": ["raqib"], "phase": "chosen"})]),
		"reasons": {"EXCLUSIVE S3-P9-R1"},
	},
	"a rival in the month of the market": {
		"facts": _locked([_lock({"executors": ["raqib"], "phase": "market"})]),
		"reasons": {"EXCLUSIVE C-1"},
	},
	"chosen together": {"facts": _locked([_lock({"executors": ["raqib", "tahlil"]})]), "reasons": set()},
	"nobody shares the data of one problem": {
		"facts": _locked([_lock({"executors": ["raqib"], "shared": true})]),
		"reasons": {"EXCLUSIVE S3-P9-R1"},
	},
	"a problem of another organisation": {
		"facts": _locked([_lock({"executors": ["raqib"], "problem": "p2"})]),
		"reasons": {"EXCLUSIVE S3-P9-R1"},
	},
	"let in beside a problem of another organisation": {
		"facts": _locked([_lock({"executors": ["raqib"], "problem": "p2", "shared": true})]),
		"reasons": set(),
	},
	"locks that are no list": {"facts": _locked({"census": "raqib"}), "reasons": {"MALFORMED_FACTS"}},
	"a lock that nobody knows the phase of": {
		"facts": _locked([_lock({"phase": "tea"})]),
		"reasons": {"MALFORMED_FACTS"},
	},
	"executors that are no list": {
		"facts": _locked([_lock({"executors": {"a": "tahlil"}})]),
		"reasons": {"MALFORMED_FACTS"},
	},
	"market access after acceptance": {
		"facts": object.union(_with({"profile": "market"}), {"market": {"accepted": true}}),
		"reasons": set(),
	},
	"market access before acceptance": {
		"facts": _with({"profile": "market"}),
		"reasons": {"MARKET_TOO_EARLY F-14"},
	},
	"market access for longer than a month": {
		"facts": object.union(
			_with({"profile": "market", "latest_end": testing.activation.contract.ends_at - 1}),
			{"market": {"accepted": true}},
		),
		"reasons": {"TERM_TOO_LONG F-14"},
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

_locked(locks) := object.union(testing.activation, {"exclusive": locks})

_lock(change) := object.union(testing.activation.exclusive[0], change)
