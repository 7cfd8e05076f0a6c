package shapes_test

import data.shapes
import data.testing
import rego.v1

test_good_facts_are_whole if {
	shapes.asker_is_whole with input as testing.access
	shapes.contract_is_whole with input as testing.access
	shapes.scope_is_whole with input as testing.access
	shapes.tables_are_whole with input as testing.access
	shapes.statement_is_whole with input as testing.access
}

test_nothing_is_not_whole if {
	every facts in [{}, null, [], "facts", 1, true] {
		not shapes.asker_is_whole with input as facts
		not shapes.contract_is_whole with input as facts
		not shapes.scope_is_whole with input as facts
		not shapes.tables_are_whole with input as facts
		not shapes.statement_is_whole with input as facts
	}
}

not_whole_numbers := {
	"negative": -1,
	"broken": 1.5,
	"text": "1",
	"flag": true,
	"nothing": null,
	"list": [1],
	"huge": 1e16,
}

test_times_are_whole_numbers[note] if {
	some note, value in not_whole_numbers
	not shapes.contract_is_whole with input as testing.with_facts({"now": value})
}

test_k_is_a_whole_number[note] if {
	some note, value in not_whole_numbers
	not shapes.contract_is_whole with input as testing.with_terms({"k": value})
}

not_names := {"empty": "", "number": 1, "flag": true, "nothing": null, "list": ["a"], "object": {"a": "b"}}

test_ids_are_names[note] if {
	some note, value in not_names
	not shapes.contract_is_whole with input as testing.with_contract({"id": value})
}

test_people_are_names[note] if {
	some note, value in not_names
	not shapes.contract_is_whole with input as testing.with_contract({"people": ["analyst", value]})
}

test_people_are_a_list if {
	not shapes.contract_is_whole with input as testing.with_contract({"people": "analyst"})
}

test_columns_have_names[note] if {
	some note, name in {"empty": "", "rows": "*"}
	facts := testing.with_facts({"tables": {"geo.cities": {"columns": {name: "raw"}}}})
	not shapes.tables_are_whole with input as facts
}

test_tables_are_of_a_dataset[key] if {
	some key in {"cities", ".cities", "geo.", "geo.cities.raw", "other.cities", "."}
	facts := testing.with_facts({"tables": {key: {"entity": null, "columns": {"city": "raw"}}}})
	not shapes.tables_are_whole with input as facts
}

test_entity_is_null_or_a_name[note] if {
	some note, value in object.remove(not_names, ["nothing"])
	facts := testing.with_facts({"tables": {"geo.cities": {"entity": value}}})
	not shapes.tables_are_whole with input as facts
}

# Each key once without each of its fields, and once with something there that is right nowhere.
test_keys_are_whole[note] if {
	some part in ["approvals", "signed", "consents", "guarantees"]
	some field, _ in testing.contract[part][0]
	some note, key in {
		sprintf("%s without %s", [part, field]): object.remove(testing.contract[part][0], [field]),
		sprintf("%s with a list as %s", [part, field]): object.union(testing.contract[part][0], {field: [1]}),
		sprintf("%s with a number as %s", [part, field]): object.union(testing.contract[part][0], {field: -1.5}),
	}
	not shapes.contract_is_whole with input as testing.with_contract({part: [key]})
}

test_a_key_of_no_text_is_whole[part] if {
	some part in ["approvals", "signed", "consents"]
	keys := [object.union(key, {"digest": ""}) | some key in testing.contract[part]]
	shapes.contract_is_whole with input as testing.with_contract({part: keys})
}

test_what_the_contract_says_of_its_keys[note] if {
	some field in ["signed", "consents", "clauses", "demanded", "digest", "owner"]
	some note, value in {
		sprintf("%s is no number", [field]): 1,
		sprintf("%s is not null", [field]): null,
		sprintf("%s is no object", [field]): {"a": "b"},
		sprintf("%s is no list of numbers", [field]): [1],
	}
	not shapes.contract_is_whole with input as testing.with_facts({"contract": {field: value}})
}

test_a_dataset_has_an_owner[note] if {
	some note, value in object.remove(not_names, ["empty"])
	not shapes.scope_is_whole with input as testing.with_facts({"datasets": {"geo": {"owner": value}}})
}

test_joins_are_pairs[note] if {
	some note, pair in {
		"one": ["a"],
		"three": ["a", "b", "c"],
		"text": "ab",
		"object": {"a": "b", "c": "d"},
		"numbers": [1, 2],
	}
	not shapes.statement_is_whole with input as testing.with_facts({"joins": [pair]})
}

test_dataset_has_a_name if {
	nameless := {"datasets": {"": {"sovereignty": "sovereign", "owner": "survey"}}}
	not shapes.scope_is_whole with input as testing.with_facts(nameless)
}

test_source_has_a_name if {
	not shapes.statement_is_whole with input as testing.with_query({"": "geo.cities"}, [], [])
}

test_sources_have_ids if {
	listed := testing.with_query(["geo.cities"], [testing.touch(0, "city", "project", "")], [])
	not shapes.statement_is_whole with input as listed
}

test_dominance_and_epsilon[note] if {
	some note, terms in {
		"nobody": {"dominance": {"n": 0, "share": 0.5, "p": null}},
		"more than there are": {"dominance": {"n": 1e16, "share": 0.5, "p": null}},
		"one and a half": {"dominance": {"n": 1.5, "share": 0.5, "p": null}},
		"no share": {"dominance": {"n": 1, "share": 0, "p": null}},
		"no p at all": {"dominance": {"n": 1, "share": 0.5}},
		"p of nothing": {"dominance": {"n": 1, "share": 0.5, "p": 0}},
		"p of more than all": {"dominance": {"n": 1, "share": 0.5, "p": 1.1}},
		"p in words": {"dominance": {"n": 1, "share": 0.5, "p": "ten"}},
		"text": {"dominance": "all"},
		"no total": {"answer_mode": "dp", "epsilon": {"per_statement": 1}},
		"infinite": {"answer_mode": "dp", "epsilon": {"per_statement": 1, "total": 1e300}},
		"noise without an epsilon": {"answer_mode": "dp", "epsilon": null},
		"an epsilon without noise": {"answer_mode": "rounded", "epsilon": {"per_statement": 1, "total": 1}},
	}
	not shapes.contract_is_whole with input as testing.with_terms(terms)
}
