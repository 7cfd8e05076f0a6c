package access_test

import data.access
import data.testing
import rego.v1

test_good_facts_are_allowed if {
	decision := access.decision with input as testing.access
	decision.allow == true
	decision.reasons == []
	count(decision.uses) == 10
	every use in decision.uses { use.allowed == true }
	decision.obligations.min_entities == {"s0": 10, "s1": 10}
}

test_select_1_is_allowed if {
	decision := access.decision with input as testing.with_query({}, [], [])
	decision.allow == true
	decision.uses == []
	decision.obligations.min_entities == {}
}

test_empty_input_is_refused if {
	access.decision.reasons == [{"code": "MALFORMED_FACTS", "rule": ""}] with input as {}
	access.decision.allow == false with input as {}
	access.decision.allow == false with input as null
	access.decision.allow == false with input as []
}

# One test for each part, so that none of them takes long.
test_gap_in_contract_refuses if _all_refused("contract", 60)

test_gap_in_query_refuses if _all_refused("query", 90)

test_gap_in_tables_refuses if _all_refused("tables", 20)

test_gap_elsewhere_refuses if {
	every part in object.keys(testing.access) - {"contract", "query", "tables"} { _all_refused(part, 1) }
}

_all_refused(part, at_least) if {
	gaps := testing.gaps.gaps(testing.access, part)
	count(gaps) >= at_least
	every gap in gaps {
		decision := access.decision with input as gap
		decision.allow == false
		count(decision.reasons) > 0
	}
}

entrypoint := "access"

cases := {
	"budget spent": {
		"facts": testing.with_facts({"today": {"queries": 100}}),
		"reasons": {"BUDGET_SPENT S3-P5"},
	},
	"last query of the day": {
		"facts": testing.with_facts({"today": {"queries": 99}}),
		"reasons": set(),
	},
	"no query a day": {
		"facts": testing.with_terms({"daily_queries": 0}),
		"reasons": {"BUDGET_SPENT S3-P5"},
	},
	"noise is the gateway's to add": {
		"facts": testing.with_terms({"answer_mode": "dp", "epsilon": {"per_statement": 0.1, "total": 1}}),
		"reasons": set(),
	},
	"differencing and dominance are the gateway's to keep": {
		"facts": testing.with_terms({"differencing": "refuse", "dominance": {"n": 1, "share": 0.8, "p": null}}),
		"reasons": set(),
	},
	"rounding is built": {
		"facts": testing.with_terms({"answer_mode": "rounded"}),
		"reasons": set(),
	},
	"noise without an epsilon": {
		"facts": testing.with_terms({"answer_mode": "dp", "epsilon": null}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"everything at once": {
		"facts": testing.with_facts({
			"today": {"queries": 100},
			"contract": {"state": "cut", "generation": 4},
			"query": {"unknown": [{"table": "people", "column": "name", "use": "project"}]},
		}),
		"reasons": {"BUDGET_SPENT S3-P5", "CONTRACT_CUT F-13", "NOT_GRANTED S3-P5", "TOKEN_NOT_VALID"},
	},
	"k of nobody": {"facts": testing.with_terms({"k": 0}), "reasons": {"MALFORMED_FACTS"}},
	"k and a half": {"facts": testing.with_terms({"k": 10.5}), "reasons": {"MALFORMED_FACTS"}},
	"k as text": {"facts": testing.with_terms({"k": "10"}), "reasons": {"MALFORMED_FACTS"}},
	"no rows": {"facts": testing.with_terms({"max_rows": 0}), "reasons": {"MALFORMED_FACTS"}},
	"a negative count": {"facts": testing.with_facts({"today": {"queries": -1}}), "reasons": {"MALFORMED_FACTS"}},
	"a mode nobody knows": {
		"facts": testing.with_facts({"tables": {"census.people": {"columns": {"city": "secret"}}}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a denied column is not told": {
		"facts": testing.with_facts({"tables": {"census.people": {"columns": {"city": "deny"}}}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a table of no dataset": {
		"facts": testing.with_facts({"tables": {"other.people": {"entity": null, "columns": {}}}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"a touch of no source": {
		"facts": testing.with_query({}, [testing.touch("s0", "city", "group", "")], []),
		"reasons": {"MALFORMED_FACTS"},
	},
	"nobody tells the tables": {
		"facts": object.remove(testing.with_query({}, [], []), ["tables"]),
		"reasons": {"MALFORMED_FACTS"},
	},
	"no tables at all": {
		"facts": object.union(object.remove(testing.with_query({}, [], []), ["tables"]), {"tables": {}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"share of everything": {
		"facts": testing.with_terms({"dominance": {"n": 1, "share": 1.5, "p": null}}),
		"reasons": {"MALFORMED_FACTS"},
	},
	"epsilon of nothing": {
		"facts": testing.with_terms({"answer_mode": "dp", "epsilon": {"per_statement": 0, "total": 1}}),
		"reasons": {"MALFORMED_FACTS"},
	},
}

test_reasons[note] if {
	some note, case in cases
	decision := access.decision with input as case.facts
	testing.agrees(decision, case.reasons)
}

test_reasons_are_sorted if {
	decision := access.decision with input as cases["everything at once"].facts
	[reason.code | some reason in decision.reasons] == [
		"BUDGET_SPENT",
		"CONTRACT_CUT",
		"NOT_GRANTED",
		"TOKEN_NOT_VALID",
	]
}

test_a_lost_refusal_does_not_allow if {
	decision := access.decision with input as testing.access
		with data.grants.reasons as set()
		with data.grants.is_granted as false
	decision.allow == false
}
