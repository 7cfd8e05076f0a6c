package obligations_test

import data.obligations
import data.testing
import rego.v1

test_terms_are_passed_on if {
	facts := testing.with_terms({
		"k": 25,
		"max_rows": 7,
		"daily_queries": 3,
		"answer_mode": "rounded",
		"differencing": "refuse",
		"dominance": {"n": 1, "share": 0.8, "p": 0.1},
		"epsilon": {"per_statement": 0.1, "total": 1},
	})
	obligations.all == {
		"min_entities": {"s0": 25, "s1": 25},
		"max_rows": 7,
		"daily_queries": 3,
		"answer_mode": "rounded",
		"differencing": "refuse",
		"dominance": {"n": 1, "share": 0.8, "p": 0.1},
		"epsilon": {"per_statement": 0.1, "total": 1},
	} with input as facts
}

test_open_sources_are_not_counted if {
	facts := testing.with_query({"s0": "geo.cities"}, [testing.touch("s0", "city", "project", "")], [])
	obligations.all.min_entities == {} with input as facts
}

test_missing_term_leaves_none if {
	not obligations.all with input as json.remove(testing.access, ["contract/terms/k"])
	not obligations.all with input as {}
}
